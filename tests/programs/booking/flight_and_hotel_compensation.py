"""A trip books a flight, then a hotel; when the hotel is full the flight is cancelled again by hand."""

import stateflow


class Full(Exception):
    pass


@stateflow.entity
class Resource:
    def __init__(self, name, places):
        self.name, self.places, self.booked = name, places, {}

    def __key__(self):
        return self.name

    def book(self, guest, day):
        taken = self.booked.setdefault(day, [])
        if len(taken) >= self.places:
            raise Full(f"{self.name} on {day}")
        taken.append(guest)
        return f"{self.name}/{day}/{len(taken)}"

    def cancel(self, guest, day):
        self.booked[day].remove(guest)


@stateflow.entity
class Traveller:
    def __init__(self, name):
        self.name, self.trips = name, []

    def __key__(self):
        return self.name

    def travel(self, flight, hotel, days):
        codes = []
        try:
            codes.append(flight.book(self, days[0]))
            for day in days:
                codes.append(hotel.book(self, day))
        except Full as error:
            if codes:
                flight.cancel(self, days[0])
                for day, _ in zip(days, codes[1:]):
                    hotel.cancel(self, day)
            return "failed", str(error)
        self.trips.append(codes)
        return codes


def script(world):
    flight, hotel = world.create(Resource, "kl1", 2), world.create(Resource, "ritz", 1)
    ann, bob = world.create(Traveller, "ann"), world.create(Traveller, "bob")
    world.call(ann, "travel", flight, hotel, [2, 3])
    world.call(bob, "travel", flight, hotel, [1, 2])
    world.call(bob, "travel", flight, hotel, [4])
    world.state(flight)
    world.state(hotel)
