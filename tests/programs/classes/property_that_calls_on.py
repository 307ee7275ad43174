"""A property whose body itself asks a third entity, read through a local property."""

import stateflow


@stateflow.entity
class Currency:
    def __init__(self, code: str, rate: float):
        self.code, self.rate = code, rate

    def __key__(self):
        return self.code

    def convert(self, amount: int) -> float:
        return amount * self.rate


@stateflow.entity
class Product:
    def __init__(self, name: str, cents: int, currency: Currency):
        self.name, self.cents, self.currency = name, cents, currency

    def __key__(self):
        return self.name

    @property
    def price(self) -> float:
        return self.currency.convert(self.cents)

    @property
    def label(self) -> str:
        return f"{self.name} {self.price} {self.currency.code}"


@stateflow.entity
class Catalogue:
    def __init__(self, season: str, products: list[Product]):
        self.season, self.products = season, products

    def __key__(self):
        return self.season

    @property
    def total(self) -> float:
        return sum(product.price for product in self.products)

    def lines(self) -> list[str]:
        return [product.label for product in self.products if product.price < self.total]


def script(world):
    euro = world.create(Currency, "EUR", 0.5)
    products = [world.create(Product, n, c, euro) for n, c in (("tea", 100), ("cup", 300))]
    catalogue = world.create(Catalogue, "spring", products)
    world.get(catalogue, "total")
    world.call(catalogue, "lines")
    world.get(products[0], "label")
