"""Functions stay out of state: a name of one is stored, looked up again after the request and applied remotely."""

import stateflow


def shout(text):
    return text.upper() + "!"


def whisper(text):
    return text.lower()


STYLES = {f.__name__: f for f in (shout, whisper)}


@stateflow.entity
class Voice:
    def __init__(self, name, style):
        self.name, self.style = name, style

    def __key__(self):
        return self.name

    def change(self, style):
        old, self.style = self.style, style
        return STYLES[old](style)

    def say(self, text):
        return STYLES[self.style](text)


@stateflow.entity
class Play:
    def __init__(self, title):
        self.title = title

    def __key__(self):
        return self.title

    def act(self, voices, line):
        said = [voice.say(line) for voice in voices]
        said.append(voices[0].change("whisper"))
        return said + [voices[0].say(said[0])]


def script(world):
    voices = [world.create(Voice, "a", "shout"), world.create(Voice, "b", "whisper")]
    play = world.create(Play, "p")
    world.call(play, "act", voices, "To Be")
    world.call(play, "act", voices[::-1], "Or Not")
