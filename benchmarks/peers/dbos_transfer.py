"""The transfer with DBOS: a workflow whose one step is a transaction over both accounts. DBOS keeps workflows and accounts in SQLite."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import version

import sqlalchemy as sa
from dbos import DBOS, SQLAlchemyDatasource
from measuring import BALANCE, arguments, finish, measure, owner

_DURABLE = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")


def main() -> None:
    """Measure and verify."""
    given = arguments()
    logging.disable(logging.WARNING)
    urls = [f"sqlite:///{given.folder / name}.sqlite" for name in ("system", "accounts")]
    for url in urls:
        # WAL is kept in the file; FULL is what SQLite does when nobody says otherwise.
        with sa.create_engine(url).connect() as connection:
            for pragma in _DURABLE:
                connection.execute(sa.text(pragma))
    DBOS(config={"name": "transfers", "system_database_url": urls[0], "run_admin_server": False, "log_level": "ERROR"})
    source = SQLAlchemyDatasource.create(urls[1])
    transfer = define(source)
    DBOS.launch()
    with source.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE account (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL)"))
        accounts = [{"owner": owner(number), "balance": BALANCE} for number in range(given.accounts)]
        connection.execute(sa.text("INSERT INTO account VALUES (:owner, :balance)"), accounts)
    measured = measure(given, lambda: transfer)
    with source.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT owner, balance FROM account")).all()
    balances = {row.owner: row.balance for row in rows}
    DBOS.destroy()
    finish(
        f"DBOS {version('dbos')}", "SQLite in WAL mode, synchronous=FULL, for workflows and accounts",
        "a workflow with one transaction over both accounts", given, measured, balances,
    )  # fmt: skip


def define(source: SQLAlchemyDatasource) -> Callable[[str, str, int], object]:
    """Return the workflow."""

    @source.transaction()
    def move(giver: str, taker: str, amount: int) -> bool:
        session = source.sql_session()
        read = sa.text("SELECT balance FROM account WHERE owner = :owner")
        if session.execute(read, {"owner": giver}).scalar_one() < amount:
            return False
        change = sa.text("UPDATE account SET balance = balance + :amount WHERE owner = :owner")
        session.execute(change, {"owner": giver, "amount": -amount})
        session.execute(change, {"owner": taker, "amount": amount})
        return True

    @DBOS.workflow()
    def transfer(giver: str, taker: str, amount: int) -> bool:
        return move(giver, taker, amount)

    return transfer


if __name__ == "__main__":
    main()
