"""Generators, coroutines and bound methods of other entities, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from stateflow.core.frame import Code, Frame
from stateflow.errors import SuspensionInNativeCode

if TYPE_CHECKING:
    from stateflow.references import Reference

__all__ = ["Coroutine", "Generator", "RemoteMethod"]


class Generator:
    """A generator of compiled code: a frame that gives values. Its frame is None while it runs and when it is exhausted."""

    __slots__ = ("frame", "is_running", "name", "result")

    def __init__(self, frame: Frame | None, name: str) -> None:
        self.frame = frame
        self.name = name
        self.is_running = False
        self.result: Any = None

    def __repr__(self) -> str:
        return f"<generator object {self.name}>"

    def __iter__(self) -> Generator:
        return self

    def __next__(self) -> NoReturn:
        raise SuspensionInNativeCode(
            f"SF521: library code iterates over the generator {self.name}, which may suspend; make a list of it in the method first"
        )


class Coroutine:
    """A call that runs when it is awaited: of a local async function, or of an async method of another entity."""

    __slots__ = ("code", "is_awaited", "parameters", "reference")

    def __init__(self, code: Code, parameters: tuple[Any, ...], reference: Reference | None = None) -> None:
        self.code = code
        self.parameters = parameters
        self.reference = reference
        self.is_awaited = False

    def __repr__(self) -> str:
        return f"<coroutine object {self.code.short_name}>"

    def close(self) -> None:
        """Give it up: it has not begun, so there is nothing to clean up."""
        self.is_awaited = True

    def throw(self, error: BaseException | type[BaseException]) -> NoReturn:
        """Raise an exception where it would begin."""
        if self.is_awaited:
            raise RuntimeError("cannot reuse already awaited coroutine")
        self.is_awaited = True
        raise error

    def send(self, value: object) -> NoReturn:
        """Refuse to run it by hand; compiled code runs it by `await`."""
        raise SuspensionInNativeCode(f"SF521: `send` runs the coroutine {self.code.short_name} by hand; await it")


class RemoteMethod:
    """A method of another entity as a value: `f = item.update_stock`."""

    __slots__ = ("method", "reference")

    def __init__(self, reference: Reference, method: str) -> None:
        self.reference = reference
        self.method = method

    @property
    def __name__(self) -> str:
        return self.method

    @property
    def __self__(self) -> Reference:
        return self.reference

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteMethod) and (self.reference, self.method) == (other.reference, other.method)

    def __hash__(self) -> int:
        return hash((self.reference, self.method))

    def __repr__(self) -> str:
        return f"<bound method {self.method} of {self.reference!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse a call by library code; compiled code calls by the transaction."""
        raise SuspensionInNativeCode(
            f"SF521: library code calls {self!r}, a method of another entity; call it in the method itself"
        )
