"""try/except/else inside a loop: else runs only without exception, continue in a handler skips the rest."""

import stateflow


@stateflow.entity
class Parser:
    def __init__(self, name):
        self.name, self.parsed = name, 0

    def __key__(self):
        return self.name

    def parse(self, text):
        value = int(text)
        self.parsed += 1
        return value


@stateflow.entity
class Importer:
    def __init__(self, name):
        self.name, self.rows, self.bad = name, [], []

    def __key__(self):
        return self.name

    def load(self, parser, lines):
        for number, line in enumerate(lines):
            try:
                value = parser.parse(line)
            except ValueError:
                self.bad.append(number)
                if len(self.bad) > 2:
                    break
                continue
            else:
                if value > parser.parsed:
                    self.rows.append(value)
            self.rows.append(number)
        else:
            return "complete", parser.parsed
        return "gave up", parser.parsed


def script(world):
    parser = world.create(Parser, "p")
    importer = world.create(Importer, "i")
    world.call(importer, "load", parser, ["5", "x", "1", "9"])
    world.call(importer, "load", parser, ["a", "4", "b", "7"])
    world.state(importer)
