"""Prove that methods change no entity.

A method is *read-only* when neither it nor anything that it may call, on whatever objects, assigns, deletes or mutates what may belong
to an entity, or creates or deletes one. The proof looks at each function of the closed world under what is known of its arguments
(`origins`), and joins over the call graph until nothing changes: the least fixed point of a monotone summary (Sharir and Pnueli, *Two
approaches to interprocedural data flow analysis*, 1981). A call by name means every member of that name, so overriding, properties and
annotations that lie change nothing. What is not understood is not proved.

One kind of change is left to the engines: an iterator or a `defaultdict` in a state changes when it is read. `dataflow/stability.py`
finds them in the states themselves.
"""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING

from stateflow.compiler.analysis.origins import ATOM, CROSSED, STATE, Value, container
from stateflow.compiler.analysis.read_only_body import Body, Summary, Write
from stateflow.compiler.analysis.read_only_calls import Closed
from stateflow.compiler.program import unwrap

if TYPE_CHECKING:
    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["ReadOnly", "Write"]

Arguments = tuple[tuple[str, Value], ...]
Call = tuple["FunctionUnit", Arguments]

_CALLS_OF_ONE_FUNCTION = 24
_CALLS_IN_CALLS = 16


class ReadOnly:
    """The proofs of one program, each made when it is first asked for.

    Args:
        program: the program, analysed.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._closed = Closed(program, self._ask)
        self._summaries: dict[Call, Summary] = {}
        self._askers: dict[Call, dict[Call, None]] = {}
        self._asking: list[Call] = []
        self._waiting: list[Call] = []
        self._known: dict[tuple[type, str], Write | None] = {}

    def write_of(self, cls: type, name: str) -> Write | None:
        """Return the first thing in a method that may change an entity; None when it is proved that there is none.

        Args:
            cls: the entity class.
            name: the name of a method, a property, or an attribute.
        """
        if (cls, name) in self._known:
            return self._known[cls, name]
        found = self._find(cls, name)
        # Requests may name anything; what the class has not is found at once, and need not be remembered.
        if self.program.member(cls, name) is not None:
            self._known[cls, name] = found
        return found

    def _find(self, cls: type, name: str) -> Write | None:
        member = self.program.member(cls, name)
        functions = unwrap(member.fget if isinstance(member, property) else member)
        units = [unit for function, _ in functions if (unit := self.program.unit_of(function)) is not None]
        if self.program.is_open:
            return self._at(units, "may run beside code that computes names of attributes")
        if isinstance(member, functools.cached_property):
            return self._at(units, "keeps what it answers")
        if not units:
            return None if _is_plain_attribute(member) else self._at(units, "has no source that was compiled")
        return self._write_in(units[0]) or self._write_in_keys()

    @staticmethod
    def _at(units: list[FunctionUnit], why: str) -> Write:
        return Write(units[0].filename, units[0].node.lineno, why) if units else Write("", 0, why)

    def _write_in(self, unit: FunctionUnit) -> Write | None:
        """Look at a method that a client calls: its arguments are copies, or entities."""
        arguments = unit.node.args
        names = [a.arg for a in arguments.posonlyargs + arguments.args]
        found = dict.fromkeys([*names, *[a.arg for a in arguments.kwonlyargs]], CROSSED)
        if names and not unit.is_static:
            found[names[0]] = STATE
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                found[extra.arg] = container(CROSSED)
        return self._solve((unit, tuple(found.items()))).write

    def _write_in_keys(self) -> Write | None:
        """Look at `__key__` of all classes: it is asked again after calls."""
        for cls in self.program.entities:
            unit = self.program.unit_of(self.program.member(cls, "__key__"))
            write = None if unit is None else self._write_in(unit)
            if write is not None:
                return write
        return None

    # The fixed point.

    def _solve(self, call: Call) -> Summary:
        self._ask(*call)
        while self._waiting:
            self._look(self._waiting.pop())
        return self._summaries[call]

    def _look(self, call: Call, *, is_new: bool = False) -> None:
        """Look at a call anew; those that asked for it look again when more is known of it."""
        known = self._summaries[call]
        if known.write is None:
            self._asking.append(call)
            found = Body(call[0], dict(call[1]), self._closed).run()
            self._asking.pop()
            if found != known:
                self._summaries[call] = found
                heard = self._asking[-1] if is_new and self._asking else None
                self._waiting += [asker for asker in self._askers[call] if asker is not heard and asker not in self._waiting]

    def _ask(self, unit: FunctionUnit, arguments: Arguments) -> Summary:
        """Return what is known so far of a call."""
        call = (unit, arguments)
        if call not in self._summaries and sum(known is unit for known, _ in self._summaries) >= _CALLS_OF_ONE_FUNCTION:
            call = (unit, tuple((name, STATE) for name, _ in arguments))
        is_new = call not in self._summaries
        if is_new:
            self._summaries[call] = Summary(ATOM)
            self._askers[call] = {}
        if self._asking:
            self._askers[call][self._asking[-1]] = None
        if is_new and len(self._asking) < _CALLS_IN_CALLS:
            # At once, so that the first write of the caller is found in the order of its source.
            self._look(call, is_new=True)
        elif is_new:
            self._waiting.append(call)
        return self._summaries[call]


def _is_plain_attribute(member: object) -> bool:
    """Tell whether reading what a class holds runs nothing."""
    return isinstance(member, types.MemberDescriptorType) or not (callable(member) or hasattr(type(member), "__get__"))
