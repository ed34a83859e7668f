"""Pictures of an evaluation: what is drawn is what was scored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signals.domain.errors import OutputError
from signals.tagging.corpus import Row
from signals.tagging.evaluation import Scored, label_results
from signals.tagging.plots import precision_recall, reliability_diagram, write_plots

THRESHOLD = 0.5


def scored(role: str = "customer") -> Scored:
    """Two labels: of the first 3 are over the threshold and 2 of them right, of 4 that are there; nobody has the second."""
    probabilities = np.array([[0.9, 0.1], [0.8, 0.1], [0.7, 0.1], [0.3, 0.1], [0.2, 0.1], [0.1, 0.1]])
    truth = np.array([[True, False], [False, False], [True, False], [True, False], [True, False], [False, False]])
    rows = [
        Row.model_validate({"id": f"x{i}", "writer": "c1", "role": role, "kind": "spoken", "text": "甲", "labels": ()})
        for i in range(6)
    ]
    return Scored(tuple(rows), ("rate_cut", "interest"), truth, probabilities, np.full(2, THRESHOLD))


def _points(line: Any) -> list[tuple[float, float]]:
    return list(zip(map(float, line.get_xdata()), map(float, line.get_ydata()), strict=True))


def test_each_label_has_a_panel_and_the_mark_stands_at_its_threshold() -> None:
    panels = [a for a in precision_recall(scored()).axes if a.get_title()]
    assert [p.get_title().split()[0] for p in panels] == ["rate_cut", "interest"]
    curve, _, mark = panels[0].lines
    marked, drawn = _points(mark), _points(curve)
    assert marked == [pytest.approx((2 / 4, 2 / 3))]
    assert marked[0] in drawn, "the mark lies on the curve"


def test_a_label_that_no_row_has_is_said_to_have_none() -> None:
    panel = precision_recall(scored()).axes[1]
    assert "no row has it" in panel.get_title()
    assert not panel.lines


def test_the_reliability_diagram_counts_every_score() -> None:
    upper, lower = reliability_diagram({"customer": scored(), "manager": scored("manager")}).axes
    assert [line.get_label() for line in upper.lines[1:]] == ["customer", "manager"]
    counts: Any = lower.lines[0].get_ydata()
    assert sum(counts) == scored().probabilities.size
    stated: Any = upper.lines[1].get_xdata()
    observed: Any = upper.lines[1].get_ydata()
    assert (stated[-1], observed[-1]) == (pytest.approx(0.9), 1.0)


def test_the_same_scores_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_plots({"customer": scored()}, tmp_path / name) for name in ("a", "b"))
    assert [p.name for p in first] == ["precision_recall_customer.png", "reliability.png"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in first)


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        write_plots({"customer": scored()}, tmp_path / "file")
    assert caught.value.code == "cannot_write"
    assert caught.value.remedy


def test_the_marks_are_the_evaluations_own_figures() -> None:
    result = label_results(scored())[0]
    assert (result.support, result.found, result.right) == (4, 3, 2)
