"""Each pass changes graphs as its golden files say, and leaves them sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateflow.compiler.ir.printer import print_ir
from stateflow.compiler.ir.verifier import verify
from stateflow.compiler.passes import PASSES
from tests.golden.graphs import check_case, lowered, read_case

HERE = Path(__file__).parent
CASES = [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in sorted(HERE.glob("*/*.case"))]


@pytest.mark.parametrize("path", CASES)
def test_pass_changes_a_graph_as_in_its_golden_file(path: Path, rewrite_golden: bool) -> None:
    case = read_case(path)
    graph = lowered(case["source"])[0]
    for run in PASSES:
        before = print_ir(graph)
        run(graph)
        verify(graph, run.__name__)
        if run.__name__ == path.parent.name:
            break
    actual = {"source": case["source"], "before": before, "after": print_ir(graph)}
    check_case(path, case, actual, rewrite=rewrite_golden)


def test_each_pass_has_golden_files() -> None:
    folders = {path.parent.name for path in HERE.glob("*/*.case")}
    assert folders == {run.__name__ for run in PASSES}


@pytest.mark.parametrize("path", [pytest.param(p, id=i) for p, i in ((c.values[0], c.id) for c in CASES)])
def test_running_all_passes_again_changes_nothing(path: Path) -> None:
    graph = lowered(read_case(path)["source"])[0]
    for run in PASSES:
        run(graph)
    first = print_ir(graph)
    for run in PASSES:
        run(graph)
    assert print_ir(graph) == first
