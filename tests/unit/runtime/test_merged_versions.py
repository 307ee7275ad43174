"""Imported states keep the version of the class that wrote them; where nobody can tell which version is newer, nothing is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

import stateflow
from stateflow.dataflow.history import StoredVersion
from stateflow.dataflow.schema import ClassVersion
from stateflow.errors import ImportRefused
from stateflow.runtime.local import LocalRuntime
from stateflow.runtime.local.state_file import StateFile
from stateflow.runtime.local.state_lines import export_lines, import_lines, merged_versions


def version(number: int, digest: str, stored_name: str = "User", class_name: str | None = None) -> StoredVersion:
    return StoredVersion(number, stored_name, ClassVersion(class_name=class_name or stored_name, digest=digest))


def test_new_file_gets_all_versions_in_their_order() -> None:
    given = [version(2, "a"), version(5, "x", "Item"), version(7, "b")]
    numbers, added = merged_versions([], given)
    assert [(v.stored_name, v.version.digest) for v in sorted(added) if v.stored_name == "User"] == [("User", "a"), ("User", "b")]
    assert {number: next(v.version.digest for v in added if v.number == to) for number, to in numbers.items()} == {2: "a", 5: "x", 7: "b"}
    assert sorted(v.number for v in added) == [1, 2, 3]


def test_known_versions_are_found_and_later_ones_added() -> None:
    known = [version(1, "x", "Item"), version(2, "a"), version(3, "b")]
    assert merged_versions(known, [version(1, "a")]) == ({1: 2}, [])
    assert merged_versions(known, [version(1, "b"), version(2, "c")]) == ({1: 3, 2: 4}, [version(4, "c")])


@pytest.mark.parametrize("given", [[version(1, "z")], [version(1, "z"), version(2, "b")], [version(1, "a"), version(2, "z")]])
def test_version_that_may_be_older_or_newer_is_refused(given: list[StoredVersion]) -> None:
    with pytest.raises(ImportRefused, match="SF555: the states of User were written by a version of the class that this file"):
        merged_versions([version(1, "a"), version(2, "b")], given)


def test_class_that_the_file_keeps_under_another_name_is_refused() -> None:
    known = [version(1, "a", "Person"), version(2, "b", "Person", "User")]
    with pytest.raises(ImportRefused, match="the file keeps User under another name, Person, as it was renamed"):
        merged_versions(known, [version(1, "b")])
    assert merged_versions(known, [version(1, "a", "Item")]) == ({1: 3}, [version(3, "a", "Item")])


def test_older_states_are_taken_over_when_the_present_class_loads_them(tmp_path: Path) -> None:
    def flow(source: str) -> stateflow.Dataflow:
        file = tmp_path / f"shop_{len(source)}.py"
        file.write_text(source)
        from stateflow.cli.modules import load_classes

        return stateflow.init(*load_classes(str(file)))

    head = "import stateflow\n\n@stateflow.entity\nclass Cart:\n    def __init__(self, name: str):\n        self.name = name\n"
    key = "    def __key__(self):\n        return self.name\n"
    before, after = flow(head + key), flow(head + "        self.lines = []\n" + key)
    with LocalRuntime(before, path=tmp_path / "old.db") as runtime, runtime.client(bind=False) as client:
        client.create(before.classes[0], "ann").get(10)
    with StateFile(tmp_path / "old.db") as file:
        lines = list(export_lines(file, ["Cart"]))
    import_lines(tmp_path / "new.db", lines)
    with LocalRuntime(after, path=tmp_path / "new.db") as runtime, runtime.client(bind=False) as client:
        (ann,) = client.list(after.classes[0]).get(10)
        assert client.state(ann).get(10) == {"name": "ann", "lines": []}
