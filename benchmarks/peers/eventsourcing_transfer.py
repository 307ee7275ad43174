"""The transfer with the eventsourcing library: two aggregates that are saved in one transaction of SQLite."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError
from measuring import BALANCE, arguments, finish, measure, owner


class Account(Aggregate):
    """Holds money."""

    def __init__(self, name: str, balance: int) -> None:
        self.name = name
        self.balance = balance

    @staticmethod
    def create_id(name: str) -> UUID:
        """Return the id of an owner's account."""
        return uuid5(NAMESPACE_URL, name)

    @event("Changed")
    def change(self, amount: int) -> None:
        """Add, or take."""
        self.balance += amount


class Bank(Application):
    """The accounts, with the aggregates that were used last in memory."""

    env = {"AGGREGATE_CACHE_MAXSIZE": "10000"}  # noqa: RUF012

    def transfer(self, giver: str, taker: str, amount: int) -> bool:
        """Save both changes together; try again when another thread was faster at one of them."""
        while True:
            source, target = (self.repository.get(Account.create_id(name)) for name in (giver, taker))
            assert isinstance(source, Account)
            assert isinstance(target, Account)
            if source.balance < amount:
                return False
            source.change(-amount)
            target.change(amount)
            try:
                self.save(source, target)
            except IntegrityError:
                continue
            return True


def main() -> None:
    """Measure and verify."""
    given = arguments()
    database = str(given.folder / "events.sqlite")
    # SQLite's own default of `synchronous` is FULL, and the library leaves it.
    bank = Bank(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": database, "SQLITE_LOCK_TIMEOUT": "60"})
    for number in range(given.accounts):
        bank.save(Account(owner(number), BALANCE))

    def connect() -> Callable[[str, str, int], object]:
        return bank.transfer

    measured = measure(given, connect)
    # Another application reads the events, not the first one's memory.
    reader = Bank(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": database})
    balances = {}
    for number in range(given.accounts):
        account = reader.repository.get(Account.create_id(owner(number)))
        assert isinstance(account, Account)
        balances[owner(number)] = account.balance
    finish(
        f"eventsourcing {version('eventsourcing')}", "SQLite in WAL mode, synchronous=FULL",
        "two aggregates saved in one transaction; no ledger of requests", given, measured, balances,
    )  # fmt: skip


if __name__ == "__main__":
    main()
