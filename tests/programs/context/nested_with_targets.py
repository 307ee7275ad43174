"""with targets may be a tuple, an attribute or a subscript; nested blocks see each other's."""

import stateflow


class Pair:
    def __init__(self, source):
        self.source = source

    def __enter__(self):
        return self.source.draw(), self.source.draw()

    def __exit__(self, *details):
        self.source.draw()


@stateflow.entity
class Deck:
    def __init__(self, name):
        self.name, self.cards = name, list(range(20))

    def __key__(self):
        return self.name

    def draw(self):
        return self.cards.pop()


@stateflow.entity
class Player:
    def __init__(self, name):
        self.name, self.hand, self.best = name, {}, None

    def __key__(self):
        return self.name

    def deal(self, deck):
        with Pair(deck) as (low, high):
            with Pair(deck) as self.best, Pair(deck) as self.hand[high]:
                inside = low, high, self.best
        return inside, self.hand, len(deck.cards)


def script(world):
    deck = world.create(Deck, "d")
    player = world.create(Player, "p")
    world.call(player, "deal", deck)
    world.state(player)
