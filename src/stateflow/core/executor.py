"""Execute root requests as transactions, where every entity is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.driver import drive
from stateflow.core.frame import Mark
from stateflow.core.journal import Journal
from stateflow.core.lazy import Coroutine, RemoteMethod
from stateflow.core.reading import Reader
from stateflow.core.root import check_name
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.store import Record, Store, get_state
from stateflow.core.tracebacks import clean_traceback
from stateflow.core.transaction import Transaction
from stateflow.errors import LimitExceeded, UnstorableValue
from stateflow.failpoints import Crashed
from stateflow.limits import LEDGER_READ_BYTES, TRANSACTION_OPERATIONS
from stateflow.protocol.messages import Operation, Reply

if TYPE_CHECKING:
    from stateflow.core.journal import Written
    from stateflow.core.ledger import Outcome
    from stateflow.core.ports import Database
    from stateflow.dataflow import Dataflow
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request
    from stateflow.references import Reference, ReferenceTable

__all__ = ["Executor"]

_READS_OF_MANY = (Operation.LIST, Operation.COUNT, Operation.SNAPSHOT)
_REFERENCE_BYTES = 8


class Executor:
    """The whole placement: one store, one transaction after another.

    Args:
        flow: the compiled classes.
        suspend_everywhere: suspend at every suspension point and take frames and states through bytes.
    """

    def __init__(self, flow: Dataflow, *, suspend_everywhere: bool = False) -> None:
        self.flow = flow
        self.store = Store(flow)
        self.codec = RuntimeCodec(self.store)
        self._suspends = suspend_everywhere
        self.journal: Journal | None = None
        self._reader: Reader | None = None
        self._most_operations = TRANSACTION_OPERATIONS

    def open(self, database: Database, options: LocalOptions) -> Journal:
        """Keep everything in a database from now on; the journal that is returned says when."""
        self.journal = Journal(self.store, self.codec, database, options)
        self._reader = Reader(self.store, database, self.journal.stored_name)
        self._most_operations = options.transaction_operations
        return self.journal

    def class_named(self, name: str) -> type:
        """Return the entity class of the flow with this name."""
        return self.flow.by_name[name]

    def execute(self, request: Request, references: ReferenceTable) -> Reply:
        """Run one request to its end.

        Args:
            request: the request; references in it may be any client's.
            references: makes the references of the reply.

        Returns:
            The reply, with the value or the exception that left the root; an exception has undone everything.
        """
        return self.execute_once(request, references)[0]

    def execute_once(self, request: Request, references: ReferenceTable) -> tuple[Reply, Outcome | None, bool]:
        """Run one request, and put what it changed into the journal if there is one.

        Returns:
            The reply, what the ledger keeps of it (None: nothing, it may run again), and whether an entity changed.
        """
        tx = Transaction(
            self.store,
            self.codec,
            request.request_id,
            request.time_ns,
            suspends=self._suspends,
            most_operations=self._most_operations,
        )
        self.codec.transaction = tx
        journal = self.journal
        outcome: Outcome | None = None
        written: Written = []
        try:
            value = self._carry_out(tx, request)
            reply = Reply(request.request_id, self.codec.to_client(value, references))
            if journal is not None:
                journal.check()
                written = journal.written(tx)
                # What is too long to be kept is not encoded to find that out.
                outcome = None if _is_long_read(request, value) else journal.outcome_of(reply)
            else:
                tx.check_storable()
            tx.commit()
        except Crashed:
            raise
        except BaseException as error:
            clean_traceback(error)
            written, outside = [], self._error_to_client(error, references)
            tx.undo()
            reply = Reply(request.request_id, error=outside)
            if journal is not None:
                reply, outcome = self._error_outcome(journal, reply)
        finally:
            self.codec.transaction = None
        if written:
            assert journal is not None
            journal.keep(written)
        return reply, outcome, bool(written)

    def _error_outcome(self, journal: Journal, reply: Reply) -> tuple[Reply, Outcome | None]:
        failure, journal.failure = journal.failure, None
        if failure is not None:
            return Reply(reply.request_id, error=failure.with_traceback(None)), None
        try:
            return reply, journal.outcome_of(reply)
        except (UnstorableValue, LimitExceeded) as reason:
            reason.__traceback__ = None
            replaced = Reply(reply.request_id, error=reason)
            return replaced, journal.outcome_of(replaced)

    def _carry_out(self, tx: Transaction, request: Request) -> Any:
        if request.operation in _READS_OF_MANY:
            assert self._reader is not None
            return self._reader.read(request)
        cls = self.class_named(request.class_name)
        name = check_name(self.flow, cls, request.name)
        if request.operation is Operation.CREATE:
            args, kwargs = self.codec.arguments_from_client(request.args, request.kwargs)
            return drive(tx, "create", (cls, args, kwargs))
        reference = self.store.references.get(cls, request.key)
        if request.operation is Operation.CALL:
            return self._call(tx, reference, name, request)
        if request.operation is Operation.GET:
            value = drive(tx, "get", (reference, name))
            if type(value) is RemoteMethod:
                raise UnstorableValue(f"{cls.__name__}.{name}", "it is a method; call it")
            return value
        if request.operation is Operation.SET:
            (value,) = self.codec.from_client(request.args, None)
            drive(tx, "set", (reference, name, value))
            # That no method changes the key, so that methods need not be checked for it, says nothing about clients.
            tx.check_key(self.store.existing(reference))
            return None
        record: Record = self.store.existing(reference)
        if request.operation is Operation.STATE:
            return get_state(record.instance)
        return drive(tx, "delete", (reference,))

    def _call(self, tx: Transaction, reference: Reference, name: str, request: Request) -> Any:
        self.store.existing(reference)
        args, kwargs = self.codec.arguments_from_client(request.args, request.kwargs)
        value = drive(tx, "call", (reference, name, args, kwargs))
        if type(value) is Coroutine:
            value.is_awaited = True
            value = drive(tx, "await", (value,))
        assert type(value) is not Mark
        return value

    def _error_to_client(self, error: BaseException, references: ReferenceTable) -> BaseException:
        try:
            return self.codec.to_client(error, references)  # type: ignore[no-any-return]
        except UnstorableValue as reason:
            reason.__cause__ = None
            reason.add_note(f"raised while the method raised {type(error).__name__}: {error}")
            return reason


def _is_long_read(request: Request, value: Any) -> bool:
    """Tell whether a reply names so many entities that the ledger would not keep it; whoever repeats the request reads again."""
    return request.operation in (Operation.LIST, Operation.SNAPSHOT) and len(value) > LEDGER_READ_BYTES // _REFERENCE_BYTES
