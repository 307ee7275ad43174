"""Execute root requests as transactions, where every entity is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.answers import error_outside, storable_error
from stateflow.core.driver import advance
from stateflow.core.journal import Journal
from stateflow.core.ledger import Outcome
from stateflow.core.reading import Reader
from stateflow.core.root import begin, is_read
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.store import Store
from stateflow.core.transaction import Transaction
from stateflow.failpoints import Crashed
from stateflow.limits import LEDGER_READ_BYTES, TRANSACTION_OPERATIONS
from stateflow.protocol.messages import Operation, Reply

if TYPE_CHECKING:
    from stateflow.core.journal import Written
    from stateflow.core.ports import Database
    from stateflow.dataflow import Dataflow
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request
    from stateflow.references import Reference, ReferenceTable

__all__ = ["Executor"]

_READS_OF_MANY = (Operation.LIST, Operation.COUNT, Operation.SNAPSHOT)
_CALL = Operation.CALL
_CREATE = Operation.CREATE
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
        # Frames that go through bytes take along the entities that are noted for an undo.
        tx.is_read_only = not self._suspends and is_read(self.flow, request.operation, request.class_name, request.name)
        self.codec.transaction = tx
        journal = self.journal
        outcome: Outcome | None = None
        written: Written = []
        try:
            value = self._carry_out(tx, request)
            reply = Reply(request.request_id, self.codec.to_client(value, references))
            if journal is not None:
                journal.check()
                if request.operation is _CREATE:
                    journal.created(request, value)
                written = journal.written(tx)
                # What is too long to be kept is not encoded to find that out.
                outcome = None if _is_long_read(request, value) else journal.outcome_of(reply.value)
            else:
                tx.check_storable()
            tx.commit()
        except Crashed:
            raise
        except BaseException as error:
            written, outside = [], error_outside(error, lambda own: self.codec.to_client(own, references))
            tx.undo()
            reply, outcome = self._error_reply(request.request_id, outside)
        finally:
            self.codec.transaction = None
        if written:
            assert journal is not None
            journal.keep(written)
        return reply, outcome, bool(written)

    def _error_reply(self, request_id: str, error: BaseException) -> tuple[Reply, Outcome | None]:
        journal = self.journal
        if journal is None:
            return Reply(request_id, error=error), None
        failure, journal.failure = journal.failure, None
        if failure is not None:
            return Reply(request_id, error=failure.with_traceback(None)), None
        error, data = storable_error(self.codec, error)
        return Reply(request_id, error=error), Outcome(True, False, data)

    def _carry_out(self, tx: Transaction, request: Request) -> Any:
        if request.operation in _READS_OF_MANY:
            assert self._reader is not None
            return self._reader.read(request)
        cls = self.class_named(request.class_name)
        # What is called gets its arguments as it sees them. Where all goes through bytes, they cross once more when it is called.
        target = self.store.record_of(cls, request.key) if request.operation is _CALL and not self._suspends else None
        reference: Reference | None = None
        if target is not None:
            reference = self.store.reference_to(target)
        elif request.operation is not _CREATE:
            reference = self.store.reference(cls, request.key)
        args, kwargs = self.codec.arguments_from_client(request.args, request.kwargs, target)
        stack, pending = begin(tx, request.operation, cls, reference, request.name, args, kwargs)
        if target is not None and pending[0] == "call":
            pending = ("call_given", pending[1])
        return advance(tx, stack, pending)


def _is_long_read(request: Request, value: Any) -> bool:
    """Tell whether a reply names so many entities that the ledger would not keep it; whoever repeats the request reads again."""
    return request.operation in (Operation.LIST, Operation.SNAPSHOT) and len(value) > LEDGER_READ_BYTES // _REFERENCE_BYTES
