"""The else of a for loop runs only when no remote test broke the loop."""
import stateflow


@stateflow.entity
class Seat:
    def __init__(self, number: int, taken: bool):
        self.number = number
        self.taken = taken

    def __key__(self):
        return self.number

    def take(self) -> bool:
        if self.taken:
            return False
        self.taken = True
        return True


@stateflow.entity
class Booking:
    def __init__(self, code: str):
        self.code = code
        self.seats = []

    def __key__(self):
        return self.code

    def book(self, seats: list[Seat]) -> str:
        for seat in seats:
            if seat.take():
                self.seats.append(seat)
                break
        else:
            return "full"
        return "booked"


def script(world):
    seats = [world.create(Seat, 1, True), world.create(Seat, 2, False)]
    booking = world.create(Booking, "b1")
    world.call(booking, "book", seats)
    world.call(booking, "book", seats)
    world.call(booking, "book", [])
    world.state(booking)
