"""Loops over a string, bytes, a frozen set of one and dict views make remote calls in each round."""

import stateflow


@stateflow.entity
class Codec:
    def __init__(self, name):
        self.name, self.seen = name, 0

    def __key__(self):
        return self.name

    def shift(self, letter):
        self.seen += 1
        return chr(ord(letter) + self.seen)

    def number(self, value):
        self.seen += value
        return self.seen


@stateflow.entity
class Spy:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def encode(self, codec, text):
        out = ""
        for letter in text:
            out += codec.shift(letter)
        for byte in b"\x01\x02":
            out += str(codec.number(byte))
        for only in frozenset({3}):
            out += str(codec.number(only))
        table = {"k": 1, "l": 2}
        for key in table.keys():
            out += codec.shift(key)
        for value in table.values():
            out += str(codec.number(value))
        return out


def script(world):
    codec = world.create(Codec, "c")
    spy = world.create(Spy, "s")
    world.call(spy, "encode", codec, "abc")
    world.get(codec, "seen")
