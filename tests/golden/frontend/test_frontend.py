"""The frontend lowers each construct to the graph in its golden file."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateflow.compiler.ir.printer import print_ir
from stateflow.compiler.ir.verifier import verify
from tests.golden.graphs import check_case, lowered, read_case

CASES = [pytest.param(path, id=path.stem) for path in sorted(Path(__file__).parent.glob("*.case"))]


@pytest.mark.parametrize("path", CASES)
def test_construct_is_lowered_as_in_its_golden_file(path: Path, rewrite_golden: bool) -> None:
    case = read_case(path)
    graphs = lowered(case["source"])
    for graph in graphs:
        verify(graph, "the frontend")
    actual = {"source": case["source"], "graph": "\n".join(map(print_ir, graphs))}
    check_case(path, case, actual, rewrite=rewrite_golden)
