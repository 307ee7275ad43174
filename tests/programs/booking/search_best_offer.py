"""A search over hotels keeps the best offer in three variables that live over many suspensions."""

import stateflow


@stateflow.entity
class Hotel:
    def __init__(self, name, stars, prices):
        self.name, self.stars, self.prices, self.searched = name, stars, prices, 0

    def __key__(self):
        return self.name

    def price(self, nights):
        self.searched += 1
        return self.prices.get(nights)


@stateflow.entity
class Agency:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def search(self, hotels, nights, stars, budget):
        best = best_price = None
        rejected = []
        for hotel in hotels:
            if hotel.stars < stars:
                rejected.append((hotel.name, "stars"))
                continue
            price = hotel.price(nights)
            if price is None or price > budget:
                rejected.append((hotel.name, price))
                continue
            if best_price is None or price < best_price or (price == best_price and hotel.stars > best.stars):
                best, best_price = hotel, price
        return best and best.name, best_price, rejected


def script(world):
    hotels = [
        world.create(Hotel, "a", 3, {1: 50, 2: 90}),
        world.create(Hotel, "b", 4, {1: 50}),
        world.create(Hotel, "c", 2, {1: 10, 2: 20}),
        world.create(Hotel, "d", 5, {1: 400, 2: 90}),
    ]
    agency = world.create(Agency, "x")
    world.call(agency, "search", hotels, 1, 3, 100)
    world.call(agency, "search", hotels, 2, 3, 100)
    world.call(agency, "search", hotels, 9, 1, 100)
    world.get(hotels[3], "searched")
