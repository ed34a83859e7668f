"""Learning, on a corpus small enough to see through."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from signals.domain.catalogue import load_catalogue
from signals.domain.errors import CorpusError
from signals.resources import catalog_dir
from signals.tagging.build import train_all, write
from signals.tagging.corpus import Corpus, Row, Writer
from signals.tagging.evaluation import LabelResult, calibration_error, evaluate
from signals.tagging.training import PRECISION, choose_threshold, folds

CATALOGUE = load_catalogue(catalog_dir())
_ASKED = ("利率能低一点吗", "利率再降降", "利率还能便宜吗", "利率太高降一点")
_TOLD = ("今天天气不错", "我们厂在城东", "工人都放假了", "茶不错喝茶")
_CLOSED = ("下周签合同吧", "那我们签了吧", "周三来签字行吗", "今天就把合同签了")


def small_corpus() -> Corpus:
    rows = []
    for writer in ("c91", "c92", "m91", "m92"):
        role = "customer" if writer[0] == "c" else "manager"
        positive = ("rate_cut", _ASKED) if role == "customer" else ("close_direct", _CLOSED)
        for i in range(24):
            said = positive[1][i % 4] if i % 2 else _TOLD[i % 4]
            labels = (positive[0],) if i % 2 else ()
            tail = "呢啊吧嘛"[i % 4] + str(i)
            rows.append(
                Row(id=f"{writer}-{i}", writer=writer, role=role, kind="spoken", text=said + tail, labels=labels)  # type: ignore[arg-type]
            )
    writers = tuple(Writer(id=w, voice="v", how="persona", split="train") for w in ("c91", "c92", "m91", "m92"))
    return Corpus(writers=writers, rows=tuple(rows))


def _train_into(folder: Path) -> None:
    corpus = small_corpus()
    write(train_all(corpus, CATALOGUE), corpus, CATALOGUE, folder, folder / "thresholds.yaml")


def test_the_same_corpus_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    _train_into(here)
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom pathlib import Path\n"
    code += f"from test_tagging_training import _train_into; _train_into(Path({str(there)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "77"})
    for name in ("tagger.skops", "thresholds.yaml", "tagger.md"):
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_a_corpus_with_one_writer_cannot_be_split_and_is_refused() -> None:
    corpus = small_corpus()
    lonely = Corpus(writers=corpus.writers, rows=tuple(r for r in corpus.rows if r.writer != "c92"))
    with pytest.raises(CorpusError):
        train_all(lonely, CATALOGUE)


def test_no_writer_is_on_both_sides_of_a_fold() -> None:
    writers = [w for w in "abcdefg" for _ in range(5)]
    for seen, unseen in folds(writers):
        assert not {writers[i] for i in seen} & {writers[i] for i in unseen}


def test_the_threshold_has_the_best_f1_at_the_precision_asked_for() -> None:
    truth = np.array([1, 1, 1, 0, 1, 0, 0, 0], bool)
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    threshold = choose_threshold(truth, scores)
    found = scores >= threshold
    assert threshold == 0.5
    assert (found & truth).sum() / found.sum() >= PRECISION


def test_the_calibration_error_is_the_gap_between_said_and_seen() -> None:
    truth = np.array([[True], [False], [False], [False]])
    assert calibration_error(truth, np.full((4, 1), 0.25)) == pytest.approx(0.0)
    assert calibration_error(truth, np.full((4, 1), 0.95)) == pytest.approx(0.7)


def test_precision_recall_and_f1_are_counted_right() -> None:
    result = LabelResult("x", support=4, found=2, right=1, threshold=0.5)
    assert (result.precision, result.recall) == (0.5, 0.25)
    assert result.f1 == pytest.approx(1 / 3)
    assert LabelResult("x", 0, 0, 0, 0.5).f1 == 0.0


def test_evaluation_counts_false_signals_among_neutral_rows(tmp_path: Path) -> None:
    training = train_all(small_corpus(), CATALOGUE)
    told = [
        Row(id="a", writer="c1", role="customer", kind="spoken", text=t, labels=())
        for t in ("利率能低一点吗啊1", "茶不错喝茶吧2")
    ]
    scores = evaluate(training.bundle, told, CATALOGUE.with_thresholds(training.thresholds))
    assert scores.false_per_100_neutral == 50.0
