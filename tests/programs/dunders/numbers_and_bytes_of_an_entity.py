"""hex, oct, bin, chr, complex, bytes and bytearray ask another entity as they ask any object, and consume generator expressions over entities."""

import stateflow

EXPECTED_ERRORS = ("TypeError",)


@stateflow.entity
class Code:
    def __init__(self, name, number):
        self.name, self.number, self.asked = name, number, 0

    def __key__(self):
        return self.name

    def __index__(self):
        self.asked += 1
        return self.number

    def __complex__(self):
        self.asked += 10
        return complex(self.number, 1)

    def __bytes__(self):
        self.asked += 100
        return b"code" if self.number else 3


@stateflow.entity
class Plain:
    def __init__(self, name, *numbers):
        self.name, self.numbers = name, list(numbers)

    def __key__(self):
        return self.name

    def __iter__(self):
        return iter(self.numbers)


@stateflow.entity
class Printer:
    def __init__(self, name):
        self.name, self.lines = name, []

    def __key__(self):
        return self.name

    def show(self, code: Code):
        self.lines += [hex(code), oct(code), bin(code), chr(code)]
        return self.lines, complex(code), bytes(code), bytearray(code)

    def show_untyped(self, code):
        return f"{hex(code)}{complex(code)}", bytes(code), [b for b in bytearray(code)][:2]

    def gather(self, codes: list[Code], plain: Plain):
        return bytes(c.number for c in codes), bytearray(c.number for c in codes), bytes(plain), bytearray(plain)

    def local(self, number):
        return hex(number), chr(number), complex("1+2j"), complex(1, 2), bytes("ä", "utf-8"), bytes(3), bytearray(b"x"), bytes([1, 2]), bytes()

    def wrong(self, code: Code):
        return bytes(code)

    def unfit(self, plain: Plain):
        return hex(plain)


def script(world):
    code, zero = world.create(Code, "a", 66), world.create(Code, "zero", 0)
    plain = world.create(Plain, "p", 1, 2)
    printer = world.create(Printer, "x")
    world.call(printer, "show", code)
    world.call(printer, "show_untyped", code)
    world.call(printer, "gather", [code, zero], plain)
    world.call(printer, "local", 70)
    world.call(printer, "wrong", zero)
    world.call(printer, "unfit", plain)
    world.state(code)
    world.state(printer)
