"""An exception that passes an inner try in an except body unbinds the name of that body."""
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

    def through_except(self, fuse):
        try:
            try:
                fuse.blow(ValueError("first"))
            except ValueError as error:
                try:
                    fuse.blow(KeyError("second"))
                except OSError:
                    self.log.append("never")
        except KeyError:
            try:
                return repr(error)
            except UnboundLocalError as unbound:
                return str(unbound)

    def through_finally(self, fuse):
        try:
            try:
                fuse.blow(ValueError("first"))
            except ValueError as error:
                try:
                    fuse.blow(KeyError("second"))
                finally:
                    self.log.append("finally")
        except KeyError:
            try:
                return repr(error)
            except UnboundLocalError as unbound:
                return str(unbound)


def script(world):
    fuse = world.create(Fuse, "f")
    panel = world.create(Panel, "p")
    world.call(panel, "through_except", fuse)
    world.call(panel, "through_finally", fuse)
    world.state(panel)
