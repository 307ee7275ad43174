"""The exceptions of StateFlow.

StateflowError
├── CompileError              classes that cannot be compiled; carries every diagnostic
├── EntityError
│   ├── EntityNotFound        no entity has this key
│   ├── EntityAlreadyExists   creation with a key that is taken
│   ├── InvalidKey            `__key__` answered something that cannot be a key
│   ├── InvalidPartition      `__partition__` answered something that cannot be a key
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
├── GeneratorLeftOpen         a request left a generator half way where it would clean up
├── NotRepeatable             an operation whose answer a replay could not give again
├── LimitExceeded             one of the limits of `stateflow.limits`
│   └── QueueFull             as many requests wait for the engine as may; this one was not sent
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
├── AccessRefused             Kafka does not let a user in, or not do what it needs (also a PermissionError)
├── BrokerUnreachable         no Kafka broker answers (also a ConnectionError)
├── JobManagerUnreachable     no JobManager of Flink answers (also a ConnectionError)
├── JobRefused                a job of Flink that cannot be started, found, saved or stopped
├── JobFailed                 a job of Flink that an error in its workers ended
├── JobReplays                a job of Flink that has not caught up after a restart
├── SavepointRefused          a saved state that the log has outlived
├── ClassesDiffer             a Kafka client with other classes than the job
├── TopicRefused              a Kafka topic with settings that StateFlow cannot work with
├── RequestUnknown            no reply to a request is kept
└── OutcomeUnknown            no reply in time; the request may still take effect (also a TimeoutError)
"""

from __future__ import annotations

from stateflow.errors.databases import (
    CommitFailed,
    DatabaseDamaged,
    DatabaseError,
    DatabaseInUse,
    DatabaseRefused,
    ImportRefused,
    IncompatibleSchema,
    NewerSchema,
    PlaceStopped,
)
from stateflow.errors.development import (
    JarsNotFetched,
    StartFailed,
    ToolMissing,
)
from stateflow.errors.flink import (
    JobFailed,
    JobManagerUnreachable,
    JobRefused,
    JobReplays,
    SavepointRefused,
)
from stateflow.errors.kafka import (
    AccessRefused,
    BrokerUnreachable,
    ClassesDiffer,
    TopicRefused,
)
from stateflow.errors.requests import (
    ClientClosed,
    DeadlinePassed,
    OutcomeUnknown,
    RequestError,
    RequestExpired,
    RequestIdReused,
    RequestUnknown,
)
from stateflow.errors.root import (
    CompileError,
    ConfigurationError,
    EntityAlreadyExists,
    EntityError,
    EntityNotFound,
    FrameOfOtherCode,
    GeneratorLeftOpen,
    InvalidKey,
    InvalidPartition,
    KeyChanged,
    LimitExceeded,
    MalformedBytes,
    MissingExtra,
    NotRepeatable,
    QueueFull,
    ReferenceInNativeCode,
    StateflowError,
    SuspensionInNativeCode,
    UnstorableValue,
    UpgradeFailed,
)

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
    "StateflowError",
    "SuspensionInNativeCode",
    "ToolMissing",
    "TopicRefused",
    "UnstorableValue",
    "UpgradeFailed",
]

# Where a class is defined in here is nobody's business, and bytes name it.
for _name in __all__:
    globals()[_name].__module__ = __name__
