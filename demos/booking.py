"""Trips: search hotels and flights, book both, and give back what was taken when a part is not to be had."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import stateflow
from stateflow.errors import EntityNotFound
from stateflow.runtime.local import LocalRuntime

__all__ = [
    "Agency",
    "BookingError",
    "Choice",
    "Flight",
    "Full",
    "Hotel",
    "NoChoice",
    "Reservation",
    "TooExpensive",
    "Traveller",
    "TripWish",
    "main",
]


MOST_SEATS = 1_000
MOST_NIGHTS = 365


class BookingError(Exception):
    """A trip that cannot be booked as wished."""


class Full(BookingError):
    """There is no place left on a day."""


class NoChoice(BookingError):
    """The search found nothing."""


class TooExpensive(BookingError):
    """The traveller cannot pay the trip."""


@dataclass(frozen=True)
class TripWish:
    """What a traveller asks for: where, from which day, how many nights, and at least how many stars."""

    city: str
    first_day: int
    nights: int
    stars: int = 1

    @property
    def days(self) -> range:
        """The days for which a hotel is needed."""
        return range(self.first_day, self.first_day + self.nights)


@stateflow.stateflow
class Hotel:
    """Rooms in a city, sold by the night."""

    def __init__(self, name: str, city: str, stars: int, rooms: int, price: int):
        self.name: str = name
        self.city: str = city
        self.stars: int = stars
        self.rooms: int = rooms
        self.price: int = price
        self.guests: dict[int, list[str]] = {}

    def __key__(self) -> str:
        return self.name

    def has_room(self, days: range) -> bool:
        """Tell whether a room is free in each of these nights."""
        if len(days) > MOST_NIGHTS:
            raise BookingError(f"a stay lasts at most {MOST_NIGHTS} nights")
        return all(len(self.guests.get(day, ())) < self.rooms for day in days)

    def book(self, guest: str, day: int) -> int:
        """Take a room for one night and return its price, which grows as the house fills."""
        tonight = self.guests.setdefault(day, [])
        if len(tonight) >= self.rooms:
            raise Full(f"{self.name} has no room on day {day}")
        tonight.append(guest)
        return self.price + (self.price // 10 if len(tonight) * 2 > self.rooms else 0)

    def cancel(self, guest: str, day: int) -> None:
        """Give one night back."""
        self.guests[day].remove(guest)
        if not self.guests[day]:
            del self.guests[day]


@stateflow.stateflow
class Flight:
    """Numbered seats to a city on one day."""

    def __init__(self, number: str, city: str, day: int, seats: int, price: int):
        if seats > MOST_SEATS:
            raise BookingError(f"an aircraft has at most {MOST_SEATS} seats, not {seats}")
        self.number: str = number
        self.city: str = city
        self.day: int = day
        self.price: int = price
        self.free: list[int] = list(range(1, seats + 1))
        self.passengers: dict[int, str] = {}

    def __key__(self) -> str:
        return self.number

    @property
    def is_full(self) -> bool:
        """Whether each seat is taken."""
        return not self.free

    def book(self, passenger: str) -> int:
        """Take the first free seat and return its number."""
        if self.is_full:
            raise Full(f"{self.number} has no seat")
        seat = self.free.pop(0)
        self.passengers[seat] = passenger
        return seat

    def cancel(self, seat: int) -> None:
        """Give a seat back."""
        del self.passengers[seat]
        self.free = sorted([*self.free, seat])


@stateflow.stateflow
class Traveller:
    """Someone who travels and pays."""

    def __init__(self, name: str, money: int):
        self.name: str = name
        self.money: int = money
        self.trips: list[Reservation] = []

    def __key__(self) -> str:
        return self.name

    def pay(self, amount: int) -> int:
        """Pay, or be paid a negative amount."""
        if amount > self.money:
            raise TooExpensive(f"{self.name} has {self.money} of {amount}")
        self.money -= amount
        return self.money

    def add_trip(self, trip: Reservation) -> None:
        """Note a reservation."""
        self.trips.append(trip)

    def remove_trip(self, trip: Reservation) -> None:
        """Forget a reservation."""
        self.trips.remove(trip)

    def itinerary(self) -> list[str]:
        """Describe each trip, the earliest first."""
        return [trip.describe() for trip in sorted(self.trips, key=lambda trip: trip.wish.first_day)]


@stateflow.stateflow
class Reservation:
    """A booked trip. It lives from the booking until it is cancelled."""

    def __init__(self, number: int, traveller: Traveller, wish: TripWish, flight: Flight, seat: int, hotel: Hotel, price: int):
        self.number: int = number
        self.traveller: Traveller = traveller
        self.wish: TripWish = wish
        self.flight: Flight = flight
        self.seat: int = seat
        self.hotel: Hotel = hotel
        self.price: int = price

    def __key__(self) -> int:
        return self.number

    def describe(self) -> str:
        """Say where the trip goes, in one line."""
        hotel = f"{self.hotel.name} {'*' * self.hotel.stars}"
        return f"no. {self.number}: {self.flight.number} seat {self.seat}, {self.wish.nights} nights at {hotel}, {self.price}"

    def give_back(self) -> int:
        """Cancel seat and nights, return half the price to the traveller, and end this reservation."""
        refund = self.price // 2
        try:
            self.flight.cancel(self.seat)
            for day in self.wish.days:
                self.hotel.cancel(self.traveller.name, day)
            self.traveller.pay(-refund)
            self.traveller.remove_trip(self)
            return refund
        finally:
            stateflow.delete(self)


@dataclass
class Choice:
    """A flight and a hotel that fit a wish, with the price before surcharges."""

    flight: Flight
    hotel: Hotel
    price: int


class Attempts:
    """Collect the failures of a block, and add them to a log however the block ends."""

    def __init__(self, log: list[str], name: str):
        self.log = log
        self.name = name
        self.failures: list[str] = []

    def __enter__(self) -> list[str]:
        return self.failures

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.log.append(f"{self.name}: {'; '.join(self.failures) or 'no failure'}")


@stateflow.stateflow
class Agency:
    """Searches and books trips."""

    def __init__(self, name: str, flights: list[Flight], hotels: list[Hotel]):
        self.name: str = name
        self.flights: list[Flight] = flights
        self.hotels: list[Hotel] = hotels
        self.booked: int = 0
        self.log: list[str] = []

    def __key__(self) -> str:
        return self.name

    def search(self, wish: TripWish) -> list[Choice]:
        """Return what fits the wish, the cheapest first; among equal prices the better hotel."""
        flights = [flight for flight in self.flights if flight.city == wish.city and flight.day == wish.first_day and not flight.is_full]
        hotels = [hotel for hotel in self.hotels if hotel.city == wish.city and hotel.stars >= wish.stars and hotel.has_room(wish.days)]
        found = [Choice(flight, hotel, flight.price + wish.nights * hotel.price) for flight in flights for hotel in hotels]
        return sorted(found, key=lambda choice: (choice.price, -choice.hotel.stars))

    def offers(self, wish: TripWish) -> list[str]:
        """Return the search result as text."""
        return [f"{choice.flight.number} + {choice.hotel.name}: {choice.price}" for choice in self.search(wish)]

    def book(self, traveller: Traveller, flight: Flight, hotel: Hotel, wish: TripWish) -> Reservation:
        """Book seat and nights one by one; whatever fails, what was taken before is given back."""
        seat = flight.book(traveller.name)
        nights: list[int] = []
        try:
            price = flight.price
            for day in wish.days:
                price += hotel.book(traveller.name, day)
                nights.append(day)
            traveller.pay(price)
        except BookingError:
            for day in reversed(nights):
                hotel.cancel(traveller.name, day)
            flight.cancel(seat)
            raise
        self.booked += 1
        trip = Reservation(self.booked, traveller, wish, flight, seat, hotel, price)
        traveller.add_trip(trip)
        return trip

    def book_first_possible(self, traveller: Traveller, wish: TripWish) -> str:
        """Try the choices in their order and report; an attempt that fails leaves no trace but a line in the log."""
        with Attempts(self.log, traveller.name) as failures:
            for choice in self.search(wish):
                try:
                    return self.book(traveller, choice.flight, choice.hotel, wish).describe()
                except BookingError as error:
                    failures.append(str(error))
            raise NoChoice(f"nothing in {wish.city} for {traveller.name}")

    def try_book(self, traveller: Traveller, flight: Flight, hotel: Hotel, wish: TripWish) -> str:
        """Book exactly this flight and hotel, or say why not."""
        try:
            return self.book(traveller, flight, hotel, wish).describe()
        except Full as error:
            return f"full: {error}"
        except TooExpensive as error:
            return f"too expensive: {error}"

    def cancel(self, trip: Reservation) -> str:
        """Cancel a reservation; one that is gone is no error."""
        try:
            refund = trip.give_back()
        except EntityNotFound:
            return "no such reservation"
        return f"cancelled, {refund} paid back"


def main() -> None:
    """Search, book, compensate, cancel."""
    flow = stateflow.init(Hotel, Flight, Traveller, Reservation, Agency)
    with LocalRuntime(flow) as runtime, runtime.client() as client:
        print("Trips on the embedded engine")
        early = client.create(Flight, "KL1", "Rome", 1, 2, 100).get()
        late = client.create(Flight, "AZ7", "Rome", 1, 5, 140).get()
        inn = client.create(Hotel, "Inn", "Rome", 2, 1, 50).get()
        palace = client.create(Hotel, "Palace", "Rome", 5, 2, 200).get()
        agency = client.create(Agency, "far away", [early, late], [inn, palace]).get()
        ann, bob, eve = (client.create(Traveller, name, money).get() for name, money in (("ann", 900), ("bob", 700), ("eve", 300)))

        wish = TripWish("Rome", 1, 2)
        print("  offers for two nights in Rome:")
        for offer in client.call(Agency.offers, agency, wish).get():
            print(f"    {offer}")
        print(f"  ann books the first: {client.call(Agency.book_first_possible, agency, ann, wish).get()}")

        next_day = TripWish("Rome", 0, 2)
        print(f"  bob wants the Inn from day 0: {client.call(Agency.try_book, agency, bob, early, inn, next_day).get()}")
        print(f"  his night and seat were given back: {client.get(inn, 'guests').get()}, seats {client.get(early, 'free').get()}")
        print(f"  bob takes what there is: {client.call(Agency.book_first_possible, agency, bob, wish).get()}")

        try:
            client.call(Agency.book_first_possible, agency, eve, wish).get()
        except NoChoice as error:
            print(f"  eve: {error}; the log is undone as well: {client.get(agency, 'log').get()}")

        trip = client.ref(Reservation, 1)
        print(f"  ann cancels: {client.call(Agency.cancel, agency, trip).get()}")
        print(f"  and again: {client.call(Agency.cancel, agency, trip).get()}")
        print(f"  ann has {client.get(ann, 'money').get()} and trips {client.call(Traveller.itinerary, ann).get()}")
        print(f"  eve gets the place: {client.call(Agency.book_first_possible, agency, eve, wish).get()}")


if __name__ == "__main__":
    main()
