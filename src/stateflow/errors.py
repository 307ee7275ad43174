"""The exceptions of StateFlow.

    StateflowError
    ├── CompileError              classes that cannot be compiled; carries every diagnostic
    ├── EntityError
    │   ├── EntityNotFound        no entity has this key
    │   ├── EntityAlreadyExists   creation with a key that is taken
    │   ├── InvalidKey            `__key__` answered something that cannot be a key
    │   ├── KeyChanged            a method changed what `__key__` answers
    │   └── UpgradeFailed         a state that another version of the class wrote cannot be taken over
    ├── IncompatibleSchema        stored states that these classes cannot take over
    │   └── NewerSchema           they were written by newer code
    ├── PlaceStopped              a place that lost envelopes, or got other ones than before, takes no more
    ├── FrameOfOtherCode          a suspended method whose code has changed since
    ├── UnstorableValue           a value that cannot be stored or sent (names the path)
    ├── MalformedBytes            bytes that are not a value of this version
    ├── ReferenceInNativeCode     a reference reached code that took it for a local object
    ├── SuspensionInNativeCode    library code called back into code that must suspend
    ├── NotRepeatable             an operation whose answer a replay could not give again
    ├── LimitExceeded             one of the limits of `stateflow.limits`
    ├── ConfigurationError        wrong option or wrong use of the API
    ├── MissingExtra              an optional package is not installed (also an ImportError)
    ├── ToolMissing               a program that development needs is not installed
    ├── JarsNotFetched            Maven could not fetch Kafka or Flink
    ├── StartFailed               a Kafka or Flink of `stateflow dev` did not start
    ├── ClientClosed              the client or its runtime has been closed
    ├── RequestError
    │   ├── RequestExpired        a repeated request that the ledger has forgotten
    │   ├── RequestIdReused       another request had this id
    │   └── DeadlinePassed        it had not begun in time, and was not run (also a TimeoutError)
    ├── RequestUnknown            no reply to a request is kept
    └── OutcomeUnknown            no reply in time; the request may still take effect (also a TimeoutError)
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.compiler.diagnostics import Diagnostic

__all__ = [
    "ClientClosed",
    "CommitFailed",
    "CompileError",
    "ConfigurationError",
    "DatabaseDamaged",
    "DatabaseError",
    "DatabaseInUse",
    "DatabaseRefused",
    "DeadlinePassed",
    "EntityAlreadyExists",
    "EntityError",
    "EntityNotFound",
    "FrameOfOtherCode",
    "IncompatibleSchema",
    "InvalidKey",
    "JarsNotFetched",
    "KeyChanged",
    "LimitExceeded",
    "MalformedBytes",
    "MissingExtra",
    "NewerSchema",
    "NotRepeatable",
    "OutcomeUnknown",
    "PlaceStopped",
    "ReferenceInNativeCode",
    "RequestError",
    "RequestExpired",
    "RequestIdReused",
    "RequestUnknown",
    "StartFailed",
    "StateflowError",
    "SuspensionInNativeCode",
    "ToolMissing",
    "UnstorableValue",
    "UpgradeFailed",
]


class StateflowError(Exception):
    """The root of all errors that StateFlow itself raises."""

    code: ClassVar[str] = "SF500"


class CompileError(StateflowError):
    """Classes that cannot be compiled. `diagnostics` holds every error and warning found."""

    code = "SF200"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(str(d) for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


class EntityError(StateflowError):
    """An error about one entity. `class_name` and `key` name it."""

    sentence: ClassVar[str] = "{entity} is in error"

    def __init__(self, class_name: str, key: object) -> None:
        super().__init__(class_name, key)
        self.class_name = class_name
        self.key = key

    def __str__(self) -> str:
        return f"{self.code}: " + self.sentence.format(entity=f"{self.class_name}({self.key!r})")


class EntityNotFound(EntityError):
    """No entity of this class has this key: it was never created, or it was deleted."""

    code = "SF501"
    sentence = "{entity} does not exist; create it first, or check the key"


class EntityAlreadyExists(EntityError):
    """An entity of this class has this key already."""

    code = "SF502"
    sentence = "{entity} exists already; address it with by_key, or create it with another key"


class KeyChanged(EntityError):
    """A method changed an attribute that `__key__` is made of. The key is set once, at creation."""

    code = "SF503"
    sentence = "the key of {entity} changed; keep the attributes that __key__ reads as they were at creation"


class UpgradeFailed(EntityError):
    """The state of an entity was written by another version of its class, and this one cannot take it over.

    `version` says which version that was, `reason` why not.
    """

    code = "SF571"

    def __init__(self, class_name: str, key: object, version: str, reason: str) -> None:
        super().__init__(class_name, key)
        self.args = (class_name, key, version, reason)
        self.version = version
        self.reason = reason

    def __str__(self) -> str:
        entity = f"{self.class_name}({self.key!r})"
        return f"{self.code}: the stored state of {entity}, written by {self.version}, cannot be taken over: {self.reason}"


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


class FrameOfOtherCode(StateflowError):
    """A suspended method or generator was stored, and its code has changed since, so that it cannot go on."""

    code = "SF573"


class InvalidKey(StateflowError):
    """`__key__` answered something that cannot be a key."""

    code = "SF504"


class UnstorableValue(StateflowError):
    """A value that cannot be stored or sent. `path` names where it is, as in `User.cart[3].lock`."""

    code = "SF510"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.path} cannot be stored: {self.reason}"


class MalformedBytes(StateflowError):
    """Bytes that are not a value written by this version of StateFlow for these classes."""

    code = "SF511"


class ReferenceInNativeCode(StateflowError):
    """A reference reached code that took it for a local object, such as a library function."""

    code = "SF520"


class SuspensionInNativeCode(StateflowError):
    """Library code called back into a function that must reach another entity."""

    code = "SF521"


class NotRepeatable(StateflowError):
    """An operation whose answer a replay of the request could not give again."""

    code = "SF522"


class LimitExceeded(StateflowError):
    """One of the limits of `stateflow.limits` was passed."""

    code = "SF530"


class ConfigurationError(StateflowError):
    """A wrong option, or a wrong use of the API."""

    code = "SF540"


class MissingExtra(StateflowError, ImportError):
    """An optional package is not installed; the message holds the install line."""

    code = "SF541"


class ToolMissing(StateflowError):
    """A program that `stateflow dev` needs is not installed, or too old."""

    code = "SF600"

    def __init__(self, tool: str, fix: str) -> None:
        super().__init__(f"{self.code}: {tool} is needed and was not found; {fix}")
        self.tool = tool
        self.fix = fix


class JarsNotFetched(StateflowError):
    """Maven could not fetch the archives of Kafka or Flink."""

    code = "SF601"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{self.code}: the archives of {name} could not be fetched: {reason}; look at the network and Maven's settings, then try again"
        )
        self.name = name
        self.reason = reason


class StartFailed(StateflowError):
    """A Kafka or Flink that `stateflow dev` starts did not come up. `log_tail` has the end of what it printed."""

    code = "SF602"

    def __init__(self, title: str, reason: str, log_tail: str, log: str) -> None:
        printed = f"; its log is {log} and ends with:\n{log_tail}" if log_tail else ""
        super().__init__(f"{self.code}: {title} did not start: {reason}{printed}")
        self.title = title
        self.reason = reason
        self.log_tail = log_tail
        self.log = log


class ClientClosed(StateflowError):
    """The client, or the runtime that it talks to, has been closed."""

    code = "SF542"


class OutcomeUnknown(StateflowError, TimeoutError):
    """No reply came in time; the request may still take effect. `request_id` asks for its reply later."""

    code = "SF543"

    def __init__(self, request_id: str, timeout_s: float) -> None:
        super().__init__(request_id, timeout_s)
        self.request_id = request_id
        self.timeout_s = timeout_s

    def __str__(self) -> str:
        return (
            f"{self.code}: no reply to request {self.request_id} within {self.timeout_s} s; its outcome is unknown: "
            f"wait longer with .get(timeout=...), or ask later with client.result({self.request_id!r})"
        )


class RequestError(StateflowError):
    """An error about one request. `request_id` names it."""

    sentence: ClassVar[str] = "request {id} is in error"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.code}: " + self.sentence.format(id=self.request_id)


class RequestExpired(RequestError):
    """A request came again after its reply was dropped from the ledger. Whether it took effect is no longer known; it is not run."""

    code = "SF544"
    sentence = (
        "request {id} was submitted before what the ledger still holds; it is not run, as it may have been: "
        "look at the entities, then send a new request if it is needed"
    )


class RequestIdReused(RequestError):
    """A request has the id of another one, which asked for something else."""

    code = "SF545"
    sentence = "another request had the id {id} and asked for something else; give each request an id of its own"


class RequestUnknown(StateflowError):
    """No reply to a request is kept: it was not carried out, or it was a read, whose reply need not be kept.

    Attributes:
        request_id: the request that was asked about.
        forgotten_ns: None when this is certain. Else requests that were sent up to this time, in nanoseconds since 1970, are forgotten,
            and it may be one of them; `client.result(request_id, sent_ns=...)` tells.
    """

    code = "SF546"

    def __init__(self, request_id: str, forgotten_ns: int | None = None) -> None:
        super().__init__(request_id, forgotten_ns)
        self.request_id = request_id
        self.forgotten_ns = forgotten_ns

    def __str__(self) -> str:
        text = f"{self.code}: no reply to request {self.request_id} is kept: it was not carried out, or it was a read"
        if self.forgotten_ns is None:
            return f"{text}; send it again"
        moment = dt.datetime.fromtimestamp(self.forgotten_ns // 10**9, dt.UTC)
        return f"{text}, or it was sent before {moment:%Y-%m-%d %H:%M:%S} UTC and is forgotten; client.result(..., sent_ns=...) tells which"


class DeadlinePassed(RequestError, TimeoutError):
    """A request came to its turn after its deadline. It was not run and never will be."""

    code = "SF547"
    sentence = (
        "request {id} had not begun when its deadline passed; it was not run: "
        "send a new request, with a later deadline or under less load"
    )


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


class CommitFailed(DatabaseError):
    """The disk did not take a commit. Nothing of the request was kept, and it may be sent again, also with the same id."""

    code = "SF554"


class PlaceStopped(StateflowError):
    """A place takes no more envelopes, since it cannot know what it missed. `place` is its name; `reason` says what happened."""

    code = "SF580"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: place {self.place} has stopped: {self.reason}"
