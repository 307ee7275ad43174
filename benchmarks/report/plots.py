"""The plots of the report, as SVG that stands in the page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib

matplotlib.use("svg")

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

__all__ = ["Line", "bars", "lines"]

# Colours that people who see few colours tell apart (Okabe and Ito, 2008); lines differ in marks too.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKS = ("o", "s", "^", "D", "v", "P")
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "stateflow",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}


class Line(NamedTuple):
    """One line of a plot."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]


def lines(
    found: Sequence[Line], x_label: str, y_label: str, *, is_log_x: bool = False, is_log_y: bool = False, limit: float | None = None
) -> str:
    """Draw lines; a dashed one at `limit` if there is one."""

    def draw(axes: Axes) -> None:
        for number, line in enumerate(found):
            axes.plot(line.xs, line.ys, color=_COLOURS[number % 6], marker=_MARKS[number % 6], markersize=5, label=line.name)
        if limit is not None:
            axes.axhline(limit, color="#555555", linestyle="--", linewidth=1)
        axes.set_xscale("log" if is_log_x else "linear")
        axes.set_yscale("log" if is_log_y else "linear")
        if not is_log_y:
            axes.set_ylim(bottom=0)
        axes.legend(frameon=False)

    return _svg(draw, x_label, y_label)


def bars(names: Sequence[str], parts: dict[str, Sequence[float]], x_label: str) -> str:
    """Draw one bar for each name, made of parts."""

    def draw(axes: Axes) -> None:
        begin = [0.0] * len(names)
        for number, (part, widths) in enumerate(parts.items()):
            axes.barh(range(len(names)), widths, left=begin, color=_COLOURS[number % 6], label=part, height=0.6)
            begin = [left + width for left, width in zip(begin, widths, strict=True)]
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.legend(frameon=False, ncols=len(parts), loc="lower center", bbox_to_anchor=(0.5, 1.0))

    return _svg(draw, x_label, "")


def _svg(draw: Any, x_label: str, y_label: str) -> str:
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 3.8), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :]
