"""The name of an except body that a lambda captures is unbound when the body ends by an exception, continue or return."""
import stateflow


@stateflow.entity
class Fuse:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def blow(self, error):
        raise error


@stateflow.entity
class Panel:
    def __init__(self, name):
        self.name = name
        self.log = []

    def __key__(self):
        return self.name

    def by_exception(self, fuse):
        try:
            try:
                fuse.blow(ValueError("first"))
            except ValueError as error:
                shown = lambda: repr(error)
                self.log.append(shown())
                fuse.blow(KeyError("second"))
        except KeyError:
            try:
                return shown()
            except NameError as unbound:
                return str(unbound)

    def by_jump(self, fuse):
        for turn in range(2):
            try:
                fuse.blow(ValueError(turn))
            except ValueError as error:
                shown = lambda: repr(error)
                self.log.append(shown())
                if turn:
                    return self.log
                continue
            finally:
                try:
                    self.log.append(shown())
                except NameError as unbound:
                    self.log.append(str(unbound))


def script(world):
    fuse = world.create(Fuse, "f")
    panel = world.create(Panel, "p")
    world.call(panel, "by_exception", fuse)
    world.call(panel, "by_jump", fuse)
    world.state(panel)
