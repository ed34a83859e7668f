"""Pictures of an evaluation: precision against recall for each label, and how far probabilities come true.

Needs matplotlib (the extra `plots`). Labels go by their ids: the library's own font has no Chinese characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.domain.errors import OutputError
from signals.tagging.evaluation import LabelResult, Scored, average_precision, label_results, reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4
_PANEL = 2.3
"""Inches of a panel's side."""
_LINE, _MARK, _GREY = "#1f5fa8", "#c0392b", "#888888"


def require_matplotlib() -> None:
    """Raises `OutputError` where matplotlib is not installed, so that nobody waits for scores that can't be drawn."""
    if find_spec("matplotlib") is None:
        raise OutputError(
            "no_matplotlib",
            "画图需要 matplotlib，本机没有安装",
            '请运行 pip install "buying-signals[plots]"，或去掉 --plots',
        )


def write_plots(scored: Mapping[str, Scored], folder: Path) -> list[Path]:
    """Writes precision_recall_customer.png, precision_recall_manager.png and reliability.png. Raises `OutputError`."""
    require_matplotlib()
    figures = {f"precision_recall_{role}.png": precision_recall(part) for role, part in scored.items()}
    figures["reliability.png"] = reliability_diagram(scored)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in figures.items():
            figure.savefig(folder / name, dpi=110, metadata={"Software": None})
    except OSError:
        raise OutputError("cannot_write", f"无法把图写入 {folder}", "请换一个可写的文件夹，并检查磁盘空间") from None
    return [folder / name for name in figures]


def precision_recall(scored: Scored) -> Figure:
    """One panel a label; the mark is where its threshold stands, the grey line what guessing would give."""
    figure, panels = _grid(len(scored.labels))
    for k, (panel, result) in enumerate(zip(panels, label_results(scored), strict=True)):
        _draw_curve(panel, scored, k, result)
    figure.supxlabel("recall")
    figure.supylabel("precision")
    return figure


def _grid(panels: int) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    rows = -(-panels // _COLUMNS)
    figure = Figure(figsize=(_COLUMNS * _PANEL, rows * _PANEL), layout="constrained")
    axes: Any = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    for unused in axes.flat[panels:]:
        unused.set_axis_off()
    return figure, list(axes.flat[:panels])


def _draw_curve(panel: Axes, scored: Scored, k: int, result: LabelResult) -> None:
    from sklearn.metrics import precision_recall_curve

    truth, scores = scored.truth[:, k], scored.probabilities[:, k]
    panel.set_xlim(0, 1.02)
    panel.set_ylim(0, 1.02)
    panel.tick_params(labelsize=7)
    if not result.support:
        panel.set_title(f"{result.label}\nno row has it", fontsize=8, color=_GREY)
        return
    precision, recall, _ = precision_recall_curve(truth, scores)
    panel.plot(recall, precision, color=_LINE, drawstyle="steps-post", linewidth=1.2)
    panel.axhline(result.support / len(truth), color=_GREY, linewidth=0.6)
    if result.found:
        panel.plot([result.recall], [result.precision], "o", color=_MARK, markersize=5)
    ranked = average_precision(truth, scores)
    panel.set_title(f"{result.label} ({result.support})\nAP {ranked:.2f}, F1 {result.f1:.2f}", fontsize=8)


def reliability_diagram(scored: Mapping[str, Scored]) -> Figure:
    """Above, the share that is right among scores of about one height, the diagonal being perfect; below, how many there are."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 6), layout="constrained")
    axes: Any = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper, lower = axes
    upper.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8)
    for color, (role, part) in zip((_LINE, _MARK), scored.items(), strict=False):
        bins = reliability(part.truth, part.probabilities)
        stated = [b.stated for b in bins]
        upper.plot(stated, [b.observed for b in bins], "o-", color=color, markersize=4, label=role)
        lower.plot(stated, [b.scores for b in bins], "o-", color=color, markersize=4)
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="observed share")
    upper.legend()
    lower.set(xlabel="stated probability", ylabel="scores", yscale="log")
    return figure
