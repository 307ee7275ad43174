"""An exception raised by a remote call in finally replaces the one under way and has it as its context."""

import stateflow


@stateflow.entity
class Tool:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def use(self):
        raise ValueError("use " + self.name)

    def put_back(self):
        raise TypeError("back " + self.name)


@stateflow.entity
class Smith:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def forge(self, tool):
        try:
            tool.use()
        finally:
            tool.put_back()

    def report(self, tool):
        try:
            self.forge(tool)
        except TypeError as error:
            return str(error), type(error.__context__).__name__, str(error.__context__), tool.name


def script(world):
    smith = world.create(Smith, "s")
    tool = world.create(Tool, "hammer")
    world.call(smith, "report", tool)
    world.get(tool, "name")
