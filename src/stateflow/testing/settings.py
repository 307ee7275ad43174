"""How a test is run: what its markers, the command line and the configuration file say together."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from stateflow.entity import is_entity
from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stateflow.options import LocalOptions

__all__ = ["Settings", "settings_of"]


@dataclass(frozen=True)
class Settings:
    """What `@pytest.mark.stateflow` says. The marker nearest to the test wins, for each setting by itself.

    Attributes:
        classes: the entity classes; empty when the marker names none.
        suspend_everywhere: whether methods suspend at every suspension point; "both" runs the test twice.
        durable: whether the state is in a file, in the test's own temporary folder.
        seed: makes request ids, random numbers and unique ids.
        bind: whether the classes create entities when they are called, as in `User("ann")`.
        options: options of the runtime.
    """

    classes: Sequence[type] = ()
    suspend_everywhere: bool | str = False
    durable: bool = False
    seed: int | None = 0
    bind: bool = True
    options: LocalOptions | None = None

    def __post_init__(self) -> None:
        named: Sequence[object] = self.classes
        strangers = [cls for cls in named if not (isinstance(cls, type) and is_entity(cls))]
        if strangers:
            raise ConfigurationError(f"SF540: the classes of @pytest.mark.stateflow hold {strangers[0]!r}, which is not an entity class")
        if self.suspend_everywhere not in (True, False, "both"):
            raise ConfigurationError(f"SF540: suspend_everywhere is {self.suspend_everywhere!r}; it is True, False or 'both'")


_NAMES = tuple(field.name for field in fields(Settings))


def settings_of(markers: Iterable[Mapping[str, Any]], given: Settings) -> Settings:
    """Return the settings of one test.

    Args:
        markers: the arguments of the test's markers, the nearest first.
        given: what holds without them.

    Raises:
        ConfigurationError: a marker has an unknown argument, or a wrong value.
    """
    merged = ChainMap(*(dict(marker) for marker in markers))
    unknown = sorted(merged.keys() - _NAMES)
    if unknown:
        raise ConfigurationError(f"SF540: @pytest.mark.stateflow does not know {unknown[0]!r}; it takes {', '.join(_NAMES)}")
    return replace(given, **merged)
