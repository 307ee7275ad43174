"""The verifier accepts sound graphs and rejects each broken one for its own reason."""

from __future__ import annotations

import ast

import pytest

from stateflow.compiler.ir import Branch, FunctionIR, Reraise, Unreachable, Yield
from stateflow.compiler.ir.verifier import BrokenIR, faults, verify
from tests.unit.compiler.ir.graphs import assign, block, execute, expression, function, jump, operate, returns

PRICE = "D_tx.get_attribute(item, 'price')"


def sound() -> FunctionIR:
    return function(
        block(0, assign(".t1", "amount"), operate(PRICE, 1, ".t2"), handler=2),
        block(1, assign("total", "D_t1 * D_t2"), returns("total"), handler=2),
        block(2, Branch(expression("D_matches(D_exception, KeyError)"), 3, 4), depth=1),
        block(3, jump(5), depth=1, killed=("error",)),
        block(4, Reraise(ast.Pass()), depth=1),
        block(5, returns()),
        parameters=("self", "amount", "item"),
    )


def lineless() -> FunctionIR:
    instruction = assign("x", "1 + 1")
    del instruction.value.lineno
    return function(block(0, instruction, returns()))


def shared() -> FunctionIR:
    instruction = assign("x", "1")
    return function(block(0, instruction, jump(1)), block(1, instruction, returns("x")))


def renamed() -> FunctionIR:
    graph = function(block(0, returns()))
    graph.blocks[0].label = 3
    return graph


BROKEN = {
    "an edge to a block that does not exist": (
        lambda: function(block(0, jump(7))),
        "L0: an edge leads to L7, which does not exist",
    ),
    "a handler that does not exist": (
        lambda: function(block(0, returns(), handler=9)),
        "L0: its handler L9 does not exist",
    ),
    "an entry that is not L0": (
        lambda: function(block(1, returns())),
        "the first block is not L0",
    ),
    "a block under another's label": (renamed, "L0: the block calls itself L3"),
    "a reachable block without a terminator": (
        lambda: function(block(0, assign("x", "1"), Unreachable())),
        "L0: control reaches the end of a block without a terminator",
    ),
    "an entry inside an except clause": (
        lambda: function(block(0, returns(), depth=1)),
        "L0: the entry has depth 1",
    ),
    "a jump into an except clause": (
        lambda: function(block(0, jump(1)), block(1, returns(), depth=1)),
        "L0: the edge to L1 enters an except clause",
    ),
    "a handler outside any except clause": (
        lambda: function(block(0, returns(), handler=1), block(1, returns())),
        "L0: its handler L1 has depth 0, not 1 to 1",
    ),
    "a handler two except clauses further in": (
        lambda: function(block(0, returns(), handler=1), block(1, returns(), depth=2)),
        "L0: its handler L1 has depth 2, not 1 to 1",
    ),
    "a temporary that nothing binds": (
        lambda: function(block(0, returns("D_t4"))),
        "L0: .t4 is never bound before it is read: return .t4",
    ),
    "a temporary that one path does not bind": (
        lambda: function(
            block(0, Branch(expression("self.ready"), 1, 2)),
            block(1, assign(".t1", "1"), jump(2)),
            block(2, returns("D_t1")),
        ),
        "L2: .t1 on some path is not bound before it is read: return .t1",
    ),
    "a temporary of a protected block read in its handler": (
        lambda: function(
            block(0, assign(".t1", "self.balance"), returns(), handler=1),
            block(1, returns("D_t1"), depth=1),
        ),
        "L1: .t1 on some path is not bound before it is read: return .t1",
    ),
    "await inside an instruction": (
        lambda: function(block(0, assign("x", "await self"), returns())),
        "L0: Await inside an instruction: x = await self",
    ),
    "yield inside an instruction": (
        lambda: function(block(0, execute("(yield 1)"), returns())),
        "L0: Yield inside an instruction: yield 1",
    ),
    "a lambda that was not made over cells": (
        lambda: function(block(0, assign("x", "lambda: 1"), returns())),
        "L0: Lambda inside an instruction, which is not made over cells: x = lambda: 1",
    ),
    "an operation inside an instruction": (
        lambda: function(block(0, assign("x", f"1 + {PRICE}"), returns()), parameters=("item",)),
        "L0: the operation get_attribute inside an instruction: x = 1 + .tx.get_attribute(item, 'price')",
    ),
    "break without its loop": (
        lambda: function(block(0, execute("if self:\n    break"), returns())),
        "L0: break or continue without its loop: if self:\n    break",
    ),
    "the exception where none is handled": (
        lambda: function(block(0, assign("x", "str(D_exception)"), returns())),
        "L0: .exception where none is being handled: x = str(.exception)",
    ),
    "reraise where none is handled": (
        lambda: function(block(0, Reraise(ast.Pass()))),
        "L0: reraise where no exception is being handled",
    ),
    "yield in a plain function": (
        lambda: function(block(0, Yield(expression("1"), None, 1)), block(1, returns())),
        "L0: yield in what is no generator",
    ),
    "an unknown operation": (
        lambda: function(block(0, operate("D_tx.explode(self)", 1)), block(1, returns())),
        "L0: operate on the unknown operation explode: operate .tx.explode(self) -> L1",
    ),
    "operate on a plain call": (
        lambda: function(block(0, operate("print(self)", 1)), block(1, returns())),
        "L0: operate on what is no operation of the transaction: operate print(self) -> L1",
    ),
    "next without a way out": (
        lambda: function(block(0, operate("D_tx.next(self)", 1)), block(1, returns())),
        "L0: next needs a way to go on when an iterator is exhausted: operate .tx.next(self) -> L1",
    ),
    "a way out for what never stops": (
        lambda: function(block(0, operate(PRICE, 1, stop=1)), block(1, returns()), parameters=("item",)),
        "L0: get_attribute has no use for a way to go on when an iterator is exhausted: "
        "operate .tx.get_attribute(item, 'price') -> L1, stop L1",
    ),
    "a captured variable read beside its cell": (
        lambda: function(block(0, returns("count + 1")), cells=["count"]),
        "L0: the captured variable count beside its cell: return count + 1",
    ),
    "a captured variable bound beside its cell": (
        lambda: function(block(0, assign("count", "1"), returns()), free=["count"]),
        "L0: the captured variable count is bound beside its cell: count = 1",
    ),
    "an instruction in two blocks": (shared, "L1: shares an instruction with L0, so that changing one changes the other"),
    "a node without a line": (lineless, "L0: BinOp without a line: x = 1 + 1"),
}


def test_sound_graph_is_accepted() -> None:
    verify(sound())


@pytest.mark.parametrize("name", BROKEN)
def test_broken_graph_is_rejected_for_its_reason(name: str) -> None:
    build, reason = BROKEN[name]
    assert faults(build()) == [reason]


def test_parameter_may_be_put_into_its_cell() -> None:
    verify(function(block(0, assign(".cell.count", "D_new_cell(count)"), returns()), parameters=("count",), cells=["count"]))


def test_block_that_ends_in_raise_needs_no_terminator() -> None:
    verify(function(block(0, execute("raise KeyError"), Unreachable())))


def test_unreachable_block_needs_no_terminator() -> None:
    verify(function(block(0, returns()), block(1, Unreachable())))


def test_message_names_the_function_the_pass_and_every_fault() -> None:
    graph = function(block(0, assign("x", "str(D_exception)"), returns("D_t1")))
    with pytest.raises(BrokenIR) as caught:
        verify(graph, "merge_blocks")
    text = str(caught.value)
    assert text.startswith("the graph of shop:User.buy is broken after merge_blocks:")
    assert len(caught.value.faults) == 2
    assert all(fault in text for fault in caught.value.faults)
