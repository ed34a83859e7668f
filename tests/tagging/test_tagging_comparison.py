"""The comparison with rivals: its figures by hand, its keyword rules, and learners on the tagger's own features."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from signals.domain.catalogue import Catalogue
from signals.tagging.corpus import Row

TAGGING = Path(__file__).parents[2] / "benchmarks" / "tagging"
sys.path.append(str(TAGGING))

from comparison_metrics import Interval, difference, false_per_100, macro_f1, tally  # noqa: E402
from rivals import Learner, keyword_hits, learn, linear_svm, naive_bayes  # noqa: E402

TRUTH = np.array([[1, 0], [1, 0], [0, 1], [0, 0], [0, 0]], bool)
HITS = np.array([[1, 0], [0, 0], [0, 1], [1, 1], [0, 0]], bool)
NEUTRAL = np.array([False, False, False, True, True])
WRITERS = ["a", "a", "b", "b", "b"]


def test_figures_by_hand() -> None:
    """The first label: 1 right of 2 found and of 2 there; the second: 1 right of 2 found, 1 there. 2 false in 2 rows."""
    counts = tally(HITS, TRUTH, NEUTRAL, WRITERS)
    assert macro_f1(counts).value == pytest.approx((0.5 + 2 / 3) / 2)
    assert false_per_100(counts).value == 100.0


def test_an_interval_holds_its_figure_and_is_as_wide_as_the_writers_differ() -> None:
    counts = tally(HITS, TRUTH, NEUTRAL, WRITERS)
    found = macro_f1(counts)
    assert found.low <= found.value <= found.high
    assert found.low < found.high
    alike = tally(np.tile(HITS, (4, 1)), np.tile(TRUTH, (4, 1)), np.tile(NEUTRAL, 4), [w for w in "abcd" for _ in HITS])
    assert macro_f1(alike).low == pytest.approx(macro_f1(alike).high), "all writers are the same"


def test_no_rival_differs_from_itself() -> None:
    counts = tally(HITS, TRUTH, NEUTRAL, WRITERS)
    assert difference(counts, counts) == Interval(0.0, 0.0, 0.0)
    perfect = tally(TRUTH, TRUTH, NEUTRAL, WRITERS)
    assert difference(perfect, counts).value == pytest.approx(1 - macro_f1(counts).value)


def row(text: str) -> Row:
    return Row(id="x", writer="c1", role="customer", kind="spoken", text=text, labels=())


def test_every_signal_has_keywords_and_no_other_label_has(catalogue: Catalogue) -> None:
    patterns = yaml.safe_load((TAGGING / "keywords.yaml").read_text(encoding="utf-8"))
    signals = [x for x in catalogue.ids("customer") if catalogue.label(x).is_signal]
    assert set(patterns) == set(signals)
    for label, mine in patterns.items():
        assert 5 <= len(mine) <= 15, label
        assert all(re.compile(p) for p in mine)
        assert len(set(mine)) == len(mine), label


def test_a_keyword_is_found_however_it_is_spaced(catalogue: Catalogue) -> None:
    signals = [x for x in catalogue.ids("customer") if catalogue.label(x).is_signal]
    rows = [row("能 提前还 吗"), row("ＬＰＲ加多少"), row("嗯")]
    hits = keyword_hits(rows, signals, TAGGING / "keywords.yaml")
    assert hits[0, signals.index("early_repayment")]
    assert hits[1, signals.index("detail_rate")]
    assert not hits[2].any()


@pytest.mark.parametrize("learner", [linear_svm, naive_bayes])
def test_a_rival_learns_what_a_word_tells(learner: Learner) -> None:
    says = {True: ["甲", "还", "吗"], False: ["乙", "还", "吗"]}
    names = [says[i % 3 == 0] for i in range(60)]
    truth = np.array([[i % 3 == 0] for i in range(60)])
    hits = learn(learner, names, truth, [f"c{i % 6}" for i in range(60)], [says[True], says[False]])
    assert hits.tolist() == [[True], [False]]
