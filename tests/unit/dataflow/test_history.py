"""A file keeps the versions that wrote to it; code that cannot go on with it is refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stateflow.dataflow.history import History, StoredVersion
from stateflow.errors import IncompatibleSchema, NewerSchema
from tests.unit.dataflow.versions import flow_of

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow

FIRST = """
    {above}
    @stateflow.entity
    class User:
        {number}
        def __init__(self, name: str{parameter}):
            self.name = name
            {more}

        def __key__(self) -> str:
            return self.name
"""


def flow(more: str = "", parameter: str = "", number: str = "", above: str = "") -> Dataflow:
    return flow_of(FIRST.format(more=more, parameter=parameter, number=number, above=above))


class File:
    """What a file would keep."""

    def __init__(self) -> None:
        self.rows: list[StoredVersion] = []
        self.emptied: set[int] = set()
        self.asked: list[tuple[str, int]] = []

    def has_states(self, stored_name: str, number: int) -> bool:
        self.asked.append((stored_name, number))
        return number not in self.emptied

    def check(self, flow: Dataflow, **options: bool) -> History:
        history = History(flow, self.rows)
        history.check(self.has_states, **options)
        return history

    def write(self, flow: Dataflow) -> int:
        history = History(flow, self.rows)
        number = history.number_for(flow.classes[0])
        self.rows += history.pending
        return number


@pytest.fixture
def file() -> File:
    made = File()
    made.write(flow())
    return made


def test_the_same_classes_write_with_one_version(file):
    assert (file.write(flow()), len(file.rows)) == (1, 1)
    file.check(flow())
    assert file.asked == []


def test_code_that_does_not_write_leaves_no_trace(file):
    file.check(flow("self.extra = 1"))
    file.check(flow())
    assert len(file.rows) == 1


def test_older_code_is_refused_once_newer_code_has_written(file):
    file.write(flow("self.extra = 1"))
    with pytest.raises(NewerSchema, match=r"a newer version of User has written here \(it has extra\); start the newer code again"):
        file.check(flow())


def test_older_code_goes_on_when_it_is_told_to(file):
    newer = flow("self.extra = 1")
    file.write(newer)
    file.check(flow(), allow_newer=True)
    assert file.write(flow()) == 3
    file.check(flow())
    with pytest.raises(NewerSchema):
        file.check(newer)


def test_code_that_differs_in_methods_only_is_neither_older_nor_newer(file):
    fixed = flow("name.strip()")
    assert file.write(fixed) == 2
    file.check(flow())
    assert file.write(flow()) == 3


def test_a_higher_version_number_is_newer_whatever_the_fields(file):
    file.write(flow(number="__version__ = 3"))
    with pytest.raises(NewerSchema, match="its __version__ is 3, not 2"):
        file.check(flow("self.extra = 1", number="__version__ = 2"))


def test_states_without_a_field_from_an_argument_are_refused(file):
    with pytest.raises(IncompatibleSchema, match=r"stored entities of User lack email, which User.__init__ takes from"):
        file.check(flow("self.email = email", ", email: str"))


def test_a_version_without_states_is_no_obstacle(file):
    file.emptied.add(1)
    file.check(flow("self.email = email", ", email: str"))
    assert file.asked == [("User", 1)]


def test_states_of_an_unknown_class_are_refused_unless_they_may_stay(file):
    other = flow_of(FIRST.format(more="", parameter="", number="", above="").replace("User", "Shop"))
    with pytest.raises(IncompatibleSchema, match="there are entities of User, which is no class of this flow"):
        file.check(other)
    file.check(other, allow_unknown=True)


def test_a_renamed_class_takes_the_states_over_and_the_former_code_is_refused(file):
    source = FIRST.format(more="", parameter="", number="", above='@stateflow.renamed("User")')
    renamed = flow_of(source.replace("class User", "class Shopper"))
    file.check(renamed)
    assert file.write(renamed) == 2
    with pytest.raises(IncompatibleSchema, match="there are entities of Shopper"):
        file.check(flow())


def test_all_problems_are_told_at_once(file):
    file.write(flow_of(FIRST.format(more="", parameter="", number="", above="").replace("User", "Shop")))
    with pytest.raises(IncompatibleSchema) as raised:
        file.check(flow("self.email = email", ", email: str"))
    assert len(raised.value.problems) == 2
