"""sys.exc_info and sys.exception see the handled exception after remote calls, and nothing after the handler."""

import sys

import stateflow


@stateflow.entity
class Radio:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def send(self, text):
        if not text:
            raise ConnectionError("silence")
        return len(text)


@stateflow.entity
class Operator:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def talk(self, radio):
        before = sys.exc_info()
        try:
            radio.send("")
        except ConnectionError as error:
            sent = radio.send("help")
            kind, value, _ = sys.exc_info()
            same = value is error and sys.exception() is error
            try:
                radio.send("")
            except OSError as inner:
                nested = sys.exception() is inner
            outer_again = sys.exception() is error
        after = sys.exc_info()
        return before, kind is ConnectionError, same, nested, outer_again, after, sent


def script(world):
    radio = world.create(Radio, "r")
    operator = world.create(Operator, "o")
    world.call(operator, "talk", radio)
    world.call(operator, "talk", radio)
