"""Random scripts for `trees.Node`: trees of calls to depth 6 with cycles, failures, creations and deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.histories.plan import Ask, Plan, States, Target
from stateflow.histories.workloads.trees import Leaf, Node
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    import random

__all__ = ["DEPTH", "plan_trees"]

DEPTH = 6
_HEAVY_BYTES = 40_000

Step = tuple[Any, ...]


class _Scripts:
    """Draws scripts. Each leaf is made and dropped by one node, its parent, so that its versions go on over its lives."""

    def __init__(self, draw: random.Random, nodes: list[Target], *, has_heavy: bool) -> None:
        self.draw = draw
        self.nodes = nodes
        self.leaves = {node: [Target(Leaf, f"{node.key}.{number}") for number in range(2)] for node in nodes}
        self.has_heavy = has_heavy
        self.budget = 0

    def script(self, node: Target, depth: int) -> tuple[Step, ...]:
        """Return a script that `node` can run, with calls of at most `depth` levels."""
        return tuple(self.step(node, depth) for _ in range(self.draw.randint(1, 3)))

    def step(self, node: Target, depth: int) -> Step:
        """Return one step."""
        self.budget -= 1
        if depth and self.budget > 0 and self.draw.random() < 0.65:
            return self._call(depth)
        other = self.draw.choice(self.nodes)
        leaf = self.draw.choice(self.leaves[other])
        own = self.draw.choice(self.leaves[node])
        match self.draw.random():
            case part if part < 0.1:
                return ("look",)
            case part if part < 0.45:
                return ("mark",)
            case part if part < 0.52:
                return ("fail", f"at {node.key}")
            case part if part < 0.65:
                return ("make", own, own.key)
            case part if part < 0.75:
                return ("drop", own, own.key)
            case part if part < 0.85:
                return ("find", leaf, leaf.key)
            case part if part < 0.95:
                return ("touch", leaf, leaf.key)
        return ("gather", self.nodes)

    def _call(self, depth: int) -> Step:
        other = self.draw.choice(self.nodes)
        match self.draw.random():
            case part if part < 0.3:
                return ("try", other, self.script(other, depth - 1))
            case part if part < 0.36:
                return ("each", self.nodes, (("mark",),))
            case part if part < 0.42 and self.has_heavy:
                return ("heavy", _HEAVY_BYTES, other, self.script(other, depth - 1))
        return ("call", other, self.script(other, depth - 1))


def plan_trees(draw: random.Random, count: int) -> Plan:
    """Plan call trees over a few nodes, and over leaves that come and go."""
    nodes = [Target(Node, f"node{number}") for number in range(draw.randint(2, 5))]
    scripts = _Scripts(draw, nodes, has_heavy=draw.random() < 0.2)
    setup = [Ask(f"s-{key}", Operation.CREATE, Target(cls, key), "", (key, f"s-{key}")) for cls, key in nodes]

    def ask(number: int) -> Ask:
        tx = f"t{number}"
        node = draw.choice(nodes)
        if draw.random() < 0.1:
            return Ask(tx, Operation.CALL, node, "look_at_once", (nodes,))
        scripts.budget = draw.choice((3, 8, 20))
        return Ask(tx, Operation.CALL, node, "run", (scripts.script(node, draw.choice((1, 2, 3, DEPTH))), tx))

    def invariant(states: States) -> list[str]:
        nameless = [target.key for target, state in states.items() if state and state["label"] != target.key]
        return [f"{key} has another's state" for key in nameless]

    targets = [*nodes, *(leaf for leaves in scripts.leaves.values() for leaf in leaves)]
    return Plan(setup, [ask(number) for number in range(count)], targets, invariant)
