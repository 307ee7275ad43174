"""The judgement of a run: every checker, over what clients saw and what is left at the places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.errors import EntityNotFound, FrameOfOtherCode
from stateflow.histories import Anomaly, Entry, Outcome, Violation, check_entities, check_order
from stateflow.histories.oracle import replay
from stateflow.histories.plan import Ask, States, seen_in, seen_in_state
from stateflow.histories.workloads import CLASSES
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    from stateflow.histories.oracle import Reply
    from stateflow.runtime.simulation.callers import Caller
    from stateflow.runtime.simulation.scene import Scene

__all__ = ["final_asks", "judge"]


def final_asks(scene: Scene) -> list[Ask]:
    """Return the requests that read all states."""
    return [Ask(f"r-{target.key}", Operation.STATE, target) for target in scene.plan.targets]


def judge(scene: Scene, reader: Caller, dead_letters: int) -> list[Violation]:
    """Check a run that has ended.

    Args:
        scene: the run.
        reader: the client that has read all states.
        dead_letters: how many there must be.
    """
    replies = {name: _reply(caller, name) for caller in scene.callers if caller is not reader for name in caller.sent}
    states = _states(scene, reader)
    entries = [*_entries(scene, reader, replies), _last_entry(scene, states)]
    order = check_order(entries)
    # A transaction that was inside a changed method when its code changed has no effects; on plain objects nothing stops it.
    stopped = {name for name, (_, error) in replies.items() if isinstance(error, FrameOfOtherCode)}
    scene.sights["stopped by an upgrade"] += len(stopped)
    violations = [*order.violations, *check_entities(entries), *_check_repeats(scene), *_check_places(scene, dead_letters)]
    violations += [Violation(Anomaly.INVARIANT, text) for text in scene.plan.invariant(states)]
    if not order.violations:
        asks = {ask.name: ask for ask in (*scene.plan.setup, *scene.plan.asks)}
        violations += replay(CLASSES, [asks[name] for name in order.names if name in asks and name not in stopped], replies, states)
    return violations


def _reply(caller: Caller, name: str) -> Reply:
    answer = caller.sent[name].answer
    assert answer is not None
    return caller.reply(answer)


def _states(scene: Scene, reader: Caller) -> States:
    states: States = {}
    for target in scene.plan.targets:
        value, error = _reply(reader, f"r-{target.key}")
        if error is not None and not isinstance(error, EntityNotFound):
            raise error
        states[target] = value
    return states


def _entries(scene: Scene, reader: Caller, replies: dict[str, Reply]) -> list[Entry]:
    entries = []
    for caller in scene.callers:
        if caller is not reader:
            for name, pending in caller.sent.items():
                value, error = replies[name]
                outcome = Outcome.COMMITTED if error is None else Outcome.ABORTED
                entries.append(Entry(name, pending.invoked, pending.replied, outcome, seen_in(pending.ask, value, error)))
    return entries


def _last_entry(scene: Scene, states: States) -> Entry:
    """Return the reading of all states as one transaction: nothing else happens meanwhile."""
    seen = tuple([seen_in_state(target, state) for target, state in states.items()])
    return Entry("the end", scene.step + 1, scene.step + 2, Outcome.COMMITTED, seen)


def _check_repeats(scene: Scene) -> list[Violation]:
    """Check that repeats of a request, from whomever, have the same answer as the request."""
    violations = []
    firsts = {name: pending.answer for caller in scene.callers for name, pending in caller.sent.items()}
    for caller in (*scene.callers, scene.twin):
        for name, pending in caller.sent.items():
            if pending.others or (pending.answer is not None and pending.answer != firsts[name]):
                violations.append(Violation(Anomaly.OTHER_REPLY, f"{name} was answered in different ways"))
            if pending.answer is None:
                violations.append(Violation(Anomaly.STUCK, f"{name}, a repeat by {caller.name}, is not answered"))
    return violations


def _check_places(scene: Scene, dead_letters: int) -> list[Violation]:
    """Check that nothing is left of transactions, and that what had to be dead letters, and nothing else, is."""
    violations = []
    found, reasons = 0, ""
    for worker in scene.job.workers:
        worker.forget_machines()
        for part in worker.parts.values():
            for name in part.places:
                machine = worker.machine(name, part)
                found += len(machine.dead_letters)
                reasons += "; ".join(letter.reason for letter in machine.dead_letters.all())
                left = machine.place.under_way()
                if left:
                    violations.append(Violation(Anomaly.LEFT_OVER, f"at {name}: {left}"))
    if found != dead_letters:
        violations.append(Violation(Anomaly.STOPPED, f"{found} dead letters instead of {dead_letters}: {reasons}"))
    return violations
