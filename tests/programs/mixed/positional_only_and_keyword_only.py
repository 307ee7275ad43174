"""Positional-only and keyword-only parameters of remote methods bind, default and fail as in Python."""

import stateflow


@stateflow.entity
class Api:
    def __init__(self, name):
        self.name, self.count = name, 0

    def __key__(self):
        return self.name

    def get(self, path, /, depth=1, *, fresh=False, path_alias=None):
        self.count += 1
        return path, depth, fresh, path_alias

    def put(self, path, /, **path_and_more):
        self.count += 1
        return path, path_and_more


@stateflow.entity
class Client:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def use(self, api):
        results = [api.get("a"), api.get("b", 2, fresh=True), api.get("c", path_alias="z"), api.put("d", path="e", x=1)]
        for bad in (lambda: api.get(path="a"), lambda: api.get("a", 1, True), lambda: api.put()):
            try:
                results.append(bad())
            except TypeError as error:
                results.append(str(error).split("(")[0])
        return results, api.count


def script(world):
    api = world.create(Api, "a")
    client = world.create(Client, "c")
    world.call(client, "use", api)
    world.get(api, "count")
