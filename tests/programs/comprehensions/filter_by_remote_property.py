"""A list comprehension asks each entity in its condition and in its element, in order."""
import stateflow


@stateflow.entity
class Parcel:
    def __init__(self, code: str, grams: int):
        self.code = code
        self.grams = grams

    def __key__(self):
        return self.code

    @property
    def is_heavy(self) -> bool:
        print("weigh", self.code)
        return self.grams > 1000

    def label(self, prefix: str) -> str:
        print("label", self.code)
        return f"{prefix}-{self.code}"


@stateflow.entity
class Depot:
    def __init__(self, city: str):
        self.city = city
        self.parcels: list[Parcel] = []

    def __key__(self):
        return self.city

    def receive(self, parcel: Parcel):
        self.parcels.append(parcel)

    def heavy_labels(self):
        return [parcel.label(self.city) for parcel in self.parcels if parcel.is_heavy]


def script(world):
    depot = world.create(Depot, "delft")
    for code, grams in (("a", 1500), ("b", 200), ("c", 3000)):
        world.call(depot, "receive", world.create(Parcel, code, grams))
    world.call(depot, "heavy_labels")
