"""A generic base class of entities with a type variable; its methods call items of the concrete type."""

from typing import Generic, TypeVar

import stateflow

T = TypeVar("T")


@stateflow.entity
class Song:
    def __init__(self, title: str):
        self.title, self.plays = title, 0

    def __key__(self):
        return self.title

    def play(self) -> int:
        self.plays += 1
        return self.plays


class Shelf(Generic[T]):
    def __init__(self, name: str):
        self.name = name
        self.items: list[T] = []

    def __key__(self):
        return self.name

    def add(self, item: T) -> T:
        self.items.append(item)
        return item

    def first(self) -> T:
        return self.items[0]


@stateflow.entity
class Jukebox(Shelf[Song]):
    def play_all(self) -> list[int]:
        return [song.play() for song in self.items] + [self.first().play()]


def script(world):
    jukebox = world.create(Jukebox, "j")
    for title in ("x", "y"):
        world.call(jukebox, "add", world.create(Song, title))
    world.call(jukebox, "play_all")
    world.call(jukebox, "first")
