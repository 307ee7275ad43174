"""Random trees of calls: entities that run scripts, call one another again from inside, fail, catch, create and delete."""

from __future__ import annotations

import asyncio
from typing import Any

import stateflow
from stateflow.errors import EntityAlreadyExists, EntityNotFound
from stateflow.histories.workloads.observed import Failed, Look, Observed, missed

__all__ = ["Leaf", "Node"]


@stateflow.entity
class Leaf(Observed):
    """An entity that comes and goes."""

    def __init__(self, name: str, version: int, tx: str) -> None:
        self.name = name
        self.born(name, tx, version)

    def __key__(self) -> str:
        return self.name

    def touch(self, tx: str) -> Look:
        """Change it."""
        return self.mark(tx)


@stateflow.entity
class Node(Observed):
    """An entity that runs scripts. A step of a script is a tuple: what to do, and with what.

    `seasons` holds, for each leaf that this node makes and drops, the version that its last deletion made.
    """

    def __init__(self, name: str, tx: str) -> None:
        self.name = name
        self.seasons: dict[str, int] = {}
        self.ballast = ""
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def run(self, steps: Any, tx: str) -> list[Look]:
        """Run a script and return what it saw.

        Raises:
            Failed: a step said so, and no script outside of it caught it.
        """
        seen: list[Look] = []
        for step in steps:
            try:
                seen += self.carry_out(step, tx)
            except Failed as error:
                raise Failed(error.reason, seen + error.seen) from None
        return seen

    def carry_out(self, step: Any, tx: str) -> list[Look]:
        """Run one step."""
        match step:
            case ("look",):
                return [self.look()]
            case ("mark",):
                return [self.mark(tx)]
            case ("fail", reason):
                raise Failed(reason, [self.look()])
            case ("call", node, inner):
                return list(node.run(inner, tx))
            case ("try", node, inner):
                return self.attempt(node, inner, tx)
            case ("each", nodes, inner):
                return [met for node in nodes for met in node.run(inner, tx)]
            case ("gather", nodes):
                return self.glance(nodes)
            case ("heavy", size, node, inner):
                return self.carry(size, node, inner, tx)
            case ("make", leaf, name):
                return self.make(leaf, name, tx)
            case ("drop", leaf, name):
                return self.drop(leaf, name, tx)
            case ("find", leaf, name):
                return self.find(leaf, name)
            case ("touch", leaf, name):
                return self.reach(leaf, name, tx)
        raise ValueError(step)

    def attempt(self, node: Node, inner: Any, tx: str) -> list[Look]:
        """Call, catch what fails, and mark that it did: what was changed inside stays, as in any Python program."""
        try:
            return list(node.run(inner, tx))
        except Failed as error:
            return [*error.seen, self.mark(tx)]

    def glance(self, nodes: list[Node]) -> list[Look]:
        """Look at several nodes at once."""
        return list(self.gather_looks(nodes))

    def gather_looks(self, nodes: list[Node]) -> list[Look]:
        """Look at several nodes."""
        return [node.look() for node in nodes]

    async def look_later(self) -> Look:
        """Look, to those who ask many at once."""
        return self.look()

    async def look_at_once(self, nodes: list[Node]) -> list[Look]:
        """Look at several nodes at once; a root method."""
        return list(await asyncio.gather(*[node.look_later() for node in nodes]))

    def carry(self, size: int, node: Node, inner: Any, tx: str) -> list[Look]:
        """Call with a large local variable and a large state meanwhile; at the end of the transaction the state is small again."""
        load = "x" * size
        self.ballast = load
        try:
            seen = list(node.run(inner, tx))
        finally:
            # No change may outlast a transaction without a mark: which transaction came first could not be told from what they saw.
            self.ballast = ""
        assert len(load) == size
        return seen

    def make(self, known: Leaf, name: str, tx: str) -> list[Look]:
        """Create a leaf, if it is not there; tell since when it was not."""
        season = self.seasons.get(name, 0)
        try:
            leaf = Leaf(name, season + 1, tx)
        except EntityAlreadyExists:
            return [known.look()]
        return [(name, season, "", "change"), leaf.look()]

    def drop(self, leaf: Leaf, name: str, tx: str) -> list[Look]:
        """Delete a leaf, if it is there, and note which version that made."""
        try:
            label, version, writer, _ = leaf.look()
        except EntityNotFound:
            return [missed(name, self.seasons.get(name, 0))]
        stateflow.delete(leaf)
        self.seasons[name] = version + 1
        return [(label, version, writer, "delete"), self.mark(tx)]

    def find(self, leaf: Leaf, name: str) -> list[Look]:
        """Look at a leaf, which may not be there."""
        try:
            return [leaf.look()]
        except EntityNotFound:
            return [missed(name)]

    def reach(self, leaf: Leaf, name: str, tx: str) -> list[Look]:
        """Change a leaf, which may not be there."""
        try:
            return [leaf.touch(tx)]
        except EntityNotFound:
            return [missed(name)]
