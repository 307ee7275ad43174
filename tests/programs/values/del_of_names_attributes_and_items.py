"""del of a local, an attribute of self and of another entity, a dict item and a list slice around calls."""

import stateflow

EXPECTED_ERRORS = ("AttributeError",)


@stateflow.entity
class Profile:
    def __init__(self, user):
        self.user, self.email, self.tags = user, "x@y", ["a", "b", "c"]

    def __key__(self):
        return self.user

    def tag_count(self):
        return len(self.tags)


@stateflow.entity
class Admin:
    def __init__(self, name):
        self.name, self.temp, self.table = name, 1, {"a": 1, "b": 2}

    def __key__(self):
        return self.name

    def clean(self, profile):
        keep = drop = profile.tag_count()
        del drop
        del self.temp, self.table["a"]
        tags = profile.tags
        del tags[: profile.tag_count() - 1], profile.email
        try:
            drop
        except UnboundLocalError:
            gone = True
        return keep, gone, tags, self.table, hasattr(self, "temp"), hasattr(profile, "email"), profile.tags


def script(world):
    profile = world.create(Profile, "p")
    admin = world.create(Admin, "a")
    world.call(admin, "clean", profile)
    world.state(profile)
    world.call(admin, "clean", profile)
    world.state(admin)
