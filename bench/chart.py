"""The figures of check.py as a chart: the time and the memory of each row, as a part of what the peers take."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from check import Measured
    from matplotlib.axes import Axes

OURS, PEER = "#2f7d5b", "#b8bec6"
WIDTH, ROW, MARGIN = 7.2, 0.62, 1.1  # inches


def draw(rows: list[Measured], path: Path) -> None:
    """Draw *rows* that have the CLI beside them to the SVG file *path*: the same figures give the same bytes."""
    mpl.rcParams |= {"svg.hashsalt": "schema-sync", "font.family": "sans-serif", "svg.fonttype": "none"}
    beside = [row for row in reversed(rows) if row.peers.get("CLI")]
    figure = Figure((WIDTH, MARGIN + ROW * len(beside)), layout="constrained")
    seconds, memory = figure.subplots(1, 2, sharey=True)
    bars(seconds, beside, "seconds", "{:.2f} s")
    bars(memory, beside, "megabytes", "{:.0f} MB")
    seconds.set_yticks(range(len(beside)), [row.label for row in beside])
    figure.legend(*seconds.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})


def bars(axes: Axes, rows: list[Measured], what: str, text: str) -> None:
    for name, colour, shift in (("schema-sync", OURS, 0.2), ("supabase gen types", PEER, -0.2)):
        runs = [row.ours if name == "schema-sync" else row.peers["CLI"] for row in rows]
        values = [median(getattr(run, what) for run in each) for each in runs]
        drawn = axes.barh([n + shift for n in range(len(rows))], values, height=0.36, color=colour, label=name)
        axes.bar_label(drawn, labels=[text.format(value) for value in values], padding=3, fontsize=8)
    axes.set_title("time" if what == "seconds" else "peak memory", fontsize=10)
    axes.margins(x=0.25)
    axes.tick_params(axis="both", length=0, labelsize=9)
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
