"""Dataclass values with nested lists and references pass by value, with their methods reaching entities."""

from dataclasses import dataclass, field

import stateflow


@dataclass
class Line:
    product: "Product"
    amount: int
    notes: list = field(default_factory=list)

    def total(self):
        return self.product.price * self.amount


@stateflow.entity
class Product:
    def __init__(self, name, price):
        self.name, self.price, self.sold = name, price, 0

    def __key__(self):
        return self.name

    def sell(self, amount):
        self.sold += amount


@stateflow.entity
class Order:
    def __init__(self, number):
        self.number, self.lines = number, []

    def __key__(self):
        return self.number

    def add(self, line: Line):
        line.notes.append("added")
        self.lines.append(line)
        line.product.sell(line.amount)
        return line


@stateflow.entity
class Customer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def order(self, order, product):
        line = Line(product, 3)
        answer = order.add(line)
        line.amount = 100
        return line.notes, answer.notes, answer == line, answer.total(), sum(l.total() for l in order.lines), line.total()


def script(world):
    tea = world.create(Product, "tea", 4)
    order = world.create(Order, 1)
    customer = world.create(Customer, "ann")
    world.call(customer, "order", order, tea)
    world.state(order)
    world.get(tea, "sold")
