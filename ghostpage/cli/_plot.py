"""Pictures: of a soak, mapped bytes and RSS over the output fed; of the leak, mapped bytes with it and without."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ghostpage.cli._common import CommandError, need, plain

__all__ = ["check", "draw", "draw_leak"]

MIB = 1 << 20
INK, MUTED, MAPPED, NONSTANDARD, POOLED, RESIDENT = "#222222", "#777777", "#2f6fb7", "#d1495b", "#9aa7b5", "#3b8b5a"


def check(path: Path) -> None:
    """Finds out before the soak whether the plot can be drawn after it."""
    figures, agg = need("matplotlib.figure", "matplotlib.backends.backend_agg")
    known = agg.FigureCanvasAgg(figures.Figure()).get_supported_filetypes()
    if path.suffix.lstrip(".").lower() not in known:
        raise CommandError(f"cannot draw {plain(str(path))!r}: the name has to end in .png, .svg or .pdf")
    if not path.absolute().parent.is_dir():
        raise CommandError(f"cannot draw {plain(str(path))!r}: there is no such directory")


def draw(
    path: Path, title: str, verdict: str, samples: Sequence[Any], closings: Sequence[int], ceiling: int | None
) -> None:
    """One figure of two panels: what is mapped, and what the kernel holds in memory for the whole process."""
    figures, agg, tickers = need("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.ticker")
    figure = figures.Figure(figsize=(10, 6.4), dpi=120, layout="constrained")
    agg.FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    fed = [sample.fed / MIB for sample in samples]

    nonstandard = [sample.ledger.nonstandard_bytes / MIB for sample in samples]
    pooled = [sample.ledger.pooled_bytes / MIB for sample in samples]
    mapped = [sample.ledger.bytes / MIB for sample in samples]
    peak = samples[-1].ledger.peak_bytes / MIB  # the ledger sees what happens between two samples too
    upper.fill_between(fed, mapped, color=MAPPED, alpha=0.15, linewidth=0)
    upper.plot(fed, mapped, color=MAPPED, linewidth=1.6, label=f"mapped (peak {peak:.1f} MiB, end {mapped[-1]:.1f})")
    upper.plot(
        fed, nonstandard, color=NONSTANDARD, linewidth=1.2, label=f"of it non-standard (peak {max(nonstandard):.1f})"
    )
    upper.plot(fed, pooled, color=POOLED, linewidth=1.2, label=f"of it in the pool (peak {max(pooled):.1f})")
    if ceiling is not None and ceiling / MIB < 4 * max(mapped):
        upper.axhline(ceiling / MIB, color=INK, linewidth=1, linestyle="--", label=f"limit {ceiling / MIB:.1f} MiB")
    _ticks(upper, [at / MIB for at in closings])
    upper.set_ylabel("mapped by ghostpage (MiB)")
    upper.set_title("Mapped bytes, from the ledger", loc="left", fontsize=10, color=MUTED)

    resident = [(sample.fed / MIB, sample.resident / MIB) for sample in samples if sample.resident is not None]
    if resident:
        places, sizes = zip(*resident, strict=True)
        label = f"RSS (start {sizes[0]:.1f} MiB, peak {max(sizes):.1f}, end {sizes[-1]:.1f})"
        lower.plot(places, sizes, color=RESIDENT, linewidth=1.6, label=label)
    lower.set_ylabel("RSS of the process (MiB)")
    lower.set_title(
        "Resident memory, from the kernel: Python, its libraries and the recording included",
        loc="left",
        fontsize=10,
        color=MUTED,
    )
    lower.set_xlabel("output fed (MiB)")
    lower.xaxis.set_major_locator(tickers.MaxNLocator(8))

    for axes in (upper, lower):
        axes.set_ylim(bottom=0, top=axes.get_ylim()[1] * 1.3)  # room for the legend above the lines
        _dress(axes)
    _save(figure, path, f"{title}\n{verdict}")


def draw_leak(path: Path, verdict: str, bug: Sequence[Any], fix: Sequence[Any]) -> None:
    """What is mapped with the historic leak and without it; the last sample of each is that after the end."""
    figures, agg, tickers = need("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.ticker")
    figure = figures.Figure(figsize=(10, 5.6), dpi=120, layout="constrained")
    agg.FigureCanvasAgg(figure)
    axes = figure.subplots()
    for samples, color, name in ((bug, NONSTANDARD, "the bug"), (fix, MAPPED, "the fix")):
        mapped = [max(0, one.ledger if one.mapped is None else one.mapped) / MIB for one in samples]
        fed = [one.fed / MIB for one in samples]
        label = f"{name}: {mapped[-2]:.1f} MiB at the end of the output, {mapped[-1]:.1f} after close()"
        axes.plot(fed[:-1], mapped[:-1], color=color, linewidth=1.8, label=label)
        axes.plot(fed[-1:], mapped[-1:], "o", color=color, markersize=7, clip_on=False, zorder=3)
    owned = [one.owned / MIB for one in bug[:-1]]
    axes.plot(
        [one.fed / MIB for one in bug[:-1]], owned, color=INK, linewidth=1, linestyle="--",
        label=f"what the terminal with the bug believes it holds: {owned[-1]:.1f} MiB",
    )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("mapped (MiB)")
    axes.set_xlabel("output (MiB)")
    axes.xaxis.set_major_locator(tickers.MaxNLocator(8))
    source = "the kernel's map of each process" if bug[-1].mapped is not None else "the ledgers"
    axes.set_title(f"Mapped bytes, from {source}; dots: after close()", loc="left", fontsize=10, color=MUTED)
    _dress(axes, columns=1)
    _save(figure, path, f"ghostpage leak\n{verdict}")


def _dress(axes: Any, columns: int = 2) -> None:
    axes.margins(x=0.01)
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=9)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left", ncols=columns, frameon=False, fontsize=9)


def _save(figure: Any, path: Path, title: str) -> None:
    title = "\n".join(textwrap.fill(line, 120) for line in title.splitlines())
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=INK)
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot draw {plain(str(path))!r}: {plain(str(error))}") from None


def _ticks(axes: Any, places: Sequence[float]) -> None:
    """Marks below the curve where terminals were closed."""
    if places:
        axes.plot(
            places, [0.015] * len(places), "|", color=INK, markersize=6, transform=axes.get_xaxis_transform(),
            label=f"terminal closed ({len(places)} times)",
        )  # fmt: skip
