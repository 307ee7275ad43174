"""Kahn's algorithm over entities: degrees in a dict keyed by reference, a queue that grows, a cycle detected."""

import stateflow

EXPECTED_ERRORS = ("ValueError",)
from collections import deque


@stateflow.entity
class Task:
    def __init__(self, name):
        self.name, self.followers = name, []

    def __key__(self):
        return self.name

    def before(self, *others):
        self.followers.extend(others)

    def next_tasks(self):
        return self.followers


@stateflow.entity
class Planner:
    def __init__(self, name):
        self.name, self.plan = name, []

    def __key__(self):
        return self.name

    def order(self, tasks):
        degree = {task: 0 for task in tasks}
        for task in tasks:
            for follower in task.next_tasks():
                degree[follower] += 1
        ready = deque(task for task, n in degree.items() if n == 0)
        self.plan = []
        while ready:
            task = ready.popleft()
            self.plan.append(task.name)
            for follower in task.next_tasks():
                degree[follower] -= 1
                if not degree[follower]:
                    ready.append(follower)
        if len(self.plan) < len(tasks):
            raise ValueError("cycle", [t.name for t, n in degree.items() if n])
        return self.plan


def script(world):
    a, b, c, d = tasks = [world.create(Task, n) for n in "abcd"]
    world.call(a, "before", b, c)
    world.call(b, "before", d)
    world.call(c, "before", b)
    planner = world.create(Planner, "p")
    world.call(planner, "order", tasks[::-1])
    world.call(d, "before", c)
    world.call(planner, "order", tasks)
    world.state(planner)
