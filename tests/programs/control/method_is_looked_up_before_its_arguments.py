"""A missing remote method is reported before any argument has an effect."""
import stateflow


@stateflow.entity
class Tool:
    def __init__(self, name):
        self.name = name
        self.uses = 0

    def __key__(self):
        return self.name

    def use(self, amount=1):
        self.uses += amount
        print("use", amount)
        return self.uses


@stateflow.entity
class Worker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def break_down(self, amount):
        return amount

    def missing(self, tool):
        try:
            return tool.break_down(tool.use(2))
        except AttributeError:
            return "missing", tool.uses

    def missing_with_keyword(self, tool):
        try:
            return tool.break_down(amount=tool.use(3))
        except AttributeError:
            return "missing", tool.uses

    def present(self, tool):
        return tool.use(tool.use(1) + tool.use(1))


def script(world):
    tool = world.create(Tool, "t")
    worker = world.create(Worker, "w")
    world.call(worker, "missing", tool)
    world.call(worker, "missing_with_keyword", tool)
    world.call(worker, "present", tool)
    world.state(tool)
