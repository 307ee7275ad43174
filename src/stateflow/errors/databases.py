"""Errors of what is kept: files, schemas, places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.errors.root import StateflowError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CommitFailed",
    "DatabaseDamaged",
    "DatabaseError",
    "DatabaseInUse",
    "DatabaseRefused",
    "ImportRefused",
    "IncompatibleSchema",
    "NewerSchema",
    "PlaceStopped",
]


class DatabaseError(StateflowError):
    """The database file cannot be used: it cannot be opened, read or written."""

    code = "SF550"


class DatabaseInUse(DatabaseError):
    """Another runtime, of this process or another one, has the file open."""

    code = "SF551"


class DatabaseDamaged(DatabaseError):
    """The file has lost or changed something that was committed. Put a backup back."""

    code = "SF552"


class DatabaseRefused(DatabaseError):
    """The file is not one of StateFlow, belongs to another dataflow, or was written by a newer version."""

    code = "SF553"


class ImportRefused(DatabaseError):
    """Entities that cannot be imported. Nothing of the import was kept."""

    code = "SF555"


class CommitFailed(DatabaseError):
    """The disk did not take a commit. Nothing of the request was kept, and it may be sent again, also with the same id."""

    code = "SF554"


class IncompatibleSchema(StateflowError):
    """Stored states that these classes cannot take over. `problems` holds a sentence for each class."""

    code = "SF570"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(f"{self.code}: {problem}" for problem in self.problems)


class NewerSchema(IncompatibleSchema):
    """Stored states that newer versions of these classes wrote."""

    code = "SF572"


class PlaceStopped(StateflowError):
    """A place takes no more envelopes, since it cannot know what it missed. `place` is its name; `reason` says what happened."""

    code = "SF580"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: place {self.place} has stopped: {self.reason}"
