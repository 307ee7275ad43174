"""Hotel reservations in the mix of DeathStarBench's application (Gan et al., ASPLOS 2019): search 60, recommend 39, the rest half and half.

Entities are those of a small town's portal: the portal knows which hotels are near which square of its map; a hotel knows its rooms and
prices; a user has a password. What is kept apart there as services for rates, profiles and places is one class here, as in plain Python.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import stateflow
from stateflow.bench.keys import choose_from
from stateflow.bench.workload import Ask, Condition, Workload

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from stateflow.bench.workload import References, States, Tally

__all__ = ["Hotel", "HotelUser", "Hotels", "Square"]

_ROOMS = 20
_DAYS = 30
_SQUARES_A_SIDE = 4
_NEAREST = 5
_SHOWN = 5
_SEARCH, _RECOMMEND, _LOGIN = 0.6, 0.99, 0.995


@stateflow.entity
class Hotel:
    """Rooms that are sold by the night."""

    def __init__(self, number: int, latitude: float, longitude: float, price: int, rating: int, rooms: int) -> None:
        self.number: int = number
        self.latitude: float = latitude
        self.longitude: float = longitude
        self.price: int = price
        self.rating: int = rating
        self.rooms: int = rooms
        self.taken: dict[int, int] = {}
        self.nights: int = 0

    def __key__(self) -> int:
        return self.number

    def price_if_free(self, first_day: int, nights: int) -> int | None:
        """Return the price of a stay; None when there is no room in one of its nights."""
        for day in range(first_day, first_day + nights):
            if self.taken.get(day, 0) >= self.rooms:
                return None
        return self.price * nights

    def score(self, wish: str, latitude: float, longitude: float) -> float:
        """Return how well the hotel fits: the less the better."""
        match wish:
            case "price":
                return float(self.price)
            case "rating":
                return -float(self.rating)
            case _:
                return (self.latitude - latitude) ** 2 + (self.longitude - longitude) ** 2

    def reserve(self, first_day: int, nights: int) -> bool:
        """Take a room for each night, or none."""
        if self.price_if_free(first_day, nights) is None:
            return False
        for day in range(first_day, first_day + nights):
            self.taken[day] = self.taken.get(day, 0) + 1
        self.nights += nights
        return True


@stateflow.entity
class HotelUser:
    """Someone with a password, of which only the digest is kept."""

    def __init__(self, name: str, digest: str) -> None:
        self.name: str = name
        self.digest: str = digest
        self.reservations: int = 0

    def __key__(self) -> str:
        return self.name

    def log_in(self, password: str) -> bool:
        """Tell whether this is the password."""
        return hashlib.sha256(password.encode()).hexdigest() == self.digest

    def reserve(self, password: str, hotel: Hotel, first_day: int, nights: int) -> bool:
        """Log in and take a room."""
        if not self.log_in(password) or not hotel.reserve(first_day, nights):
            return False
        self.reservations += 1
        return True


@stateflow.entity
class Square:
    """A square of the map, with the hotels nearest to it."""

    def __init__(self, place: tuple[int, int], hotels: list[Hotel]) -> None:
        self.place: tuple[int, int] = place
        self.hotels: list[Hotel] = hotels

    def __key__(self) -> tuple[int, int]:
        return self.place

    def search(self, first_day: int, nights: int) -> list[tuple[int, int]]:
        """Return price and number of hotels near by that have a room, the cheapest first."""
        found: list[tuple[int, int]] = []
        for hotel in self.hotels:
            price = hotel.price_if_free(first_day, nights)
            if price is not None:
                found.append((price, hotel.number))
        return sorted(found)

    def recommend(self, wish: str, latitude: float, longitude: float) -> int:
        """Return the number of the hotel near by that fits best."""
        scores = [(hotel.score(wish, latitude, longitude), hotel.number) for hotel in self.hotels]
        return min(scores)[1]


class Hotels(Workload):
    """As many hotels and users as the application has, 80 and 500, in its mix of requests; `entities` scales both."""

    title = "Hotels: 60 % search, 39 % recommend, 0.5 % log in, 0.5 % reserve"
    classes = (Hotel, HotelUser, Square)

    @property
    def entity_count(self) -> int:
        """How many hotels, users and squares there are."""
        return self._hotels + self._users + _SQUARES_A_SIDE**2

    @property
    def _hotels(self) -> int:
        return max(_NEAREST, self.size.entities * 80 // 580)

    @property
    def _users(self) -> int:
        return max(1, self.size.entities - self._hotels)

    def creations(self, refs: References) -> Iterator[Ask]:
        """Create hotels over the whole map, squares that know the nearest of them, and users."""
        places = [_place(number) for number in range(self._hotels)]
        for number, (latitude, longitude) in enumerate(places):
            yield Ask("create", Hotel, None, (number, latitude, longitude, 50 + number * 7 % 200, number % 50, _ROOMS))
        for row in range(_SQUARES_A_SIDE):
            for column in range(_SQUARES_A_SIDE):
                middle = ((row + 0.5) / _SQUARES_A_SIDE, (column + 0.5) / _SQUARES_A_SIDE)
                near = sorted(range(len(places)), key=lambda n: _distance(places[n], middle))[:_NEAREST]
                yield Ask("create", Square, None, ((row, column), [refs.ref(Hotel, number) for number in near]))
        for number in range(self._users):
            yield Ask("create", HotelUser, None, (_user(number), hashlib.sha256(_password(number).encode()).hexdigest()))

    def requests(self, refs: References, draw: random.Random) -> Iterator[Ask]:
        """Yield searches, recommendations, log-ins and reservations."""
        choose = choose_from(self._users, self.size.keys, draw)
        while True:
            part = draw.random()
            square = refs.ref(Square, (draw.randrange(_SQUARES_A_SIDE), draw.randrange(_SQUARES_A_SIDE)))
            first_day, nights = draw.randrange(_DAYS), draw.randint(1, 5)
            if part < _SEARCH:
                yield Ask("search", Square.search, square, (first_day, nights))
            elif part < _RECOMMEND:
                wish = draw.choice(("price", "rating", "distance"))
                yield Ask("recommend", Square.recommend, square, (wish, draw.random(), draw.random()))
            else:
                number = choose()
                user = refs.ref(HotelUser, _user(number))
                if part < _LOGIN:
                    yield Ask("log in", HotelUser.log_in, user, (_password(number),))
                else:
                    hotel = draw.randrange(self._hotels)
                    args = (_password(number), refs.ref(Hotel, hotel), first_day, nights)
                    yield Ask("reserve", HotelUser.reserve, user, args, (("reservations", _user(number), 1), ("nights", hotel, nights)))

    def check(self, states: States, tally: Tally) -> list[Condition]:
        """Compare nights and reservations with what was acknowledged, and nights with rooms."""
        users: list[str] = []
        for key, state in states(HotelUser, map(_user, range(self._users))):
            users += _faults([f"{key} is gone" if state is None else tally.fault("reservations", key, state["reservations"])])
        hotels: list[str] = []
        for key, state in states(Hotel, range(self._hotels)):
            if state is None:
                hotels.append(f"hotel {key} is gone")
                continue
            taken = state["taken"]
            over = f"hotel {key} is overbooked" if any(count > _ROOMS for count in taken.values()) else None
            sums = None if sum(taken.values()) == state["nights"] else f"hotel {key} counts {state['nights']} nights and holds {taken}"
            hotels += _faults([over, sums, tally.fault("nights", key, state["nights"])])
        return [
            Condition("each acknowledged reservation once", users[:_SHOWN], self._users),
            Condition("each night is one that was reserved, and no hotel is overbooked", hotels[:_SHOWN], self._hotels),
        ]


def _faults(found: list[str | None]) -> list[str]:
    return [fault for fault in found if fault]


def _place(number: int) -> tuple[float, float]:
    # Evenly over the unit square, by the generalised golden ratio in two dimensions.
    return number * 0.7548776662 % 1, number * 0.5698402910 % 1


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _user(number: int) -> str:
    return f"user-{number:06}"


def _password(number: int) -> str:
    return f"secret {number}"
