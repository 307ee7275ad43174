"""Renewals in a loop: failures of single customers are collected, the others are charged."""

import stateflow


class CardExpired(Exception):
    def __init__(self, year):
        super().__init__(year)
        self.year = year


@stateflow.entity
class Customer:
    def __init__(self, name, expires, money):
        self.name, self.expires, self.money = name, expires, money

    def __key__(self):
        return self.name

    def charge(self, amount, year):
        if year > self.expires:
            raise CardExpired(self.expires)
        if amount > self.money:
            raise ValueError("poor", self.name)
        self.money -= amount
        return amount


@stateflow.entity
class Service:
    def __init__(self, name, fee):
        self.name, self.fee, self.income, self.problems = name, fee, 0, {}

    def __key__(self):
        return self.name

    def renew(self, customers, year):
        for customer in customers:
            try:
                self.income += customer.charge(self.fee, year)
            except CardExpired as error:
                self.problems[customer] = ("expired", error.year)
            except ValueError as error:
                self.problems.setdefault(customer, []).append(error.args[1])
            else:
                self.problems.pop(customer, None)
        return self.income, list(self.problems.values())


def script(world):
    customers = [world.create(Customer, n, e, m) for n, e, m in (("a", 2030, 50), ("b", 2020, 50), ("c", 2030, 5))]
    service = world.create(Service, "s", 10)
    world.call(service, "renew", customers, 2024)
    world.call(service, "renew", customers, 2019)
    world.state(service)
