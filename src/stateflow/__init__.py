"""StateFlow compiles annotated Python classes to stateful dataflows, and runs their methods as transactions.

>>> import stateflow
>>> @stateflow.stateflow
... class Item:
...     def __init__(self, name: str, price: int):
...         self.name, self.price = name, price
...     def __key__(self) -> str:
...         return self.name

`stateflow.init()` compiles the decorated classes; `stateflow.runtime.local.LocalRuntime` runs them in process.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stateflow import errors
from stateflow.entity import delete, entity
from stateflow.errors import (
    AccessRefused,
    BrokerUnreachable,
    ClassesDiffer,
    ClientClosed,
    CommitFailed,
    CompileError,
    ConfigurationError,
    DatabaseDamaged,
    DatabaseError,
    DatabaseInUse,
    DatabaseRefused,
    DeadlinePassed,
    EntityAlreadyExists,
    EntityError,
    EntityNotFound,
    FrameOfOtherCode,
    GeneratorLeftOpen,
    ImportRefused,
    IncompatibleSchema,
    InvalidKey,
    InvalidPartition,
    JarsNotFetched,
    JobFailed,
    JobManagerUnreachable,
    JobRefused,
    JobReplays,
    KeyChanged,
    LimitExceeded,
    MalformedBytes,
    MissingExtra,
    NewerSchema,
    NotRepeatable,
    OutcomeUnknown,
    PlaceStopped,
    QueueFull,
    ReferenceInNativeCode,
    RequestError,
    RequestExpired,
    RequestIdReused,
    RequestUnknown,
    SavepointRefused,
    StartFailed,
    StateflowError,
    SuspensionInNativeCode,
    ToolMissing,
    TopicRefused,
    UnstorableValue,
    UpgradeFailed,
)
from stateflow.renaming import renamed

if TYPE_CHECKING:
    from stateflow.client.base import StateflowClient
    from stateflow.client.future import StateflowFuture
    from stateflow.compiler.pipeline import register_value
    from stateflow.dataflow import Dataflow

__all__ = [
    "AccessRefused",
    "BrokerUnreachable",
    "ClassesDiffer",
    "ClientClosed",
    "CommitFailed",
    "CompileError",
    "ConfigurationError",
    "DatabaseDamaged",
    "DatabaseError",
    "DatabaseInUse",
    "DatabaseRefused",
    "Dataflow",
    "DeadlinePassed",
    "EntityAlreadyExists",
    "EntityError",
    "EntityNotFound",
    "FrameOfOtherCode",
    "GeneratorLeftOpen",
    "ImportRefused",
    "IncompatibleSchema",
    "InvalidKey",
    "InvalidPartition",
    "JarsNotFetched",
    "JobFailed",
    "JobManagerUnreachable",
    "JobRefused",
    "JobReplays",
    "KeyChanged",
    "LimitExceeded",
    "MalformedBytes",
    "MissingExtra",
    "NewerSchema",
    "NotRepeatable",
    "OutcomeUnknown",
    "PlaceStopped",
    "QueueFull",
    "ReferenceInNativeCode",
    "RequestError",
    "RequestExpired",
    "RequestIdReused",
    "RequestUnknown",
    "SavepointRefused",
    "StartFailed",
    "StateflowClient",
    "StateflowError",
    "StateflowFuture",
    "SuspensionInNativeCode",
    "ToolMissing",
    "TopicRefused",
    "UnstorableValue",
    "UpgradeFailed",
    "delete",
    "entity",
    "errors",
    "init",
    "register_value",
    "renamed",
    "stateflow",
]

__version__ = "0.1.0"

stateflow = entity

# Loaded when first used, so that importing the package costs next to nothing.
_LAZY = {
    "Dataflow": "stateflow.dataflow",
    "StateflowClient": "stateflow.client.base",
    "StateflowFuture": "stateflow.client.future",
    "register_value": "stateflow.compiler.pipeline",
}


def init(*classes: type) -> Dataflow:
    """Compile entity classes to a dataflow.

    Args:
        classes: the entity classes; none means every decorated class.

    Returns:
        The immutable dataflow, which runtimes and clients take.

    Raises:
        CompileError: a class cannot be compiled; it holds every error found.
        ConfigurationError: there is no class to compile, or one that is not decorated.
    """
    from stateflow.compiler.pipeline import compile_classes
    from stateflow.entity import decorated_classes

    return compile_classes(classes or decorated_classes())


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
