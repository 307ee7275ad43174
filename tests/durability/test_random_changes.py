"""Random histories of a class over one file end as if each entity had been taken over at once by every version."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stateflow.failpoints import Action, InjectedFailure, arm
from tests.durability.versions import Shop

KEYS = tuple(f"k{number}" for number in range(8))


@dataclass
class Code:
    """A class as it is at one time, and the states that its entities must have."""

    draw: random.Random
    name: str = "Thing0"
    former: list[str] = field(default_factory=list)
    method: str = "add0"
    former_methods: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=lambda: {"note0": "[]"})
    steps: list[str] = field(default_factory=list)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    count: int = 0

    def source(self) -> str:
        """Return the module. A later version forgets no name and no step, so that any older state is taken over."""
        fields = "".join(f"            self.{name} = {value}\n" for name, value in self.fields.items())
        upgrade = "".join(
            f"            if version < {number}:\n                {step}\n" for number, step in enumerate(self.steps, 1) if step
        )
        return f"""
    {f"@stateflow.renamed{tuple(self.former)!r}".replace(",)", ")") if self.former else ""}
    @stateflow.entity
    class {self.name}:
        __version__ = {len(self.steps)}

        def __init__(self, key: str, friend: "{self.name} | None" = None):
            self.key, self.value, self.friend = key, 1, friend
{fields}
        def __key__(self) -> str:
            return self.key

        def __upgrade__(self, state, version):
            pass
{upgrade}
        {f"@stateflow.renamed{tuple(self.former_methods)!r}".replace(",)", ")") if self.former_methods else ""}
        def {self.method}(self, amount: int) -> int:
            self.value += amount
            return self.value

        def look(self) -> int:
            return self.value
"""

    def change(self) -> None:
        """Do to the class what programmers do, and to the states what must come of it."""
        self.count += 1
        number = self.count
        match self.draw.choice(("add", "remove", "rename", "rename method", "mean", "mean")):
            case "add":
                self.fields[f"note{number}"] = "[]"
                for state in self.states.values():
                    state[f"note{number}"] = []
            case "remove" if self.fields:
                gone = self.draw.choice(sorted(self.fields))
                del self.fields[gone]
                # Else a class that gave up what it had added would look like the older code.
                self.steps.append("")
                for state in self.states.values():
                    state.pop(gone, None)
            case "rename":
                self.former.append(self.name)
                self.name = f"Thing{number}"
            case "rename method":
                self.former_methods.append(self.method)
                self.method = f"add{number}"
            case _:
                self.steps.append(f"self.value = self.value * 3 + {number}")
                for state in self.states.values():
                    state["value"] = state["value"] * 3 + number

    def use(self, shop: Shop) -> None:
        """Create, change and read some entities."""
        for key in self.draw.sample(KEYS, 3):
            if key not in self.states:
                friend = self.draw.choice(sorted(self.states)) if self.states else None
                shop.create(self.name, key, shop.ref(self.name, friend) if friend else None)
                made = {name: [] for name in self.fields}
                self.states[key] = {"key": key, "value": 1, "friend": friend, **made}
            elif self.draw.random() < 0.5:
                name = self.draw.choice([self.method, *self.former_methods])
                self.states[key]["value"] += 2
                assert shop.call(self.name, key, name, 2) == self.states[key]["value"]
            elif self.draw.random() < 0.5:
                with arm("amid-write", Action.RAISE), pytest.raises(InjectedFailure):
                    shop.call(self.name, key, self.method, 5)
            else:
                assert shop.call(self.name, key, "look") == self.states[key]["value"]

    def check(self, shop: Shop) -> None:
        """See that all entities are what they must be."""
        for key, expected in self.states.items():
            state = dict(shop.state(self.name, key))
            friend = state.pop("friend")
            assert friend == (shop.ref(self.name, expected["friend"]) if expected["friend"] else None)
            assert state == {name: value for name, value in expected.items() if name != "friend"}


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 200))])
def test_random_changes_of_a_class_lose_nothing(seed: int, tmp_path: Path) -> None:
    code = Code(random.Random(seed))
    for _ in range(6):
        with Shop.open(code.source(), tmp_path / "things.db", cache_bytes=code.draw.choice((0, 3_000, 100_000))) as shop:
            code.use(shop)
            if code.draw.random() < 0.5:
                code.check(shop)
        for _ in range(code.draw.randrange(3)):
            code.change()
    with Shop.open(code.source(), tmp_path / "things.db") as shop:
        code.check(shop)
