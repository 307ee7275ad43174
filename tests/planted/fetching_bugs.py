"""Bugs of transactions that fetch an entity before they begin."""

from __future__ import annotations

import msgspec

from stateflow.core.place import Place
from stateflow.core.placed import PlacedTransaction
from tests.planted.protocol_bug import CROWD, ProtocolGarden

BUGS = ProtocolGarden()


@BUGS.bug(60, **CROWD)
def fetched_entity_is_not_locked_at_home(patch):
    original = PlacedTransaction.perform_fetch

    def perform_fetch(self, reference):
        done = original(self, reference)
        if self.pending[0] == "begin":
            self.locked = []
        return done

    patch.setattr(PlacedTransaction, "perform_fetch", perform_fetch)


@BUGS.bug(60, **CROWD)
def fetch_takes_what_another_holds(patch):
    def perform_fetch(self, reference):
        record = self.store.record(reference)
        if not self.take(record):
            if self.obstacle is not record:
                return self.suspend("fetch", reference)
            self.hold(record)
        name, arguments = self.place.fetched(self, record)
        return self.suspend(name, *arguments)

    patch.setattr(PlacedTransaction, "perform_fetch", perform_fetch)


@BUGS.bug(60, **CROWD)
def fetch_keeps_what_the_first_run_changed(patch):
    original = Place._fetch

    def fetch(self, tx):
        undo, self._undo = self._undo, lambda tx: self._keep(tx, [(record, self.entities.encode(record)) for record in tx.touched])
        original(self, tx)
        self._undo = undo

    patch.setattr(Place, "_fetch", fetch)


@BUGS.bug(60, **CROWD)
def fetched_entity_does_not_go_home(patch):
    original = Place._begin_with_fetched

    def begin_with(self, tx):
        original(self, tx)
        tx.carried = []

    patch.setattr(Place, "_begin_with_fetched", begin_with)


@BUGS.bug(60, **CROWD)
def place_of_a_fetched_entity_is_forgotten(patch):
    original = Place._begin_with_fetched

    def begin_with(self, tx):
        original(self, tx)
        tx.visited = set()

    patch.setattr(Place, "_begin_with_fetched", begin_with)


@BUGS.bug(60, **CROWD)
def fetches_with_something_held_elsewhere(patch):
    original = Place._fetches_first

    def fetches_first(self, tx):
        visited, tx.visited = tx.visited, set()
        try:
            return original(self, tx)
        finally:
            tx.visited = visited

    patch.setattr(Place, "_fetches_first", fetches_first)


@BUGS.bug(60, **CROWD)
def fetch_is_another_attempt_that_its_root_does_not_know(patch):
    original = Place._fetch

    def fetch(self, tx):
        tx.header = msgspec.structs.replace(tx.header, attempt=tx.header.attempt + 1)
        original(self, tx)

    patch.setattr(Place, "_fetch", fetch)


@BUGS.bug(60, **CROWD)
def fetch_asks_the_wrong_place_to_begin(patch):
    original = Place.fetched

    def fetched(self, tx, record):
        done = original(self, tx, record)
        tx.obstacle = self.name
        return done

    patch.setattr(Place, "fetched", fetched)
