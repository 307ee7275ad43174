"""Methods that are read-only, named `reads_...`, and methods that are not, named `writes_...`.

`# write` marks the lines that are to be named.
"""

import contextlib
import copy
import functools
import itertools
import math
import operator
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

import stateflow


class Point:
    """A value whose methods change it."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def move(self, dx):
        self.x += dx  # write
        return self

    def moved(self, dx):
        return Point(self.x + dx, self.y)

    @property
    def norm(self):
        return math.hypot(self.x, self.y)


@dataclass(frozen=True)
class Line:
    name: str
    amount: int = 1
    tags: list = field(default_factory=list)


class Money(int):
    """An int with attributes: nothing is known of what is annotated as int."""


def total_of(numbers):
    result = 0
    for number in numbers:
        result += number
    return result


def append_to(numbers, value):
    numbers.append(value)  # write
    return numbers


def pass_on(numbers):
    return append_to(numbers, 1)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


LIMITS = {"low": 1, "high": 10}


@stateflow.entity
class Item:
    def __init__(self, name: str, price: float):
        self.name = name
        self.price: float = price
        self.stock = 0
        self.tags = []
        self.rows = [[1], [2]]
        self.lines = {}
        self.place = Point(0, 0)
        self.history = deque()
        self.hook = None

    def __key__(self):
        return self.name

    @property
    def value(self):
        return self.price * self.stock

    @property
    def seen(self):
        self.stock += 1  # write
        return self.stock

    @functools.cached_property
    def once(self):
        return self.price

    def reads_nothing(self):
        pass

    def reads_fields(self):
        return self.name, self.price * 2, f"{self.stock:>5}", self.tags

    def reads_property(self):
        return self.value

    def reads_by_getattr(self):
        return getattr(self, "value"), hasattr(self, "stock")  # noqa: B009

    def reads_into_fresh_list(self, least):
        found = []
        for name, line in self.lines.items():
            if line > least:
                found.append(name)
        found.sort()
        return found

    def reads_into_nested_dict(self):
        groups = {}
        for tag in self.tags:
            groups.setdefault(len(tag), []).append(len(tag))
        counts = {}
        for letter in "abc":
            counts[letter] = counts.get(letter, 0) + 1
        return groups, counts

    def reads_total(self):
        total = 0
        for value in self.lines.values():
            total += value
        return total + sum(self.lines.values()) + total_of(self.lines.values())

    def reads_typed_field_added_to(self):
        price = self.price
        price += 1.5
        return price

    def reads_copies_that_it_changes(self):
        own = list(self.tags)
        own.append("x")
        own[0] = "y"
        del own[0]
        rows = [[len(row), 1] for row in self.rows]
        rows[0].clear()
        return own

    def reads_slices(self):
        part = self.tags[1:]
        part += ["x"]
        return part

    def reads_value_objects(self):
        place = self.place.moved(1)
        place.x = 3
        return place.norm, Line(self.name).amount

    def reads_new_value_objects(self):
        return Point(1, 2).move(4).norm

    def reads_exceptions(self):
        try:
            return self.lines["absent"]
        except KeyError as error:
            raise ValueError(f"no {error}") from error

    def reads_match(self, given):
        match given:
            case [first, *rest]:
                return first, rest
            case {"a": a, **others}:
                return a, others
            case Point(x=0):
                return self.place
        return None

    def reads_own_argument(self, numbers):
        numbers.append(3)
        numbers[0] = 1
        return total_of(append_to(numbers, 2))

    def reads_closures(self):
        found = []

        def look(n):
            found.append(n)
            return n if n <= 0 else look(n - 1)

        key = max(self.lines, key=lambda k: self.lines[k])
        return look(3), key, sorted(self.tags, key=len), [*map(str.upper, self.tags)], [*map(lambda t, n: t * n, self.tags, (1, 2))]

    def reads_generators(self):
        return sum(x for x in self._numbers())

    def _numbers(self):
        for row in self.rows:
            yield from row

    def reads_recursion(self, n):
        return even(n) if n else self.reads_mutual(n)

    def reads_mutual(self, n):
        return self.reads_recursion(n - 1)

    def reads_library(self):
        return math.floor(self.price), copy.deepcopy(self.tags), Counter(self.tags), list(itertools.chain(*self.rows)), LIMITS["low"]

    def reads_itemgetter(self):
        return sorted(self.lines.items(), key=operator.itemgetter(1))

    def reads_with_star(self, *args, **kwargs):
        return self._joined(*args, **kwargs)

    def _joined(self, *names, sep=","):
        return sep.join(names)

    @staticmethod
    def reads_static(text):
        return text.strip()

    async def reads_async(self):
        return self.stock

    # Writes.

    def writes_field(self):
        self.stock = 1  # write

    def writes_augmented(self):
        self.stock += 1  # write

    def writes_unpacked(self):
        a, self.stock = 1, 2  # write
        return a

    def writes_in_loop(self):
        for self.stock in range(3):  # write
            pass

    def writes_with(self):
        with contextlib.nullcontext() as self.hook:  # write
            pass

    def writes_deleted(self):
        del self.hook  # write

    def writes_item(self, key):
        self.lines[key] = 1  # write

    def writes_deleted_item(self, key):
        del self.lines[key]  # write

    def writes_append(self):
        self.tags.append("x")  # write

    def writes_alias(self):
        names = self.tags
        names.append("x")  # write

    def writes_alias_bound_later(self):
        names = []
        for _ in range(2):
            names.append("x")  # write
            names = self.tags

    def writes_alias_in_list(self):
        held = [self.tags]
        held[0].append("x")  # write

    def writes_alias_put_into_list(self):
        held = []
        same = held
        held.append(self.tags)
        same[0].append("x")  # write

    def writes_alias_by_helper(self):
        held = []
        append_to(held, self.tags)
        for tags in held:
            tags.clear()  # write

    def writes_alias_in_value(self):
        place = Point(self.tags, 0)
        place.x.append(1)  # write

    def writes_element(self):
        for row in self.rows:
            row.append(1)  # write

    def writes_in_place(self):
        tags = self.tags
        tags += ["x"]  # write

    def writes_by_helper(self):
        return append_to(self.tags, "x")  # write

    def writes_by_two_helpers(self):
        return pass_on(self.tags)  # write

    def writes_shallow_copy(self):
        rows = list(self.rows)
        rows[0].append(1)  # write

    def writes_dict_get(self):
        self.lines.get("x", []).append(1)  # write

    def writes_conditionally(self, flag):
        target = self.tags if flag else []
        target.append(1)  # write

    def writes_by_walrus(self):
        (tags := self.tags).append(1)  # write
        return tags

    def writes_value_object(self):
        self.place.x = 1  # write

    def writes_value_object_by_method(self):
        self.place.move(1)  # write

    def writes_by_returned_self(self):
        self._same().stock = 1  # write

    def _same(self):
        return self

    def writes_by_property(self):
        return self.seen  # write

    def writes_by_cached_property(self):
        return self.once  # write

    def writes_in_closure(self):
        def change():
            self.stock = 1  # write

        return [change() for _ in range(1)]

    def writes_in_lambda(self):
        return [*map(lambda t, n: self.tags.append(t * n), "abc", (1, 2))]  # write

    def writes_by_bound_method(self):
        return [*map(self.tags.append, "abc")]  # write

    def writes_by_key_function(self):
        return sorted("abc", key=self.tags.append)  # write

    def writes_by_captured_name(self):
        tags = []

        def look():
            tags.append(1)  # write

        tags = self.tags
        look()
        return tags

    def writes_by_match(self):
        match self.rows:
            case [first, *_]:
                first.append(1)  # write

    def writes_by_generator(self):
        return list(self._taken())  # write

    def _taken(self):
        while self.tags:
            yield self.tags.pop()  # write

    def writes_caught(self):
        try:
            self.stock = 1  # write
            raise ValueError
        except ValueError:
            self.stock = 0

    def writes_in_comprehension(self):
        return [row.pop() for row in self.rows]  # write

    def writes_next(self):
        return next(self.hook)  # write

    def writes_unknown_function(self):
        return self.hook()  # write

    def writes_variable_function(self, function):
        return function(self.tags)  # write

    def writes_unknown_library(self):
        return functools.reduce(operator.iadd, self.rows)  # write

    def writes_setdefault_of_state(self):
        return self.lines.setdefault("x", 1)  # write

    def writes_swap(self):
        self.tags, self.rows = self.rows, self.tags  # write

    def writes_stored_exception(self):
        raise self.hook  # write

    def writes_argument_attribute(self, other):
        other.stock = 1  # write

    def writes_argument_of_argument(self, others):
        others[0].stock = 1  # write


@stateflow.entity
class Special(Item):
    """Overrides what its base calls."""

    def __init__(self, name):
        super().__init__(name, 1.0)
        self.calls = 0

    def _joined(self, *names, sep=","):
        self.calls += 1  # write
        return super()._joined(*names, sep=sep)

    def writes_inherited(self):
        return self.reads_with_star("a")

    def reads_super(self):
        return super().reads_fields()


@stateflow.entity
class Shop:
    def __init__(self, name: str):
        self.name = name
        self.items = []
        self.sold = defaultdict(int)

    def __key__(self):
        return self.name

    def reads_other(self, item: Item):
        return item.price, item.value, item.reads_total()

    def reads_all(self):
        return [(item.name, item.reads_typed_field_added_to()) for item in self.items]

    def reads_by_key(self, name):
        return Item.by_key(name).price

    def writes_other(self, item: Item):
        item.stock = 3  # write

    def writes_other_by_call(self, item):
        return item.writes_field()  # write

    def writes_in_loop(self):
        for item in self.items:
            item.writes_append()  # write

    def writes_by_property_of_other(self, item):
        return item.seen  # write

    def writes_creation(self):
        return Item("new", 1.0)  # write

    def writes_deletion(self, item):
        stateflow.delete(item)  # write

    def writes_by_key(self, name):
        Item.by_key(name).stock = 1  # write

    def writes_other_by_getattr(self, item, name):
        return getattr(item, name)()  # write

    def writes_by_annotation_that_lies(self, item: Point):
        return item.writes_field()  # write
