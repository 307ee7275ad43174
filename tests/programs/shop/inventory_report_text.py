"""A report is built from remote reads with sorting, grouping, formatting and totals in one method."""

import stateflow


@stateflow.entity
class Product:
    def __init__(self, sku, group, price, stock):
        self.sku, self.group, self.price, self.stock = sku, group, price, stock

    def __key__(self):
        return self.sku

    def value(self):
        return self.price * self.stock


@stateflow.entity
class Reporter:
    def __init__(self, name):
        self.name, self.reports = name, 0

    def __key__(self):
        return self.name

    def report(self, products):
        self.reports += 1
        groups = {}
        for product in products:
            groups.setdefault(product.group, []).append(product)
        lines = [f"report {self.reports}"]
        for group in sorted(groups):
            members = sorted(groups[group], key=lambda p: (-p.value(), p.sku))
            lines.append(f"{group:<6}{sum(p.value() for p in members):>6}")
            lines.extend(f"  {p.sku}: {p.stock} x {p.price:.2f}" for p in members if p.stock)
        return "\n".join(lines)


def script(world):
    rows = (("a1", "tea", 2.5, 4), ("a2", "tea", 5.0, 2), ("b1", "cups", 7.25, 0), ("b2", "cups", 1.0, 100))
    products = [world.create(Product, *row) for row in rows]
    reporter = world.create(Reporter, "r")
    world.call(reporter, "report", products)
    world.call(reporter, "report", products[:1])
