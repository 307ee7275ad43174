"""What is asked of the classes of each demo, in a world: of plain objects, or of the compiled classes."""

from __future__ import annotations

from typing import Any

from tests.judge.world import World

__all__ = ["SCRIPTS"]


def shop(demo: Any, world: World) -> None:
    """Buy one, refuse, buy of all, and undo."""
    tea, silver = world.create(demo.Item, "tea", 3), world.create(demo.Item, "silver", 70)
    ann = world.create(demo.User, "ann")
    for item in (tea, silver):
        world.call(item, "set_stock", 10)
    world.call(ann, "update_balance", 99)
    world.call(ann, "buy_item", 2, tea)
    world.call(ann, "buy_item", 2, silver)
    world.call(ann, "buy_all", 1, [tea, silver])
    world.call(ann, "buy_all", 1, [tea, silver])
    world.call(ann, "buy_item", 11, tea)


def bank(demo: Any, world: World) -> None:
    """Transfer, overdraw, lend, and close months until a loan is paid back."""
    vault = world.create(demo.Account, "vault", "the bank")
    world.call(vault, "deposit", 1_000_000)
    bank = world.create(demo.Bank, "ABC", vault)
    ann = world.call(bank, "open_account", "ann", 50_000, 10_000)
    bob = world.call(bank, "open_account", "bob", 500)
    eve = world.call(bank, "open_savings", "eve", 120_000, 300)
    world.call(bank, "open_account", "joe", 0)
    world.call(bank, "transfer", ann, bob, 55_000)
    world.call(bank, "transfer", ann, bob, 5_001)
    world.call(bank, "pay_each", bob, {ann: 15_000, eve: 90_000, vault: 500})
    world.call(bank, "lend", bob, 60_000, 12, 100)
    world.call(bank, "lend", ann, 24_000, 2, 50)
    world.call(bank, "lend", eve, 10_000_000, 2, 50)
    world.call(bob, "withdraw", world.get(bob, "available"), "rent")
    for _ in range(3):
        world.call(bank, "close_month")
    for account in (ann, bob, eve):
        world.call(account, "statement")
    world.call(bank, "richest", 2)
    world.call(bank, "total")


def booking(demo: Any, world: World) -> None:
    """Search, fail at the hotel and at the purse, cancel twice, and book what became free."""
    early = world.create(demo.Flight, "KL1", "Rome", 1, 2, 100)
    late = world.create(demo.Flight, "AZ7", "Rome", 1, 1, 140)
    inn = world.create(demo.Hotel, "Inn", "Rome", 2, 1, 50)
    palace = world.create(demo.Hotel, "Palace", "Rome", 5, 2, 200)
    agency = world.create(demo.Agency, "far away", [early, late], [inn, palace])
    ann, bob, eve = (world.create(demo.Traveller, name, money) for name, money in (("ann", 900), ("bob", 700), ("eve", 300)))
    wish = demo.TripWish("Rome", 1, 2)
    world.call(agency, "offers", wish)
    world.call(agency, "offers", demo.TripWish("Rome", 1, 2, stars=3))
    world.call(agency, "book_first_possible", ann, wish)
    world.call(agency, "try_book", bob, early, inn, demo.TripWish("Rome", 0, 2))
    world.call(agency, "try_book", eve, late, palace, wish)
    world.call(agency, "book_first_possible", bob, wish)
    world.call(agency, "book_first_possible", eve, wish)
    world.call(agency, "book_first_possible", eve, demo.TripWish("Oslo", 1, 2))
    trip = world.ref(demo.Reservation, 1)
    world.call(ann, "itinerary")
    world.call(agency, "cancel", trip)
    world.call(agency, "cancel", trip)
    world.call(trip, "describe")
    world.call(ann, "itinerary")
    world.call(agency, "book", eve, early, inn, wish)
    world.call(eve, "itinerary")


def orders(demo: Any, world: World) -> None:
    """Order, order an unused item, pay by customer and by name, deliver, and check all conditions."""
    items = [world.create(demo.Item, n, f"item-{n}", 100 * n, "ORIGINAL" if n % 2 else "") for n in range(1, 4)]
    north, south = world.create(demo.Warehouse, "north", 500), world.create(demo.Warehouse, "south", 1_200)
    for warehouse in (north, south):
        world.call(warehouse, "fill", items, 20)
    district = world.create(demo.District, 1, north, 100)
    customers = [world.create(demo.Customer, n, "CAB"[n], "BARBAR", 100 * n, n > 0) for n in range(3)]
    world.call(district, "add_customers", customers)
    auditor = world.create(demo.Auditor, "auditor", [north, south], [district])
    for supplier, quantity in ((north, 5), (south, 8), (north, 6)):
        world.call(district, "new_order", customers[quantity % 3], [demo.Wish(item, supplier, quantity) for item in items])
    unused = world.ref(demo.Item, 9_999)
    world.call(district, "new_order", customers[0], [demo.Wish(items[0], north, 1), demo.Wish(unused, north, 1)])
    for who in (customers[0], "BARBAR", "OUGHT"):
        world.call(district, "payment", who, 2_500)
    for limit in (1, 10, 10):
        world.call(district, "deliver", limit)
    world.call(district, "last_order", customers[0])
    world.call(district, "last_order", customers[1])
    world.call(auditor, "check", 20)
    world.call(auditor, "check", 21)


SCRIPTS = {"demo_common": shop, "bank": bank, "booking": booking, "orders": orders}
