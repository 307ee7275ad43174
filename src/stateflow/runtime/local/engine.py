"""The engine of one process: it carries out requests, keeps the ledger, and commits many requests at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stateflow.core.answers import storable_error
from stateflow.core.executor import Executor
from stateflow.core.ledger import Outcome, missing
from stateflow.core.request_digests import digest_of
from stateflow.core.root import is_read
from stateflow.errors import DeadlinePassed, StateflowError
from stateflow.failpoints import reach
from stateflow.limits import COMMIT_BYTES, LEDGER_READ_BYTES
from stateflow.protocol.messages import Operation, Reply
from stateflow.runtime.local.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stateflow.core.ports import Database
    from stateflow.dataflow import Dataflow
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request
    from stateflow.references import ReferenceTable

__all__ = ["LocalEngine"]

_READS_IN_MEMORY = 4096
# Module names, as every request is compared with them.
_LIST, _COUNT, _RESULT = Operation.LIST, Operation.COUNT, Operation.RESULT
_READS = (Operation.STATE, Operation.LIST, Operation.COUNT, Operation.SNAPSHOT)


class LocalEngine:
    """The engine over a database.

    Args:
        flow: the compiled classes.
        database: where entities and ledger are kept.
        options: bounds.
        suspend_everywhere: suspend at every suspension point and take frames and states through bytes.
        clock: the time, in nanoseconds since 1970, that deadlines are compared with.
    """

    def __init__(
        self,
        flow: Dataflow,
        database: Database,
        options: LocalOptions,
        *,
        suspend_everywhere: bool = False,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.executor = Executor(flow, suspend_everywhere=suspend_everywhere)
        self.journal = self.executor.open(database, options)
        self.ledger = self.journal.ledger
        self._flow = flow
        self._database = database
        self._clock = clock
        self._waits = False

    def fetch(self, requests: Sequence[Request]) -> None:
        """Read in one go the entities that these requests name and that are not in memory."""
        self.journal.fetch(requests)

    def answer(self, request: Request, references: ReferenceTable) -> Answer | None:
        """Carry a request out, or return how it ended when it was carried out before; None asks for a commit first."""
        operation = request.operation
        if operation is _RESULT:
            return self._result(request, references)
        try:
            digest = digest_of(request, self.journal.size_of)
            known = self.ledger.find(request, digest)
        except StateflowError as error:
            return Answer(Reply(request.request_id, error=error), True)
        if known is not None:
            return Answer(self._repeat(request, known, references), not self._waits)
        if request.deadline_ns is not None and self._clock() >= request.deadline_ns:
            return self._refuse_late(request, digest)
        if self._waits and (operation is _LIST or operation is _COUNT):
            # The database answers it, and only what is committed is there.
            return None
        reach("before-execute")
        reply, outcome, has_changed = self.executor.execute_once(request, references)
        reach("after-execute")
        if outcome is None:
            # A failure, or a long read: it rests on what waits for a commit as any other read does.
            return Answer(reply, not self._waits or reply.error is not None)
        if has_changed or not self.is_read(request) or self._is_small(outcome):
            self.ledger.add(request, digest, outcome)
        # A request that could have changed something has this one outcome for ever: it must not run again after a crash.
        self._waits = self._waits or has_changed or not self._may_run_again(request)
        return Answer(reply, not self._waits)

    def _repeat(self, request: Request, known: Outcome, references: ReferenceTable) -> Reply:
        value = self.executor.codec.to_client(self.journal.value_of(known), references)
        return Reply(request.request_id, error=value) if known.is_error else Reply(request.request_id, value)

    def _result(self, request: Request, references: ReferenceTable) -> Answer:
        """Return how another request ended. Those that were sent before have ended by now, as requests run in the order of submission."""
        entry = self.ledger.entry(request.request_id)
        if entry is not None:
            return Answer(self._repeat(request, entry.outcome, references), not self._waits)
        sent_ns = request.args[0] if request.args else None
        error = missing(request.request_id, sent_ns if type(sent_ns) is int else None, self.ledger.horizon_ns)
        return Answer(Reply(request.request_id, error=error), True)

    def _refuse_late(self, request: Request, digest: int) -> Answer:
        """Refuse a request for good: a repeat must not run when this one did not."""
        error, data = storable_error(self.executor.codec, DeadlinePassed(request.request_id))
        self.ledger.add(request, digest, Outcome(True, False, data))
        self._waits = True
        return Answer(Reply(request.request_id, error=error), False)

    def is_read(self, request: Request) -> bool:
        """Tell whether a request can change nothing and runs none of the user's code, so that it is soon done and may run again."""
        if request.operation in _READS:
            return True
        if request.operation is not Operation.GET:
            return False
        cls = self._flow.by_name[request.class_name]
        return self._flow.members[cls, self._flow.method_name(cls, request.name)].is_plain

    def _may_run_again(self, request: Request) -> bool:
        """Tell whether a request can change nothing, also when it runs the user's code."""
        return self.is_read(request) or is_read(self._flow, request.operation, request.class_name, request.name)

    @staticmethod
    def _is_small(outcome: Outcome) -> bool:
        return not isinstance(outcome.data, str | bytes) or len(outcome.data) <= LEDGER_READ_BYTES

    def must_commit(self) -> bool:
        """Tell whether there is too much in memory to wait longer."""
        journal = self.journal
        return journal.is_full or journal.changed_bytes >= COMMIT_BYTES or self.ledger.pending >= _READS_IN_MEMORY

    def commit(self) -> None:
        """Make everything durable that was answered so far.

        Raises:
            CommitFailed: nothing that waited for it is kept.
        """
        self._waits = False
        self.journal.commit()

    def discard(self) -> None:
        """Throw away what is not durable."""
        self._waits = False
        self.journal.discard()

    def close(self) -> None:
        """Commit what waits, and close the database."""
        try:
            self.commit()
        finally:
            self.executor.store.clear()
            self._database.close()

    def abandon(self) -> None:
        """Let go of the database as it is, as a process that dies does."""
        self.executor.store.clear()
        self._database.abandon()
