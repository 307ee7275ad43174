"""A for loop over an entity uses its __iter__, which answers an iterator over a copy."""

import stateflow


@stateflow.entity
class Playlist:
    def __init__(self, name):
        self.name = name
        self.songs = ["x", "y"]

    def __key__(self):
        return self.name

    def __iter__(self):
        print("iter")
        return iter(self.songs)

    def add(self, song):
        self.songs.append(song)


@stateflow.entity
class Listener:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def listen(self, playlist):
        heard = []
        for song in playlist:
            playlist.add(song + "!")
            heard.append(song)
        for song in playlist:
            heard.append(song)
            break
        first, *rest = playlist
        return heard, first, rest, list(playlist), [*playlist, "end"]


def script(world):
    playlist = world.create(Playlist, "p")
    listener = world.create(Listener, "l")
    world.call(listener, "listen", playlist)
