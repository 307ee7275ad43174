"""Bugs of places that tell others how a transaction ended."""

from __future__ import annotations

from stateflow.core.moving import Moving
from stateflow.core.place_state import PlaceState
from tests.planted.protocol_bug import ProtocolGarden

BUGS = ProtocolGarden()


@BUGS.bug()
def decision_is_not_passed_on(patch):
    def relay(self, left, *, is_kept):
        for number in range(left.relays):
            self._changes.remove(f"b/{left.header.request_id}/{number}")

    patch.setattr(PlaceState, "_relay", relay)


@BUGS.bug()
def abort_is_passed_on_as_a_commit(patch):
    original = PlaceState._relay
    patch.setattr(PlaceState, "_relay", lambda self, left, *, is_kept: original(self, left, is_kept=True))


@BUGS.bug()
def list_is_left_while_frames_are_parked(patch):
    original = Moving._leave_list

    def leave_list(self, tx):
        parked, tx.parked = tx.parked, []
        original(self, tx)
        tx.parked = parked

    patch.setattr(Moving, "_leave_list", leave_list)


@BUGS.bug()
def home_of_what_travels_is_left_in_a_list(patch):
    original = Moving._leave_list

    def leave_list(self, tx):
        stack, carried, tx.stack, tx.carried = tx.stack, tx.carried, [], []
        domain, tx.domain = tx.domain, None
        original(self, tx)
        tx.stack, tx.carried, tx.domain = stack, carried, domain

    patch.setattr(Moving, "_leave_list", leave_list)
