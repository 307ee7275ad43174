"""Damage to files, and a check of what a damaged database still says."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stateflow.errors import DatabaseError, EntityNotFound
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import Account, Note, call, create, flow

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from stateflow.client.future import StateflowFuture
    from stateflow.protocol.messages import Request
    from stateflow.runtime.local import LocalClient

__all__ = ["Template", "damage", "outcome", "verdict"]

_SECONDS = 20
_FLOW = flow()


@dataclass
class Template:
    """A database in a folder, what it must answer, and the requests that made it."""

    folder: Path
    states: dict[tuple[type, Any], dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[Request, str]] = field(default_factory=list)

    @classmethod
    def made(cls, folder: Path, random: Random, *, is_closed: bool, accounts: int = 60, calls: int = 300) -> Template:
        """Make a database; one that is not closed stays as a process leaves it that is killed."""
        template = cls(folder)
        work = folder / "work"
        work.mkdir(parents=True)
        runtime = LocalRuntime(_FLOW, path=work / "shop.db")
        client = runtime.client(bind=False)
        for number in range(accounts):
            template.send(client, create(f"a-{number}", Account, f"account {number:04}", 1000))
        for number in range(5):
            template.send(client, create(f"n-{number}", Note, number, "x" * (3000 * number)))
        for number in range(calls):
            template.send(client, _some_call(client, random, f"c-{number}", accounts))
        template.send(client, call("d-0", Note, 4, "delete"))
        for ref_cls, key in [*((Account, f"account {n:04}") for n in range(accounts)), *((Note, n) for n in range(4))]:
            state = client.state(client.ref(ref_cls, key)).get(_SECONDS)
            template.states[ref_cls, key] = _plain(state)
        if is_closed:
            runtime.close()
        for file in work.iterdir():
            shutil.copy(file, folder / file.name)
        runtime.close()
        return template

    def send(self, client: LocalClient, request: Request) -> None:
        """Send a request, and note what it answers."""
        self.requests.append((request, outcome(client.send(request))))

    def copy(self, folder: Path) -> Path:
        """Copy the files to a folder; return the database's path there."""
        folder.mkdir()
        for file in self.folder.iterdir():
            if file.is_file():
                shutil.copy(file, folder / file.name)
        return folder / "shop.db"


def damage(path: Path, random: Random) -> str:
    """Damage a file in one of many ways; return which."""
    data = bytearray(path.read_bytes())
    size = len(data)
    at = random.randrange(size) if size else 0
    match random.choice(("flip", "flip", "flip", "byte", "run", "cut", "append", "zero page", "swap pages", "stale page")):
        case "flip":
            data[at] ^= 1 << random.randrange(8)
            what = "flip"
        case "byte":
            data[at] ^= random.randrange(1, 256)
            what = "byte"
        case "run":
            length = random.randrange(1, 64)
            data[at : at + length] = random.randbytes(len(data[at : at + length]))
            what = f"run of {length}"
        case "cut":
            del data[at:]
            what = "cut"
        case "append":
            data += random.randbytes(random.choice((1, 100, 4096, 5000)))
            what = "append"
        case "zero page":
            start = at // 4096 * 4096
            data[start : start + 4096] = bytes(len(data[start : start + 4096]))
            what = "zero page"
        case "swap pages":
            first, second = at // 4096 * 4096, random.randrange(size) // 4096 * 4096
            data[first : first + 4096], data[second : second + 4096] = data[second : second + 4096], data[first : first + 4096]
            what = f"swap with page {second // 4096}"
        case _:
            first, second = at // 4096 * 4096, random.randrange(size) // 4096 * 4096
            data[first : first + 4096] = data[second : second + 4096]
            what = f"copy of page {second // 4096}"
    path.write_bytes(data)
    return f"{what} at {at} (page {at // 4096}) of {size} in {path.name}"


def verdict(template: Template, path: Path) -> list[str]:
    """Return every wrong answer of a damaged database; an error that says so is no wrong answer."""
    wrong: list[str] = []
    try:
        runtime = LocalRuntime(_FLOW, path=path)
    except DatabaseError:
        return wrong
    try:
        with runtime.client(bind=False) as client:
            _check_states(template, client, wrong)
            _check_repeats(template, client, wrong)
            _check_states(template, client, wrong)
    finally:
        with contextlib.suppress(DatabaseError):
            runtime.close()
    return wrong


def _check_states(template: Template, client: LocalClient, wrong: list[str]) -> None:
    for (cls, key), expected in template.states.items():
        try:
            state = _plain(client.state(client.ref(cls, key)).get(_SECONDS))
        except DatabaseError:
            continue
        except EntityNotFound as error:
            wrong.append(f"{cls.__name__} {key!r}: {error}")
            continue
        if state != expected:
            wrong.append(f"{cls.__name__} {key!r}: {state} instead of {expected}")
    for cls, key in ((Note, 4), (Account, "account 9999")):
        try:
            client.state(client.ref(cls, key)).get(_SECONDS)
            wrong.append(f"{cls.__name__} {key!r} exists")
        except (DatabaseError, EntityNotFound):
            pass


def _check_repeats(template: Template, client: LocalClient, wrong: list[str]) -> None:
    for request, expected in template.requests:
        answer = outcome(client.send(request))
        if answer != expected and "DatabaseError" not in answer:
            wrong.append(f"request {request.request_id}: {answer} instead of {expected}")


def _some_call(client: LocalClient, random: Random, request_id: str, accounts: int) -> Request:
    source, target = (f"account {random.randrange(accounts):04}" for _ in range(2))
    if random.random() < 0.1:
        return call(request_id, Note, random.randrange(4), "append", f"line {request_id}")
    return call(request_id, Account, source, "move", random.randrange(2000), client.ref(Account, target))


def outcome(future: StateflowFuture[Any]) -> str:
    """Return what a request ended with, as text."""
    try:
        return repr(future.get(_SECONDS))
    except DatabaseError as error:
        return f"DatabaseError {error}"
    except Exception as error:
        return f"{type(error).__name__} {error}"


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    return {name: repr(value) for name, value in state.items()}
