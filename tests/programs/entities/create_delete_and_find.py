"""Methods create, find by key and delete other entities; a taken key and a deleted entity are errors that can be caught."""
import stateflow
from stateflow.errors import EntityAlreadyExists, EntityNotFound

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Room:
    def __init__(self, number: int):
        self.number = number
        self.guest = None

    def __key__(self):
        return self.number

    def check_in(self, guest):
        self.guest = guest


@stateflow.entity
class Hotel:
    def __init__(self, name: str):
        self.name = name
        self.rooms: list[Room] = []

    def __key__(self):
        return self.name

    def open_rooms(self, numbers):
        for number in numbers:
            try:
                self.rooms.append(Room(number))
            except EntityAlreadyExists as error:
                print("taken", error.class_name, error.key)
        return len(self.rooms)

    def close_room(self, number):
        stateflow.delete(Room.by_key(number))

    def guest_of(self, number):
        try:
            return Room.by_key(number).guest
        except EntityNotFound as error:
            return "no room", error.key


def script(world):
    hotel = world.create(Hotel, "h")
    world.call(hotel, "open_rooms", [1, 2, 1])
    world.call(world.ref(Room, 1), "check_in", "ann")
    world.call(hotel, "guest_of", 1)
    world.call(hotel, "close_room", 1)
    world.call(hotel, "guest_of", 1)
    world.call(hotel, "close_room", 1)
    world.call(hotel, "open_rooms", [1])
    world.call(hotel, "guest_of", 1)
    world.state(hotel)
