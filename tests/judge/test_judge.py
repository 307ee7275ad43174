"""The judge adds to plain CPython the declared differences and nothing else. Expected answers are written out by hand."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest

import stateflow
from stateflow.errors import EntityNotFound
from tests.judge.canonical import canonical_value
from tests.judge.judge import JudgeWorld


@stateflow.entity
class Keeper:
    def __init__(self, name: str) -> None:
        self.name, self.kept = name, []

    def __key__(self) -> str:
        return self.name

    def keep(self, things: list, other: list) -> list:
        things.append("kept")
        self.kept = things
        return [self.kept, things is other]

    def fail(self, things: list) -> None:
        self.kept.append("doomed")
        raise LookupError(things)

    def own(self) -> list:
        return self.kept

    def rename(self, name: str) -> None:
        self.name = name


@stateflow.entity
class Giver:
    def __init__(self, name: str) -> None:
        self.name, self.things = name, [1]

    def __key__(self) -> str:
        return self.name

    def give(self, keeper: Keeper) -> list:
        answer, was_shared = keeper.keep(self.things, self.things)
        answer.append("mine")
        return [self.things, was_shared, keeper.own(), keeper.kept is keeper.kept]

    def keep_own(self) -> bool:
        return self.local() is self.things

    def local(self) -> list:
        return self.things

    def fail(self, keeper: Keeper, catch: bool) -> list:
        self.things.append("before")
        Keeper("new")
        stateflow.delete(keeper) if keeper.name == "doomed" else None
        try:
            keeper.fail(self.things)
        except LookupError as error:
            if not catch:
                raise
            return [error.args[0] is self.things, error.args[0]]
        return []


@pytest.fixture
def world() -> Iterator[JudgeWorld]:
    # The judge spends the classes that it watches, so that each test has its own.
    module = types.ModuleType(__name__)
    for cls in (Keeper, Giver):
        twin = type(cls.__name__, (), {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__", "by_key")})
        setattr(module, cls.__name__, stateflow.entity(twin))
    judge = JudgeWorld(module)
    judge.Keeper, judge.Giver = module.Keeper, module.Giver  # type: ignore[attr-defined]
    kept = Keeper
    globals()["Keeper"] = module.Keeper
    with judge.patched():
        yield judge
    globals()["Keeper"] = kept


def names(world: JudgeWorld) -> list[str | None]:
    return [outcome.error_name for outcome in world.run.outcomes]


def test_what_passes_between_entities_is_copied_as_one_graph(world: JudgeWorld) -> None:
    keeper, giver = world.create(world.Keeper, "k"), world.create(world.Giver, "g")
    assert world.call(giver, "give", keeper) == [[1], True, [1, "kept"], False]


def test_a_call_on_self_copies_nothing(world: JudgeWorld) -> None:
    assert world.call(world.create(world.Giver, "g"), "keep_own") is True


def test_a_failed_root_call_is_undone_everywhere(world: JudgeWorld) -> None:
    keeper, giver = world.create(world.Keeper, "k"), world.create(world.Giver, "g")
    world.call(giver, "fail", keeper, False)
    assert names(world)[-1] == "LookupError"
    assert (world.get(giver, "things"), world.get(keeper, "kept")) == ([1], [])
    world.state(world.ref(world.Keeper, "new"))
    assert names(world)[-1] == "EntityNotFound"


def test_a_caught_failure_undoes_nothing_and_its_exception_is_a_copy(world: JudgeWorld) -> None:
    keeper, giver = world.create(world.Keeper, "k"), world.create(world.Giver, "g")
    assert world.call(giver, "fail", keeper, True) == [False, [1, "before"]]
    assert (world.get(giver, "things"), world.get(keeper, "kept")) == ([1, "before"], ["doomed"])
    assert world.get(world.ref(world.Keeper, "new"), "kept") == []


def test_a_deletion_in_a_failed_root_call_is_undone(world: JudgeWorld) -> None:
    doomed, giver = world.create(world.Keeper, "doomed"), world.create(world.Giver, "g")
    world.call(giver, "fail", doomed, True)
    assert names(world)[-1] == "EntityNotFound"
    assert world.get(doomed, "kept") == []


def test_a_changed_key_is_refused_and_undone(world: JudgeWorld) -> None:
    keeper = world.create(world.Keeper, "k")
    world.call(keeper, "rename", "other")
    assert names(world)[-1] == "KeyChanged"
    assert world.get(keeper, "name") == "k"


def test_a_taken_key_is_refused(world: JudgeWorld) -> None:
    world.create(world.Keeper, "k")
    world.create(world.Keeper, "k")
    assert names(world) == [None, "EntityAlreadyExists"]


def test_an_entity_that_was_deleted_and_made_again_is_the_same_object(world: JudgeWorld) -> None:
    first = world.create(world.Keeper, "k")
    world.delete(first)
    with pytest.raises(EntityNotFound):
        world.do_state(first)
    assert world.create(world.Keeper, "k") is first


def test_delete_means_the_judge_only_while_it_runs() -> None:
    original = stateflow.delete
    with JudgeWorld(types.ModuleType("empty")).patched():
        assert stateflow.delete is not original
    assert stateflow.delete is original


@pytest.mark.parametrize(("left", "right"), [(1, True), (1, 1.0), (0.0, -0.0), ([1], (1,)), ({1: 2, 3: 4}, {3: 4, 1: 2}), ("1", 1)])
def test_canonical_forms_tell_values_apart_that_compare_or_look_alike(left: object, right: object) -> None:
    assert canonical_value(left, lambda _: None) != canonical_value(right, lambda _: None)


def test_canonical_forms_of_equal_sets_and_cycles_are_one() -> None:
    left: list = [{3, 1, 2}]
    left.append(left)
    right: list = [{1, 2, 3}]
    right.append(right)
    assert canonical_value(left, lambda _: None) == canonical_value(right, lambda _: None)
