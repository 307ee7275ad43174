"""Observers unsubscribe themselves and subscribe others while the subject notifies over a copy and over the list."""

import stateflow


@stateflow.entity
class Subject:
    def __init__(self, name):
        self.name, self.observers = name, []

    def __key__(self):
        return self.name

    def subscribe(self, observer):
        self.observers.append(observer)

    def unsubscribe(self, observer):
        self.observers.remove(observer)

    def notify_copy(self, what):
        return [o.update(self, what) for o in list(self.observers)]

    def notify_live(self, what):
        answers = []
        for observer in self.observers:
            answers.append(observer.update(self, what))
        return answers


@stateflow.entity
class Observer:
    def __init__(self, name, friend=None):
        self.name, self.friend, self.seen = name, friend, []

    def __key__(self):
        return self.name

    def update(self, subject, what):
        self.seen.append(what)
        if what == "leave":
            subject.unsubscribe(self)
        if what == "bring" and self.friend and self.friend not in subject.observers:
            subject.subscribe(self.friend)
        return self.name


def script(world):
    c = world.create(Observer, "c")
    b = world.create(Observer, "b", c)
    a = world.create(Observer, "a", b)
    subject = world.create(Subject, "s")
    world.call(subject, "subscribe", a)
    for method, what in (("notify_live", "bring"), ("notify_copy", "plain"), ("notify_live", "leave"), ("notify_copy", "leave")):
        world.call(subject, method, what)
        world.get(subject, "observers")
