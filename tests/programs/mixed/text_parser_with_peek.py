"""A recursive-descent parser keeps its position in a value object and resolves names at entities."""

import stateflow


class Tokens:
    def __init__(self, text):
        self.items, self.at = text.split(), 0

    def peek(self):
        return self.items[self.at] if self.at < len(self.items) else None

    def next(self):
        self.at += 1
        return self.items[self.at - 1]


@stateflow.entity
class Scope:
    def __init__(self, name, values, parent=None):
        self.name, self.values, self.parent = name, values, parent

    def __key__(self):
        return self.name

    def lookup(self, name):
        if name in self.values:
            return self.values[name]
        if self.parent is None:
            raise NameError(name)
        return self.parent.lookup(name)


@stateflow.entity
class Parser:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def term(self, tokens, scope):
        token = tokens.next()
        if token == "(":
            value = self.sum(tokens, scope)
            tokens.next()
            return value
        return int(token) if token.isdigit() else scope.lookup(token)

    def sum(self, tokens, scope):
        value = self.term(tokens, scope)
        while (operator := tokens.peek()) in ("+", "-"):
            tokens.next()
            value += self.term(tokens, scope) * (1 if operator == "+" else -1)
        return value

    def parse(self, text, scope):
        tokens = Tokens(text)
        try:
            return self.sum(tokens, scope)
        except NameError as error:
            return "unknown", error.args[0], tokens.at


def script(world):
    outer = world.create(Scope, "outer", {"x": 10, "y": 1})
    inner = world.create(Scope, "inner", {"y": 2}, outer)
    parser = world.create(Parser, "p")
    for text in ("1 + x", "( x - ( y + 1 ) ) + x", "x + z - 1"):
        world.call(parser, "parse", text, inner)
        world.call(parser, "parse", text, outer)
