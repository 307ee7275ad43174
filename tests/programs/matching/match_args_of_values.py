"""match on dataclass and enum values whose fields hold entities; the body calls those entities."""

from dataclasses import dataclass
from enum import Enum

import stateflow


class Side(Enum):
    BUY = 1
    SELL = 2


@stateflow.entity
class Book:
    def __init__(self, symbol):
        self.symbol, self.bids, self.asks = symbol, [], []

    def __key__(self):
        return self.symbol

    def bid(self, price):
        self.bids.append(price)
        return max(self.bids)

    def ask(self, price):
        self.asks.append(price)
        return min(self.asks)


@dataclass
class Order:
    side: Side
    book: Book
    price: int = 0


@stateflow.entity
class Exchange:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def place(self, order):
        match order:
            case Order(Side.BUY, book, price) if price > 0:
                return "bid", book.bid(price)
            case Order(Side.SELL, book=Book(symbol=symbol) as book, price=price):
                return symbol, book.ask(price)
            case Order(price=0 | -1):
                return "free", order.book.symbol


def script(world):
    book = world.create(Book, "ACME")
    exchange = world.create(Exchange, "x")
    for side, price in ((Side.BUY, 5), (Side.BUY, 3), (Side.SELL, 9), (Side.BUY, 0), (Side.BUY, -7)):
        world.call(exchange, "place", Order(side, book, price))
    world.state(book)
