"""Reading, writing and calling a deleted entity raise EntityNotFound; a new one with that key answers again."""

import stateflow
from stateflow.errors import EntityNotFound


@stateflow.entity
class Chat:
    def __init__(self, room):
        self.room, self.lines = room, []

    def __key__(self):
        return self.room

    def say(self, line):
        self.lines.append(line)
        return len(self.lines)


@stateflow.entity
class Moderator:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def close(self, chat):
        chat.say("bye")
        stateflow.delete(chat)
        outcomes = []
        for attempt in (lambda: chat.say("ghost"), lambda: chat.lines, lambda: setattr(chat, "lines", [])):
            try:
                outcomes.append(attempt())
            except EntityNotFound as error:
                outcomes.append((error.class_name, error.key))
        fresh = Chat(chat_key := "lobby")
        outcomes.append(fresh.say("hello"))
        return outcomes, fresh is chat, chat == Chat.by_key(chat_key), chat.lines


def script(world):
    chat = world.create(Chat, "lobby")
    moderator = world.create(Moderator, "m")
    world.call(moderator, "close", chat)
    world.state(chat)
