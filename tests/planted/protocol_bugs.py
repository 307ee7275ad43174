"""Bugs in the protocol between places, each of which the simulation must find within a number of seeds."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from stateflow.core import context, moving
from stateflow.core.answered import Answered
from stateflow.core.creation import Creation
from stateflow.core.entities import Entities
from stateflow.core.links import Links
from stateflow.core.locks import Queues
from stateflow.core.machine import Machine
from stateflow.core.place import Place
from stateflow.core.placed import PlacedTransaction
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import Changes
from stateflow.core.saved import Lock, Waiter
from stateflow.core.sections import Section
from stateflow.protocol.keys import murmur2
from stateflow.protocol.steps import Abort, Commit, Restart
from stateflow.runtime.simulation import Faults, Setting

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class ProtocolBug:
    """A deliberate bug.

    Attributes:
        name: says what is wrong.
        plant: puts the bug in.
        setting: where it must be found; its seed is the first.
        seeds: within how many it must be found.
    """

    name: str
    plant: Plant
    setting: Setting
    seeds: int


BUGS: list[ProtocolBug] = []


# Many transactions that meet, and nothing else that goes wrong: for bugs of the waiting and dying.
CROWD = {"requests": 100, "faults": Faults(slow=0.5), "places": 8, "workload": "orders"}


def bug(seeds: int = 100, **setting: Any):
    def add(plant: Plant) -> Plant:
        BUGS.append(ProtocolBug(plant.__name__, plant, Setting(0, **setting), seeds))
        return plant

    return add


# Envelopes.


@bug()
def repeated_envelopes_are_taken_again(patch):
    original = Links.accept

    def accept(self, envelope, data):
        last, _ = self._read("in/" + envelope.source)
        return original(self, envelope, data) or envelope.number <= last

    patch.setattr(Links, "accept", accept)


@bug()
def newest_envelope_is_taken_for_a_repeat(patch):
    original = Links.accept
    seen = {}

    def accept(self, envelope, data):
        new = original(self, envelope, data)
        key = (self._name, envelope.source)
        seen[key] = seen.get(key, 0) + new
        return new and envelope.number != 5

    patch.setattr(Links, "accept", accept)


@bug()
def number_of_an_envelope_is_off_by_one(patch):
    original = Links._read
    patch.setattr(Links, "_read", lambda self, key: (lambda last, digests: (last + key.startswith("out/"), digests))(*original(self, key)))


@bug()
def number_of_the_last_envelope_is_not_kept(patch):
    read, write = Links._read, Links.write

    def remember(self, target, messages):
        sent = write(self, target, messages)
        vars(self).setdefault("memory", {})["out/" + target] = read(self, "out/" + target)
        return sent

    patch.setattr(Links, "write", remember)
    patch.setattr(Links, "_read", lambda self, key: vars(self).get("memory", {}).get(key, (0, ())) if key.startswith("out/") else read(self, key))


@bug()
def one_place_is_sent_what_is_for_another(patch):
    original = Machine._take

    def take(self, envelope, data, now_ns):
        out = original(self, envelope, data, now_ns)
        return [(out[(n + 1) % len(out)][0], data) for n, (_, data) in enumerate(out)] if len(out) == 3 else out

    patch.setattr(Machine, "_take", take)


@bug()
def answers_are_given_to_the_wrong_client(patch):
    original = Place._send
    patch.setattr(Place, "_send", lambda self, target, message: original(self, "client0" if target.startswith("client") else target, message))


# Requests.


@bug()
def ledger_is_skipped(patch):
    patch.setattr(Answered, "find", lambda self, request, digest: None)


@bug()
def ledger_is_not_written(patch):
    patch.setattr(Answered, "add", lambda self, answer, time_ns, digest: None)


@bug()
def repeat_of_a_request_under_way_begins_it_again(patch):
    original = Place._start

    def start(self, message):
        known = self.roots.get(message.request_id)
        if known is not None:
            self.roots.remove(message.request_id)
        original(self, message)

    patch.setattr(Place, "_start", start)


@bug(100)
def another_client_that_asks_the_same_gets_no_answer(patch):
    original = Place._close_root

    def close(self, answer):
        root = self.roots.get(answer.request_id)
        if root is not None:
            root.askers = ()
        original(self, answer)

    patch.setattr(Place, "_close_root", close)


@bug()
def answer_of_a_transaction_that_ended_elsewhere_is_not_brought_home(patch):
    original = Place._send

    def send(self, target, message):
        original(self, target, msgspec.structs.replace(message, answer=None) if isinstance(message, Commit) else message)

    patch.setattr(Place, "_send", send)


@bug()
def exceptions_are_not_kept_in_the_ledger(patch):
    original = Answered.add
    patch.setattr(Answered, "add", lambda self, answer, time_ns, digest: None if answer.is_error else original(self, answer, time_ns, digest))


# Attempts.


@bug(60, **CROWD)
def attempt_keeps_its_number_when_it_begins_again(patch):
    original = Place._restart

    def restart(self, message):
        root = self.roots.get(message.request_id)
        if root is not None and root.attempt == message.attempt:
            self._begin(root, self._read(root.start))

    patch.setattr(Place, "_restart", restart)


@bug(60, **CROWD)
def abort_of_another_attempt_is_carried_out(patch):
    def abort(self, message):
        left = self.left.get(message.request_id)
        if left is not None:
            self._undo_left(left)
        if message.answer is not None:
            self._close_root(message.answer)

    patch.setattr(Place, "_abort", abort)


@bug(60, **CROWD)
def earlier_attempt_is_not_cleared_when_a_later_one_arrives(patch):
    def open_(self, header):
        left = self.left.get(header.request_id)
        if left is not None:
            left.header = header
        return PlacedTransaction(self, header, left, suspends=self._suspends)

    patch.setattr(Place, "_open", open_)


# Conflicts.


@bug()
def waiting_lets_go_of_what_is_held(patch):
    original = Place._wait

    def wait(self, tx, record):
        is_oldest = all(tx.header.age < other.age for other in self.conflicts(record, tx.header))
        if (tx.visited or tx.holds_here) and is_oldest:
            move = self._pack(tx)
            self._undo(tx)
            self.queues.add(record.label, Waiter(tx.header, move, holds=True))
        else:
            original(self, tx, record)

    patch.setattr(Place, "_wait", wait)


@bug()
def younger_one_waits_too(patch):
    original = Place._wait

    def wait(self, tx, record):
        if tx.visited or tx.holds_here:
            move = self._pack(tx)
            self._leave(tx)
            self.queues.add(record.label, Waiter(tx.header, move, holds=True))
        else:
            original(self, tx, record)

    patch.setattr(Place, "_wait", wait)
    patch.setattr(Queues, "take_younger", lambda self, label, holders, readers: [])


@bug()
def conflict_is_overlooked(patch):
    original = PlacedTransaction.take

    def take(self, record):
        taken = original(self, record)
        if not taken and self.obstacle is record and self.header.request_id.startswith("t"):
            self.obstacle = None
            self.hold(record)
            return True
        return taken

    patch.setattr(PlacedTransaction, "take", take)


@bug()
def death_does_not_tell_the_places_that_were_visited(patch):
    original = Place._send
    patch.setattr(Place, "_send", lambda self, target, message: original(self, target, message) if not (isinstance(message, Abort) and message.answer is None) else None)


@bug()
def nobody_is_woken(patch):
    patch.setattr(Place, "_wake", lambda self, label: None)


@bug()
def one_that_died_is_not_begun_again_where_it_began_elsewhere(patch):
    original = Place._send
    patch.setattr(Place, "_send", lambda self, target, message: None if isinstance(message, Restart) else original(self, target, message))


@bug()
def second_waiter_for_an_entity_is_lost(patch):
    original = Queues.add
    patch.setattr(Queues, "add", lambda self, label, waiter: None if self.has(label) else original(self, label, waiter))


# Places that were visited.


@bug()
def place_that_was_left_is_not_noted_as_visited(patch):
    original = Place._pack
    patch.setattr(Place, "_pack", lambda self, tx: msgspec.structs.replace(original(self, tx), visited=tuple(sorted(tx.visited))))


@bug()
def one_visited_place_is_lost_on_the_way(patch):
    original = Place._pack

    def pack(self, tx):
        move = original(self, tx)
        return msgspec.structs.replace(move, visited=move.visited[:-1]) if len(move.visited) > 1 else move

    patch.setattr(Place, "_pack", pack)


@bug()
def commit_goes_to_the_wrong_place(patch):
    original = Place._decide

    def decide(self, tx, answer, states):
        if len(tx.visited) > 1 and not answer.is_error:
            names = sorted(tx.visited)
            tx.visited = {*names[1:], self.name}
        original(self, tx, answer, states)

    patch.setattr(Place, "_decide", decide)


@bug()
def states_that_travelled_are_not_brought_home(patch):
    patch.setattr(Place, "_states_for", lambda self, states, name: ())


@bug(100, places=2, workload="trees", requests=20)
def state_of_another_entity_is_brought_home(patch):
    original = Place._states_for

    def states_for(self, states, name):
        found = original(self, states, name)
        return tuple((label, found[0][1]) for label, _ in found)

    patch.setattr(Place, "_states_for", states_for)


@bug()
def entity_that_came_along_earlier_is_left_behind(patch):
    original = context.pack

    def pack(tx, stack, pending):
        carried, tx.carried = tx.carried, []
        try:
            return original(tx, stack, pending)
        finally:
            tx.carried = carried

    patch.setattr(moving, "pack", pack)


@bug()
def object_that_a_frame_and_its_entity_share_comes_back_apart(patch):
    original = context.unpack

    def unpack(tx, data):
        stack, pending, records = original(tx, data)
        for record in records:
            for name, value in vars(record.instance).items() if record.instance is not None else ():
                if type(value) in (list, dict):
                    setattr(record.instance, name, value.copy())
        if records and records[0].instance is not None and "version" in vars(records[0].instance):
            records[0].instance.version += 0 if tx.header.attempt == 1 else 1
        return stack, pending, records

    patch.setattr(moving, "unpack", unpack)


# Commit and abort.


@bug()
def commit_keeps_only_what_travelled(patch):
    original = Entities.keep_held
    patch.setattr(Entities, "keep_held", lambda self, record, data, holder: self.keep_locked(record.label, holder) or self.forget(record))


@bug()
def undo_forgets_one_entity(patch):
    original = Entities.undo
    patch.setattr(Entities, "undo", lambda self, label: self.forget_label(label) if len(label) % 2 else original(self, label))


@bug()
def undo_takes_the_state_of_the_last_visit(patch):
    def keep_held(self, record, data, holder):
        lock = self.locks.get(record.label) or Lock(holder)
        lock.is_changed, lock.before = True, self._changes.get("e/" + record.label)
        self.locks.put(record.label, lock)
        self.keep(record, data)

    patch.setattr(Entities, "keep_held", keep_held)


@bug()
def exception_keeps_what_was_changed_elsewhere(patch):
    patch.setattr(Entities, "undo", lambda self, label: self.forget_label(label))


@bug()
def exception_keeps_what_was_changed_here(patch):
    def undo(self, tx):
        self._keep(tx, [(record, self.entities.encode(record)) for record in tx.touched])

    patch.setattr(Place, "_undo", undo)


@bug()
def locks_of_earlier_visits_stay(patch):
    original = Place._touched_labels
    patch.setattr(Place, "_touched_labels", lambda self, left: original(self, left)[-1:])


@bug()
def death_is_told_as_a_commit(patch):
    original = Place._send

    def send(self, target, message):
        is_death = isinstance(message, Abort) and message.answer is None
        original(self, target, Commit(message.request_id, message.attempt, ()) if is_death else message)

    patch.setattr(Place, "_send", send)


# States that are sent home early, frames that stay behind, shared locks.


@bug()
def state_that_is_sent_home_early_is_lost(patch):
    original = Place._write_back
    patch.setattr(Place, "_write_back", lambda self, message: original(self, msgspec.structs.replace(message, states=())))


@bug(200, places=0, workload="trees", requests=20)
def undo_does_not_know_what_was_sent_home_early(patch):
    original = Entities.keep_sent
    patch.setattr(Entities, "keep_sent", lambda self, state, is_final: original(self, state, is_final=True))


@bug(60, **{**CROWD, "workload": "trees", "requests": 40})
def states_that_were_sent_home_are_not_waited_for(patch):
    patch.setattr(Place, "_must_wait_for_writes", lambda self, message, request_id, attempt, written: False)


@bug()
def last_parked_frames_are_forgotten(patch):
    original = Place._park
    patch.setattr(Place, "_park", lambda self, tx: original(self, tx) and msgspec.structs.replace(self._pack(tx), parked=tuple(tx.parked[:-1])))


@bug()
def entities_in_parked_frames_are_taken_from_home(patch):
    original = Place._park

    def park(self, tx):
        move = original(self, tx)
        if move is not None:
            tx.parked[-1] = msgspec.structs.replace(tx.parked[-1], labels=())
            move = msgspec.structs.replace(move, parked=tuple(tx.parked))
        return move

    patch.setattr(Place, "_park", park)


@bug()
def writer_does_not_see_the_readers(patch):
    original = Place.conflicts
    patch.setattr(Place, "conflicts", lambda self, record, header: original(self, record, header) if record.holder is not None else [])


@bug()
def reader_keeps_no_share_when_it_moves_on(patch):
    patch.setattr(Entities, "keep_shared", lambda self, label, reader: None)


# Creation and deletion.


@bug()
def taken_key_is_not_refused(patch):
    def give_key(self, record):
        if record.reference is None and not self.suspends:
            reference = self.store.references.get(record.cls, record.instance.__key__())
            taken = self.store.record(reference)
            if (taken.holder is self or self.take(taken)) and taken.instance is not None:
                self.store.place(taken, None)
            self.obstacle = None
        return original(self, record)

    original = Creation.give_key
    patch.setattr(Creation, "give_key", give_key)


@bug()
def absence_is_not_locked(patch):
    original = PlacedTransaction.take

    def take(self, record):
        taken = original(self, record)
        if taken and record.instance is None and record.label in self.locked:
            self.locked.remove(record.label)
            self.touched.remove(record)
            record.holder = None
        return taken

    patch.setattr(PlacedTransaction, "take", take)


@bug()
def deletion_of_an_entity_is_not_kept(patch):
    original = Entities._put
    patch.setattr(Entities, "_put", lambda self, label, data: original(self, label, data) if data is not None else None)


# What a place keeps.


@bug()
def removed_record_is_not_removed(patch):
    original = Changes.take
    patch.setattr(Changes, "take", lambda self: {key: data for key, data in original(self).items() if data is not None})


@bug()
def waiters_are_only_in_memory(patch):
    original = Section.flush

    def flush(self):
        if self._prefix == "w/":
            self._dirty = {}
        original(self)

    patch.setattr(Section, "flush", flush)


@bug()
def locks_are_only_in_memory(patch):
    original = Section.flush

    def flush(self):
        if self._prefix == "l/":
            self._dirty = {}
        original(self)

    patch.setattr(Section, "flush", flush)


@bug()
def change_of_a_cached_entity_is_not_stored(patch):
    original = Entities.keep

    def keep(self, record, data):
        if len(self._cached) > 2:
            record.stored = b"?"
            return
        original(self, record, data)

    patch.setattr(Entities, "keep", keep)


@bug()
def cache_drops_an_entity_that_is_held(patch):
    original = Place._leave

    def leave(self, tx):
        for record in list(tx.touched):
            if record.label:
                self.entities.forget(record)
                tx.touched.remove(record)
        original(self, tx)

    patch.setattr(Place, "_leave", leave)


# Time and place.


@bug()
def clock_of_the_worker_is_asked(patch):
    original = Machine.receive
    patch.setattr(Machine, "receive", lambda self, data, now_ns: original(self, data, time.time_ns()))


@bug()
def random_numbers_are_those_of_the_process(patch):
    original = Place._begin

    def begin(self, root, request):
        root.began_ns += random.SystemRandom().randrange(9)
        original(self, root, request)

    patch.setattr(Place, "_begin", begin)


@bug()
def entities_of_some_keys_live_at_two_places(patch):
    def home(self, cls, key):
        # As hash() would have it, which answers otherwise in each process.
        salt = id(sys._getframe(1).f_locals.get("self")) % 7 if str(key).endswith("1") else 0
        return self.names[(murmur2(str(key).encode()) + salt) % len(self.names)]

    patch.setattr(PartitionPlacement, "home", home)
