"""Two entities of one class exchange calls; each call reaches the right one though methods and fields are the same."""

import stateflow


@stateflow.entity
class Account:
    def __init__(self, owner, balance):
        self.owner, self.balance, self.history = owner, balance, []

    def __key__(self):
        return self.owner

    def receive(self, sender, amount):
        self.balance += amount
        self.history.append((sender, amount))
        return self

    def send(self, receiver, amount):
        self.balance -= amount
        answer = receiver.receive(self, amount)
        self.history.append((receiver, -amount))
        return answer is receiver, answer is self, self.balance, receiver.balance


def script(world):
    ann, bob = world.create(Account, "ann", 10), world.create(Account, "bob", 20)
    world.call(ann, "send", bob, 3)
    world.call(bob, "send", ann, 4)
    world.call(ann, "send", ann, 5)
    world.state(ann)
