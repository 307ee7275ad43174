"""Object graphs as flat tables of nodes: how they are read from objects, and how objects are built from them.

A node is a list: its shape, then one *token* for each child. A token is either the child itself, when it is a leaf, or a list (in bytes: a
one-element array) with the number of another node. Nodes stand after the nodes of their children, except where the graph has a cycle.
Nothing here recurses, so a chain of a million objects is as good as any.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from stateflow.errors import LimitExceeded, MalformedBytes, UnstorableValue
from stateflow.limits import STACKED_NESTING, VALUE_NODES
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["GraphBuilder", "GraphReader", "check_nesting"]

Node = list[Any]
_ROOT = Shape("root", lambda value: (value,), lambda children: children[0])
_ABSENT: Any = object()


_Visit = tuple[Any, "Shape", list[int], Node, "Iterator[Any]"]
"""An object whose children are being read: the object, its shape, its token, its node and the children that are left."""


class GraphReader:
    """Reads one object graph into nodes.

    Args:
        leaves: exact types whose objects stand in tokens as they are.
        find: answers the shape of an object, or raises `UnstorableValue` with an empty path.
        leaf: for an object of another type: True when it may stand in a token all the same.
        root: how the path of the whole value is printed.
    """

    def __init__(
        self,
        leaves: frozenset[type],
        find: Callable[[Any], Shape],
        leaf: Callable[[Any], bool] | None,
        root: str,
    ) -> None:
        self._leaves = leaves
        self._find = find
        self._leaf = leaf
        self._root = root
        self._memo: dict[int, list[int]] = {}
        self._kept: list[Any] = []
        self._visits: list[_Visit] = []
        self.nodes: list[Node] = []

    def read(self, value: object) -> Any:
        """Return the token of `value`, after its nodes are in `nodes`."""
        if type(value) in self._leaves:
            return value
        outermost: Node = []
        self._visits.append((None, _ROOT, [-1], outermost, iter((value,))))
        try:
            self._visit()
        except UnstorableValue as error:
            if error.path:
                raise
            raise UnstorableValue(self._path(), error.reason) from None
        self.nodes.pop()
        return outermost[0]

    def keep_tracebacks(self, built: Sequence[Any]) -> None:
        """Give the exceptions among the built objects the tracebacks of those that were read."""
        for value, _ in self._kept:
            if issubclass(type(value), BaseException):
                built[self._memo[id(value)][0]].__traceback__ = value.__traceback__

    def _visit(self) -> None:
        """Read all objects below; one loop, since it is most of what a suspension costs."""
        leaves, memo, nodes, visits = self._leaves, self._memo, self.nodes, self._visits
        kept, find, leaf, all_leaves = self._kept, self._find, self._leaf, self._leaves.issuperset
        while visits:
            _, _, token, node, rest = visits[-1]
            for child in rest:
                known = child if type(child) in leaves else memo.get(id(child))
                if known is not None or child is None or (leaf is not None and leaf(child)):
                    node.append(child if known is None else known)
                    continue
                # Appended before its shape is known; the path of an error counts the tokens.
                node.append(inner := [-1])
                shape = find(child)
                children = _flatten(shape, child)
                memo[id(child)] = inner
                # What `flatten` made must live as long as the memo, which knows objects by their address.
                kept.append((child, children))
                if not all_leaves(map(type, children)):
                    visits.append((child, shape, inner, [shape], iter(children)))
                    break
                inner[0] = len(nodes)
                nodes.append([shape, *children])
                if len(nodes) > VALUE_NODES:
                    raise self._too_large()
            else:
                visits.pop()
                token[0] = len(nodes)
                if visits and token[0] >= VALUE_NODES:
                    raise self._too_large()
                nodes.append(node)

    def _too_large(self) -> LimitExceeded:
        return LimitExceeded(f"SF530: {self._root} has more than {VALUE_NODES} objects; split it over several entities")

    def _path(self) -> str:
        return self._root + "".join(shape.child_name(value, len(node) - 2) for value, shape, _, node, _ in self._visits[1:])


def _flatten(shape: Shape, value: Any) -> Sequence[Any]:
    try:
        return shape.flatten(value)
    except UnstorableValue:
        raise
    except Exception as error:
        name = type(value).__qualname__
        raise UnstorableValue("", f"taking apart this {name} raised {type(error).__name__}: {error}") from error


def check_nesting(nodes: Sequence[Node], token_type: type, error: type[Exception]) -> None:
    """Refuse nodes of immutable kinds that hold one another deeper than `STACKED_NESTING`.

    Hostile bytes may name the nodes in any order, so each is measured after those that it names. Where mutable objects close a circle, the
    circle is measured once around.
    """
    if len(nodes) <= STACKED_NESTING:
        return
    depths = [0] * len(nodes)
    begun = bytearray(len(nodes))
    for start, node in enumerate(nodes):
        stack = [] if node[0].deep else [start]
        while stack:
            number = stack[-1]
            held = [token[0] for token in nodes[number] if type(token) is token_type and not nodes[token[0]][0].deep]  # type: ignore[index]
            unmeasured = [] if begun[number] else [child for child in held if not begun[child]]
            begun[number] = True
            if unmeasured:
                stack += unmeasured
                continue
            stack.pop()
            depths[number] = 1 + max((depths[child] for child in held), default=0)
            if depths[number] > STACKED_NESTING:
                raise error(f"SF530: tuples, iterators or other immutable objects hold one another deeper than {STACKED_NESTING}")


class _Patience(Enum):
    """Which objects wait until their children are complete."""

    ALL = 1
    IMMUTABLE = 2
    NONE = 3


class GraphBuilder:
    """Builds the objects of a table of nodes.

    Args:
        nodes: the nodes; the numbers in their tokens have been checked.
        token_type: the type of tokens that name a node.
    """

    def __init__(self, nodes: Sequence[Node], token_type: type) -> None:
        self._nodes = nodes
        self._token_type = token_type

    def build(self) -> list[Any]:
        """Return the object of each node."""
        token_type = self._token_type
        built: list[Any] = []
        for shape, *tokens in self._nodes:
            if token_type in map(type, tokens):
                for position, token in enumerate(tokens):
                    if type(token) is token_type:
                        number = token[0]  # type: ignore[index]
                        if number >= len(built):
                            return self._build_cyclic()
                        tokens[position] = built[number]
            if shape.make is not None:
                built.append(shape.make(tokens))
            else:
                built.append(shell := shape.new())
                shape.fill(shell, tokens)
        return built

    def _build_cyclic(self) -> list[Any]:
        """Build a graph with cycles: all shells first, then each object as soon as its children allow it.

        An object that hashes or iterates its children waits until they are complete. Where such objects wait for each other in a
        circle, dicts and sets stop waiting first, then all.
        """
        nodes = self._nodes
        self._built = [_ABSENT if node[0].new is None else node[0].new() for node in nodes]
        self._complete = [False] * len(nodes)
        self._tokens = [node[1:] for node in nodes]
        self._positions = [0] * len(nodes)
        left: list[int] = list(range(len(nodes)))
        for patience in _Patience:
            self._waiting: dict[int, list[int]] = {}
            for number in left:
                self._finish_from(number, patience)
            left = [number for number in left if not self._complete[number]]
        if left:
            raise MalformedBytes("SF511: immutable objects that hold each other in a circle")
        return self._built

    def _finish_from(self, number: int, patience: _Patience) -> None:
        """Finish one object and those that waited for it."""
        ready = [number]
        while ready:
            number = ready.pop()
            if not self._complete[number] and self._finish(number, patience):
                ready += self._waiting.pop(number, ())

    def _finish(self, number: int, patience: _Patience) -> bool:
        shape = self._nodes[number][0]
        tokens = self._tokens[number]
        waits = shape.late and (patience is _Patience.ALL or (patience is _Patience.IMMUTABLE and shape.make is not None))
        for position in range(self._positions[number], len(tokens)):
            token = tokens[position]
            if type(token) is not self._token_type:
                continue
            child = token[0]  # type: ignore[index]
            if self._built[child] is _ABSENT or (waits and not self._complete[child]):
                self._positions[number] = position
                self._waiting.setdefault(child, []).append(number)
                return False
            tokens[position] = self._built[child]
        if shape.make is not None:
            self._built[number] = shape.make(tokens)
        else:
            shape.fill(self._built[number], tokens)
        self._complete[number] = True
        return True
