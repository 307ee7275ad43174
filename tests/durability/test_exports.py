"""What programs of the corpus leave in their files comes through an export and an import as the very same bytes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stateflow.runtime.local.state_file import StateFile
from stateflow.runtime.local.state_lines import export_lines, import_lines
from tests.crash.world import DurableWorld
from tests.judge.compiled import Compiled
from tests.judge.corpus import Program, all_programs

# A fifth of them, and those whose entities are all gone at the end.
SHARE = [
    program
    for number, program in enumerate(all_programs())
    if number % 5 == 0 or program.name in ("entities/delete_self_in_method", "found/extend_sees_what_is_in_already")
]


def rows(path: Path) -> list[tuple[str, bytes, int, bytes]]:
    query = "SELECT name, key, version, state FROM entity JOIN class ON class.id = entity.class ORDER BY name, key"
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("program", SHARE, ids=lambda program: program.name)
def test_entities_of_a_program_come_through_an_export_as_the_same_bytes(program: Program, tmp_path: Path) -> None:
    compiled = Compiled(program)
    with DurableWorld(compiled.flow, tmp_path / "before.db") as world:
        compiled.module.script(world)
    with StateFile(tmp_path / "before.db") as file:
        lines = list(export_lines(file, list(file.classes)))
    import_lines(tmp_path / "after.db", lines)
    assert len(lines) == len(rows(tmp_path / "before.db")) + 1
    # The versions may have other numbers, as only those of the exported classes come along.
    assert [row[:2] for row in rows(tmp_path / "after.db")] == [row[:2] for row in rows(tmp_path / "before.db")]
    with StateFile(tmp_path / "before.db") as before, StateFile(tmp_path / "after.db") as after:
        names = list(before.classes)
        assert [entity.state for entity in after.entities(names)] == [entity.state for entity in before.entities(names)]
