"""What fills the demos with endpoints of their own, whose answers depend on the clock."""

from __future__ import annotations

from typing import Any

from tests.judge.world import World

__all__ = ["WEB_SCRIPTS"]


def chat(demo: Any, world: World) -> None:
    """Talk in two rooms, one with two pages."""
    ann, bob = world.create(demo.Member, "ann"), world.create(demo.Member, "bob")
    for room in (world.create(demo.Room, "tea", "leaves"), world.create(demo.Room, "books")):
        world.call(room, "join", ann)
        for number in range(demo.PAGE_MESSAGES + 2):
            world.call(room, "post", ann, f"message {number}")
        world.call(room, "post", bob, "from outside")


def auction(demo: Any, world: World) -> None:
    """Bid for one lot, and leave another alone."""
    ann, bob, eve = (world.create(demo.Bidder, name, 500) for name in ("ann", "bob", "eve"))
    lamp = world.create(demo.Lot, "lamp", "Lamp", ann, 10, 3600)
    world.create(demo.Lot, "radio", "Radio", bob, 10, 1)
    world.call(lamp, "bid", bob, 20)
    world.call(lamp, "bid", eve, 30)


WEB_SCRIPTS = {"chat.entities": chat, "auction.entities": auction}
