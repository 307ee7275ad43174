"""Bugs at places: commit and abort, what is sent home or left behind, creation and deletion, what a place keeps, time."""

from __future__ import annotations

import random
import sys
import time

import msgspec

from stateflow.core.creation import Creation
from stateflow.core.entities import Entities
from stateflow.core.entity_codec import EntityCodec
from stateflow.core.machine import Machine
from stateflow.core.place import Place
from stateflow.core.placed import PlacedTransaction
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import Changes
from stateflow.core.saved import Lock
from stateflow.core.sections import Section
from stateflow.protocol.keys import murmur2
from stateflow.protocol.steps import Abort, Commit
from tests.planted.protocol_bug import CROWD, ProtocolGarden


BUGS = ProtocolGarden()


# Commit and abort.


@BUGS.bug()
def commit_keeps_only_what_travelled(patch):
    original = Entities.keep_held
    patch.setattr(Entities, "keep_held", lambda self, record, data, holder: self.keep_locked(record.label, holder) or self.forget(record))


@BUGS.bug()
def undo_forgets_one_entity(patch):
    original = Entities.undo
    patch.setattr(Entities, "undo", lambda self, label: self.forget_label(label) if len(label) % 2 else original(self, label))


@BUGS.bug()
def undo_takes_the_state_of_the_last_visit(patch):
    def keep_held(self, record, data, holder):
        lock = self.locks.get(record.label) or Lock(holder)
        lock.is_changed, lock.before = True, self._changes.get("e/" + record.label)
        self.locks.put(record.label, lock)
        self.keep(record, data)

    patch.setattr(Entities, "keep_held", keep_held)


@BUGS.bug()
def exception_keeps_what_was_changed_elsewhere(patch):
    patch.setattr(Entities, "undo", lambda self, label: self.forget_label(label))


@BUGS.bug()
def exception_keeps_what_was_changed_here(patch):
    def undo(self, tx):
        self._keep(tx, [(record, self.entities.encode(record)) for record in tx.touched])

    patch.setattr(Place, "_undo", undo)


@BUGS.bug()
def locks_of_earlier_visits_stay(patch):
    original = Place._touched_labels
    patch.setattr(Place, "_touched_labels", lambda self, left: original(self, left)[-1:])


@BUGS.bug()
def death_is_told_as_a_commit(patch):
    original = Place._send

    def send(self, target, message):
        is_death = isinstance(message, Abort) and message.answer is None
        original(self, target, Commit(message.request_id, message.attempt, ()) if is_death else message)

    patch.setattr(Place, "_send", send)


# States that are sent home early, frames that stay behind, shared locks.


@BUGS.bug()
def state_that_is_sent_home_early_is_lost(patch):
    original = Place._write_back
    patch.setattr(Place, "_write_back", lambda self, message: original(self, msgspec.structs.replace(message, states=())))


@BUGS.bug(200, places=0, workload="trees", requests=20)
def undo_does_not_know_what_was_sent_home_early(patch):
    original = Entities.keep_sent
    patch.setattr(Entities, "keep_sent", lambda self, state, is_final: original(self, state, is_final=True))


@BUGS.bug(60, **{**CROWD, "workload": "trees", "requests": 40})
def states_that_were_sent_home_are_not_waited_for(patch):
    patch.setattr(Place, "_must_wait_for_writes", lambda self, message, request_id, attempt, written: False)


@BUGS.bug()
def last_parked_frames_are_forgotten(patch):
    original = Place._park
    patch.setattr(Place, "_park", lambda self, tx: original(self, tx) and msgspec.structs.replace(self._pack(tx), parked=tuple(tx.parked[:-1])))


@BUGS.bug()
def entities_in_parked_frames_are_taken_from_home(patch):
    original = Place._park

    def park(self, tx):
        move = original(self, tx)
        if move is not None:
            tx.parked[-1] = msgspec.structs.replace(tx.parked[-1], labels=())
            move = msgspec.structs.replace(move, parked=tuple(tx.parked))
        return move

    patch.setattr(Place, "_park", park)


@BUGS.bug()
def writer_does_not_see_the_readers(patch):
    original = Place.conflicts
    patch.setattr(Place, "conflicts", lambda self, record, header: original(self, record, header) if record.holder is not None else [])


@BUGS.bug()
def reader_keeps_no_share_when_it_moves_on(patch):
    patch.setattr(Entities, "keep_shared", lambda self, label, reader: None)


# Creation and deletion.


@BUGS.bug()
def taken_key_is_not_refused(patch):
    def give_key(self, record):
        if record.identity is None and not self.suspends:
            taken = self.store.record_of(record.cls, record.instance.__key__())
            if (taken.holder is self or self.take(taken)) and taken.instance is not None:
                self.store.place(taken, None)
            self.obstacle = None
        return original(self, record)

    original = Creation.give_key
    patch.setattr(Creation, "give_key", give_key)


@BUGS.bug()
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


@BUGS.bug()
def deletion_of_an_entity_is_not_kept(patch):
    original = Entities._put
    patch.setattr(Entities, "_put", lambda self, label, data: original(self, label, data) if data is not None else None)


# What a place keeps.


@BUGS.bug()
def removed_record_is_not_removed(patch):
    original = Changes.take
    patch.setattr(Changes, "take", lambda self: {key: data for key, data in original(self).items() if data is not None})


@BUGS.bug()
def waiters_are_only_in_memory(patch):
    original = Section.flush

    def flush(self):
        if self._prefix == "w/":
            self.dirty = {}
        original(self)

    patch.setattr(Section, "flush", flush)


@BUGS.bug()
def locks_are_only_in_memory(patch):
    original = Section.flush

    def flush(self):
        if self._prefix == "l/":
            self.dirty = {}
        original(self)

    patch.setattr(Section, "flush", flush)


@BUGS.bug()
def change_of_a_cached_entity_is_not_stored(patch):
    original = Entities.keep

    def keep(self, record, data):
        if len(self) > 2:
            record.stored = b"?"
            return
        original(self, record, data)

    patch.setattr(Entities, "keep", keep)


@BUGS.bug()
def state_that_comes_home_is_stored_and_not_seen(patch):
    patch.setattr(EntityCodec, "refill", lambda self, instance, data: None)


@BUGS.bug()
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


@BUGS.bug()
def clock_of_the_worker_is_asked(patch):
    original = Machine.receive
    patch.setattr(Machine, "receive", lambda self, data, now_ns: original(self, data, time.time_ns()))


@BUGS.bug()
def random_numbers_are_those_of_the_process(patch):
    original = Place._begin

    def begin(self, root, request):
        root.began_ns += random.SystemRandom().randrange(9)
        original(self, root, request)

    patch.setattr(Place, "_begin", begin)


@BUGS.bug()
def entities_of_some_keys_live_at_two_places(patch):
    def home(self, cls, key):
        # As hash() would have it, which answers otherwise in each process.
        salt = id(sys._getframe(1).f_locals.get("self")) % 7 if str(key).endswith("1") else 0
        return self.names[(murmur2(str(key).encode()) + salt) % len(self.names)]

    patch.setattr(PartitionPlacement, "home", home)
