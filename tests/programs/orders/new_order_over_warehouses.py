"""An order like TPC-C's: items from several warehouses, a district's counter, and a rollback of a bad item."""

import stateflow

EXPECTED_ERRORS = ("KeyError",)


@stateflow.entity
class Stock:
    def __init__(self, warehouse, quantities):
        self.warehouse, self.quantities, self.remote = warehouse, quantities, 0

    def __key__(self):
        return self.warehouse

    def take(self, item, n, home):
        quantity = self.quantities[item]
        self.quantities[item] = quantity - n if quantity >= n + 10 else quantity - n + 91
        self.remote += self is not home
        return f"{item}@{self.warehouse}"


@stateflow.entity
class District:
    def __init__(self, key, stock):
        self.key, self.stock, self.next_order, self.orders = key, stock, 1, []

    def __key__(self):
        return self.key

    def new_order(self, customer, lines):
        number = self.next_order
        self.next_order += 1
        order = Order((self.key, number), customer)
        self.orders.append(order)
        for index, (item, n, stock) in enumerate(lines, 1):
            order.add(index, (stock or self.stock).take(item, n, self.stock), n)
        return order, order.total()


@stateflow.entity
class Order:
    def __init__(self, number, customer):
        self.number, self.customer, self.lines = number, customer, {}

    def __key__(self):
        return self.number

    def add(self, index, label, n):
        self.lines[index] = label, n

    def total(self):
        return sum(n for _, n in self.lines.values())


def script(world):
    near, far = world.create(Stock, "near", {"a": 50, "b": 12}), world.create(Stock, "far", {"a": 5})
    district = world.create(District, "d1", near)
    world.call(district, "new_order", "ann", [("a", 5, None), ("b", 5, near), ("a", 1, far)])
    world.call(district, "new_order", "bob", [("a", 5, far), ("zzz", 1, None)])
    world.call(district, "new_order", "cas", [])
    world.state(district)
    world.state(far)
    world.state(world.ref(Order, ("d1", 1)))
