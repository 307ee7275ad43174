"""Frames: what a suspended function is, as data; and the compiled functions that they belong to."""

from __future__ import annotations

import functools
import threading
import types
from typing import TYPE_CHECKING, Any, Final

from stateflow.core.digests import code_digest
from stateflow.core.tracebacks import clean_own_traceback

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.core.state import TransactionState

__all__ = [
    "STOP", "SUSPENDED", "UNBOUND", "YIELDED", "Code", "Frame", "Mark", "Transfer", "enter_handlers", "inside", "leave", "resume", "unwind",
]  # fmt: skip


class Mark:
    """A value that no program has; compared by identity."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


SUSPENDED: Final = Mark("SUSPENDED")
YIELDED: Final = Mark("YIELDED")
STOP: Final = Mark("STOP")
UNBOUND: Final = Mark("UNBOUND")

# Dataflows of one process share the code of the library, and each may run in a thread of its own, as in a worker with several slots.
_generating: Final = threading.RLock()


class Code:
    """A resumable function. Its generated code is made when it is first used: of a large program, a process runs a small part.

    `run(tx, frame, *parameters)` starts it (frame None) or goes on where the frame stopped. `handlers` has, for each program counter, the
    handler's program counter, its depth and where its variables stand among the saved ones, or None. `live` names the variables that a
    frame holds at each program counter. As many arguments as `arity`, given by position, need no binding to parameters; -1: all need it.
    """

    __slots__ = (
        "_digest", "_generate", "arity", "binder", "cleans_up", "free", "handlers", "is_async", "is_generator", "live", "name", "protects",
        "run", "short_name",
    )  # fmt: skip

    def __init__(self, name: str, short_name: str) -> None:
        self.name = name
        self.short_name = short_name
        self.run: Callable[..., Any] = self._run_first
        self._generate: Callable[[], None] | None = None
        self.arity = -1
        self.binder: types.CodeType | None = None
        self.free: tuple[str, ...] = ()
        self.handlers: tuple[tuple[int, int, tuple[int, ...]] | None, ...] = ()
        self.live: dict[int, tuple[str, ...]] = {}
        self.is_generator = False
        self.is_async = False
        self.protects = False
        self.cleans_up = False
        self._digest = ""

    @property
    def digest(self) -> str:
        """A digest of the compiled function: its frames mean nothing to another one."""
        if not self._digest:
            self.prepare()
            self._digest = code_digest(self.run.__code__)
        return self._digest

    def __repr__(self) -> str:
        return f"Code({self.name!r})"

    def generate_by(self, generate: Callable[[], None]) -> None:
        """Say what makes the generated code, which is not needed yet."""
        self._generate = generate

    def prepare(self) -> None:
        """Make the generated code, unless it is there."""
        if self._generate is not None:
            with _generating:
                if self._generate is not None:
                    self._generate()
                    self._generate = None

    def _run_first(self, tx: TransactionState, frame: Frame | None, *parameters: Any) -> Any:
        self.prepare()
        return self.run(tx, frame, *parameters)

    def parameters(self, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Return all that `run` takes to start: the captured cells, then the value of each parameter."""
        bound = args if len(args) == self.arity and not kwargs else self.bind(function, args, kwargs)
        return (*self.cells(function), *bound) if self.free else bound

    def bind(self, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Return the value of each parameter, with the function's defaults; errors are CPython's own."""
        self.prepare()
        assert self.binder is not None
        binder = types.FunctionType(self.binder, {}, function.__name__, function.__defaults__)
        binder.__kwdefaults__ = function.__kwdefaults__
        return binder(*args, **kwargs)  # type: ignore[no-any-return]

    def cells(self, function: types.FunctionType) -> tuple[Any, ...]:
        """Return the cells that a function object captured, in the order in which the code takes them."""
        closure = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        return tuple(closure[name] for name in self.free)


class Frame:
    """A suspended function: its code, where it goes on, its live variables, the exceptions being handled, and what it waits for."""

    __slots__ = ("code", "error", "handled", "locals", "pc", "value")

    def __init__(self, code: Code, pc: int, variables: tuple[Any, ...], handled: tuple[BaseException, ...] = ()) -> None:
        self.code = code
        self.pc = pc
        self.locals = variables
        self.handled = handled
        self.value: Any = None
        self.error: BaseException | None = None

    def __repr__(self) -> str:
        return f"Frame({self.code.name!r}, pc={self.pc})"

    @property
    def must_clean_up(self) -> bool:
        """Whether a generator that waits here would do something if it were dropped."""
        return self.code.cleans_up and self.pc >= 0 and self.code.handlers[self.pc] is not None


class Transfer:
    """A generated function's wish to go on in another block, inside more or fewer `except` clauses."""

    __slots__ = ("frame",)

    def __init__(self, frame: Frame) -> None:
        self.frame = frame


def unwind(code: Code, pc: int, error: BaseException, variables: tuple[Any, ...], frame: Frame | None) -> Transfer:
    """Go to the handler of an exception that was raised at `pc`."""
    handler = code.handlers[pc]
    assert handler is not None
    clean_own_traceback(error)
    target, depth, positions = handler
    handled = frame.handled[: depth - 1] if frame is not None else ()
    saved = tuple([variables[p] if p >= 0 else UNBOUND for p in positions])
    return Transfer(Frame(code, target, saved, (*handled, error)))


def leave(code: Code, pc: int, variables: tuple[Any, ...], handled: tuple[BaseException, ...]) -> Transfer:
    """Leave `except` clauses and go on at `pc`."""
    return Transfer(Frame(code, pc, variables, handled))


def enter_handlers(tx: TransactionState, transfer: Transfer) -> Any:
    """Run the handlers of a function that was called just now, inside real `except` clauses."""
    return _run(tx, transfer.frame, 0)


def resume(tx: TransactionState, frame: Frame, outer: tuple[BaseException, ...] = ()) -> Any:
    """Go on with a frame; `outer` are the exceptions being handled in the frames around it."""
    return inside(outer, functools.partial(_run, tx, frame, 0)) if outer else _run(tx, frame, 0)


def inside(handled: tuple[BaseException, ...], body: Callable[[], Any]) -> Any:
    """Run `body` inside the `except` clauses that handle some exceptions, the outermost first."""
    return _within(handled[0], lambda: inside(handled[1:], body)) if handled else body()


def _run(tx: TransactionState, frame: Frame, level: int) -> Any:
    while True:
        if len(frame.handled) > level:
            result = _within(frame.handled[level], functools.partial(_run, tx, frame, level + 1))
        else:
            result = frame.code.run(tx, frame)
        if type(result) is not Transfer:
            return result
        if len(result.frame.handled) < level or result.frame.handled[:level] != frame.handled[:level]:
            return result
        frame = result.frame


def _within(error: BaseException, body: Callable[[], Any]) -> Any:
    """Run `body` as the body of an `except` clause that caught `error`."""
    traceback, context = error.__traceback__, error.__context__
    try:
        raise error
    except BaseException:
        error.__traceback__, error.__context__ = traceback, context
        return body()
