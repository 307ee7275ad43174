"""Accounts whose numbers tell how often each transfer took effect."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

import stateflow
from stateflow.client import StateflowClient, StateflowFuture
from stateflow.protocol.messages import Operation, Request

__all__ = ["ACCOUNTS", "MONEY", "Account", "Overdrawn", "Transfer", "opening"]

ACCOUNTS = 100
MONEY = 500


class Overdrawn(Exception):
    """The source has too little money."""


@stateflow.entity
class Account:
    def __init__(self, number: int, money: int) -> None:
        self.number, self.money, self.sent = number, money, 0

    def __key__(self) -> int:
        return self.number

    def receive(self, amount: int) -> None:
        self.money += amount

    def transfer(self, target: Account, amount: int) -> tuple[int, int, int]:
        """Send money. The reply holds how many transfers this account has sent, this one included."""
        # The target is paid first, so that a refusal has something to undo.
        target.receive(amount)
        if amount > self.money:
            raise Overdrawn(self.number, self.money)
        self.money -= amount
        self.sent += 1
        return self.number, self.sent, self.money


class Transfer(NamedTuple):
    """The `turn`th transfer of one worker. What it sends to whom follows from its name alone."""

    worker: int
    turn: int

    def send(self, client: StateflowClient) -> StateflowFuture[tuple[int, int, int]]:
        """Send the request; always with the same id."""
        draw = random.Random(f"{self.worker}/{self.turn}")
        source, target = draw.sample(range(ACCOUNTS), 2)
        return client.send(
            Request(
                request_id=f"transfer-{self.worker}-{self.turn}",
                time_ns=time.time_ns(),
                operation=Operation.CALL,
                class_name="Account",
                key=source,
                name="transfer",
                args=(client.ref(Account, target), draw.randrange(1, 50)),
            )
        )


def opening(client: StateflowClient) -> list[StateflowFuture[Account]]:
    """Create all accounts; always with the same ids, so that this may be done at each start."""
    return [
        client.send(
            Request(
                request_id=f"opening-{number}",
                time_ns=time.time_ns(),
                operation=Operation.CREATE,
                class_name="Account",
                args=(number, MONEY),
            )
        )
        for number in range(ACCOUNTS)
    ]
