"""Bugs between places: envelopes, requests, attempts, conflicts, what travels."""

from __future__ import annotations

import msgspec

from stateflow.core import context, moving
from stateflow.core.answered import Answered
from stateflow.core.links import Links
from stateflow.core.locks import Queues
from stateflow.core.machine import Machine
from stateflow.core.place import Place
from stateflow.core.placed import PlacedTransaction
from stateflow.core.saved import Waiter
from stateflow.protocol.steps import Abort, Commit, Restart
from tests.planted.protocol_bug import CROWD, ProtocolGarden


BUGS = ProtocolGarden()


# Envelopes.


@BUGS.bug()
def repeated_envelopes_are_taken_again(patch):
    original = Links.accept

    def accept(self, envelope, data):
        last, _ = self._read("in/" + envelope.source)
        return original(self, envelope, data) or envelope.number <= last

    patch.setattr(Links, "accept", accept)


@BUGS.bug()
def newest_envelope_is_taken_for_a_repeat(patch):
    original = Links.accept
    seen = {}

    def accept(self, envelope, data):
        new = original(self, envelope, data)
        key = (self._name, envelope.source)
        seen[key] = seen.get(key, 0) + new
        return new and envelope.number != 5

    patch.setattr(Links, "accept", accept)


@BUGS.bug()
def number_of_an_envelope_is_off_by_one(patch):
    original = Links._read
    patch.setattr(Links, "_read", lambda self, key: (lambda last, digests: (last + key.startswith("out/"), digests))(*original(self, key)))


@BUGS.bug()
def number_of_the_last_envelope_is_not_kept(patch):
    read, write = Links._read, Links.write

    def remember(self, target, messages):
        sent = write(self, target, messages)
        vars(self).setdefault("memory", {})["out/" + target] = read(self, "out/" + target)
        return sent

    patch.setattr(Links, "write", remember)
    patch.setattr(Links, "_read", lambda self, key: vars(self).get("memory", {}).get(key, (0, ())) if key.startswith("out/") else read(self, key))


@BUGS.bug()
def one_place_is_sent_what_is_for_another(patch):
    original = Machine._take

    def take(self, parts, now_ns):
        out = original(self, parts, now_ns)
        return [(out[(n + 1) % len(out)][0], data) for n, (_, data) in enumerate(out)] if len(out) == 3 else out

    patch.setattr(Machine, "_take", take)


@BUGS.bug()
def answers_are_given_to_the_wrong_client(patch):
    original = Place._send
    patch.setattr(Place, "_send", lambda self, target, message: original(self, "client0" if target.startswith("client") else target, message))


# Requests.


@BUGS.bug()
def ledger_is_skipped(patch):
    patch.setattr(Answered, "find", lambda self, request, digest: None)


@BUGS.bug()
def ledger_is_not_written(patch):
    patch.setattr(Answered, "add", lambda self, answer, time_ns, digest: None)


@BUGS.bug()
def repeat_of_a_request_under_way_begins_it_again(patch):
    original = Place._start

    def start(self, message):
        known = self.roots.get(message.request_id)
        if known is not None:
            self.roots.remove(message.request_id)
        original(self, message)

    patch.setattr(Place, "_start", start)


@BUGS.bug(100)
def another_client_that_asks_the_same_gets_no_answer(patch):
    original = Place._close_root

    def close(self, answer):
        root = self.roots.get(answer.request_id)
        if root is not None:
            root.askers = ()
        original(self, answer)

    patch.setattr(Place, "_close_root", close)


@BUGS.bug()
def answer_of_a_transaction_that_ended_elsewhere_is_not_brought_home(patch):
    original = Place._send

    def send(self, target, message):
        original(self, target, msgspec.structs.replace(message, answer=None) if isinstance(message, Commit) else message)

    patch.setattr(Place, "_send", send)


@BUGS.bug()
def exceptions_are_not_kept_in_the_ledger(patch):
    original = Answered.add
    patch.setattr(Answered, "add", lambda self, answer, time_ns, digest: None if answer.is_error else original(self, answer, time_ns, digest))


# Attempts.


@BUGS.bug(60, **CROWD)
def attempt_keeps_its_number_when_it_begins_again(patch):
    original = Place._restart

    def restart(self, message):
        root = self.roots.get(message.request_id)
        if root is not None and root.attempt == message.attempt:
            self._begin(root, self._read(root.start))

    patch.setattr(Place, "_restart", restart)


@BUGS.bug(60, **CROWD)
def abort_of_another_attempt_is_carried_out(patch):
    def abort(self, message):
        left = self.left.get(message.request_id)
        if left is not None:
            self._undo_left(left)
        if message.answer is not None:
            self._close_root(message.answer)

    patch.setattr(Place, "_abort", abort)


@BUGS.bug(60, **CROWD)
def earlier_attempt_is_not_cleared_when_a_later_one_arrives(patch):
    def open_(self, header):
        left = self.left.get(header.request_id)
        if left is not None:
            left.header = header
        return PlacedTransaction(self, header, left, suspends=self._suspends)

    patch.setattr(Place, "_open", open_)


# Conflicts.


@BUGS.bug()
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


@BUGS.bug()
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


@BUGS.bug()
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


@BUGS.bug()
def death_does_not_tell_the_places_that_were_visited(patch):
    original = Place._send
    patch.setattr(Place, "_send", lambda self, target, message: original(self, target, message) if not (isinstance(message, Abort) and message.answer is None) else None)


@BUGS.bug()
def nobody_is_woken(patch):
    patch.setattr(Place, "_wake", lambda self, label: None)


@BUGS.bug()
def one_that_died_is_not_begun_again_where_it_began_elsewhere(patch):
    original = Place._send
    patch.setattr(Place, "_send", lambda self, target, message: None if isinstance(message, Restart) else original(self, target, message))


@BUGS.bug()
def second_waiter_for_an_entity_is_lost(patch):
    original = Queues.add
    patch.setattr(Queues, "add", lambda self, label, waiter: None if self.has(label) else original(self, label, waiter))


# Places that were visited.


@BUGS.bug()
def place_that_was_left_is_not_noted_as_visited(patch):
    original = Place._pack
    patch.setattr(Place, "_pack", lambda self, tx: msgspec.structs.replace(original(self, tx), visited=tuple(sorted(tx.visited))))


@BUGS.bug()
def one_visited_place_is_lost_on_the_way(patch):
    original = Place._pack

    def pack(self, tx):
        move = original(self, tx)
        return msgspec.structs.replace(move, visited=move.visited[:-1]) if len(move.visited) > 1 else move

    patch.setattr(Place, "_pack", pack)


@BUGS.bug()
def commit_goes_to_the_wrong_place(patch):
    original = Place._decide

    def decide(self, tx, answer, states):
        if len(tx.visited) > 1 and not answer.is_error:
            names = sorted(tx.visited)
            tx.visited = {*names[1:], self.name}
        original(self, tx, answer, states)

    patch.setattr(Place, "_decide", decide)


@BUGS.bug()
def states_that_travelled_are_not_brought_home(patch):
    patch.setattr(Place, "_states_for", lambda self, states, name: ())


@BUGS.bug(100, places=2, workload="trees", requests=20)
def state_of_another_entity_is_brought_home(patch):
    original = Place._states_for

    def states_for(self, states, name):
        found = original(self, states, name)
        return tuple((label, found[0][1]) for label, _ in found)

    patch.setattr(Place, "_states_for", states_for)


@BUGS.bug()
def entity_that_came_along_earlier_is_left_behind(patch):
    original = context.pack

    def pack(tx, stack, pending):
        carried, tx.carried = tx.carried, []
        try:
            return original(tx, stack, pending)
        finally:
            tx.carried = carried

    patch.setattr(moving, "pack", pack)


@BUGS.bug()
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
