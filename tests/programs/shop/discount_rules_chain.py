"""Discount rules are entities of several classes, asked one after the other until the price is low enough."""

import stateflow


@stateflow.entity
class Rule:
    def __init__(self, name, amount):
        self.name, self.amount, self.applied = name, amount, 0

    def __key__(self):
        return self.name

    def apply(self, price, customer):
        self.applied += 1
        return price - self.amount


@stateflow.entity
class Percentage(Rule):
    def apply(self, price, customer):
        return super().apply(price, customer) + self.amount - price * self.amount // 100


@stateflow.entity
class Loyalty(Rule):
    def apply(self, price, customer):
        return price if not customer.is_loyal() else super().apply(price, customer)


@stateflow.entity
class Customer:
    def __init__(self, name, orders):
        self.name, self.orders = name, orders

    def __key__(self):
        return self.name

    def is_loyal(self):
        return self.orders > 3

    def quote(self, price, rules, floor):
        used = []
        for rule in rules:
            new = rule.apply(price, self)
            if new < floor:
                break
            if new != price:
                used.append(rule.name)
            price = new
        else:
            used.append("all")
        self.orders += 1
        return price, used


def script(world):
    rules = [world.create(Rule, "fixed", 5), world.create(Percentage, "ten", 10), world.create(Loyalty, "loyal", 20)]
    ann, bob = world.create(Customer, "ann", 9), world.create(Customer, "bob", 3)
    world.call(ann, "quote", 100, rules, 10)
    world.call(bob, "quote", 100, rules, 10)
    world.call(bob, "quote", 50, rules[::-1], 40)
    world.get(rules[2], "applied")
