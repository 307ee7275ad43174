"""The control-flow graph between the frontend and code generation."""

from __future__ import annotations

from stateflow.compiler.ir.operations import (
    Assign,
    Block,
    Branch,
    Exec,
    FunctionIR,
    Instruction,
    Jump,
    Operate,
    Reraise,
    Return,
    Terminator,
    Unreachable,
    Yield,
)

__all__ = [
    "Assign",
    "Block",
    "Branch",
    "Exec",
    "FunctionIR",
    "Instruction",
    "Jump",
    "Operate",
    "Reraise",
    "Return",
    "Terminator",
    "Unreachable",
    "Yield",
]
