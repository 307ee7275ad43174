"""A class with a `__partition__`."""

from __future__ import annotations

import stateflow


@stateflow.entity
class Order:
    """Lives with the orders of its year."""

    def __init__(self, number: str) -> None:
        self.number = number

    def __key__(self) -> str:
        return self.number

    @staticmethod
    def __partition__(key: str) -> str:
        return key[:4]
