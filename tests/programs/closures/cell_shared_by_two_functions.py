"""Two nested functions share one cell; each changes it around remote calls and both see it."""

import stateflow


@stateflow.entity
class Bank:
    def __init__(self, name):
        self.name, self.calls = name, 0

    def __key__(self):
        return self.name

    def approve(self, amount):
        self.calls += 1
        return amount <= 50


@stateflow.entity
class Cashier:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def serve(self, bank, moves):
        balance = 100
        history = []

        def deposit(amount):
            nonlocal balance
            if bank.approve(amount):
                balance += amount
            history.append(balance)

        def withdraw(amount):
            nonlocal balance
            before = balance
            balance -= amount
            if not bank.approve(amount):
                balance = before
            history.append(balance)

        for move in moves:
            (deposit if move > 0 else withdraw)(abs(move))
        balance *= 10
        deposit(1)
        return balance, history


def script(world):
    bank = world.create(Bank, "b")
    cashier = world.create(Cashier, "c")
    world.call(cashier, "serve", bank, [20, -30, -80, 60])
    world.get(bank, "calls")
