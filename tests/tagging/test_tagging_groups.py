"""Rows in groups and in other versions, and the folder of what a recogniser heard."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError
from signals.tagging.corpus import Row, load_corpus, read_heard
from signals.tagging.evaluation import (
    Scored,
    as_heard,
    average_precision,
    grouped,
    misheard,
    reliability,
)
from signals.tagging.homophones import Homophones
from signals.tagging.lexicon import Lexicon


def row(number: int, text: str, *labels: str, role: str = "customer", **more: str) -> Row:
    fields = {
        "id": f"x{number}",
        "writer": "w1",
        "role": role,
        "kind": "spoken",
        "text": text,
        "labels": labels,
        **more,
    }
    return Row.model_validate(fields)


def test_a_rows_source_is_typed_spoken_or_a_meeting() -> None:
    rows = [row(1, "甲", kind="typed"), row(2, "甲"), row(3, "甲", meeting="v01")]
    assert [r.source for r in rows] == ["typed", "spoken", "meeting"]


def test_groups_are_scored_by_themselves(catalogue: Catalogue) -> None:
    rows = (
        row(1, "甲", "rate_cut"),  # found
        row(2, "乙", "rate_cut"),  # missed
        row(3, "丙"),  # a false signal
        row(4, "丁", "rate_cut", meeting="v01"),  # found
        row(5, "戊", meeting="v01"),
    )
    customer = Scored(
        rows,
        ("rate_cut",),
        np.array([[bool(r.labels)] for r in rows]),
        np.array([[0.9], [0.1], [0.9], [0.9], [0.1]]),
        np.array([0.5]),
    )
    manager = Scored((), ("q_open",), np.zeros((0, 1), bool), np.zeros((0, 1)), np.array([0.5]))
    meeting, spoken = grouped({"customer": customer, "manager": manager}, catalogue, lambda r: r.source)
    assert (meeting.name, meeting.rows, meeting.signal_macro_f1, meeting.false_per_100_neutral) == (
        "meeting",
        2,
        1.0,
        0.0,
    )
    assert (spoken.name, spoken.rows, spoken.signal_macro_f1, spoken.false_per_100_neutral) == ("spoken", 3, 0.5, 100.0)
    assert spoken.manager_macro_f1 is None, "there is no figure where there are no rows"


def test_a_group_without_signals_has_no_figure_rather_than_zero(catalogue: Catalogue) -> None:
    customer = Scored(
        (row(1, "甲", "objection"),), ("objection",), np.ones((1, 1), bool), np.ones((1, 1)), np.array([0.5])
    )
    manager = Scored((), ("q_open",), np.zeros((0, 1), bool), np.zeros((0, 1)), np.array([0.5]))
    (only,) = grouped({"customer": customer, "manager": manager}, catalogue, lambda r: r.writer)
    assert (only.signal_macro_f1, only.false_per_100_neutral) == (None, None)


def test_a_row_is_misheard_alike_whatever_rows_are_beside_it(lexicon: Lexicon) -> None:
    rows = [row(i, "提前还款的违约金怎么收我们想先还一半", previous="额度已经批下来了") for i in range(40)]
    homophones = Homophones(lexicon)
    noisy = misheard(rows, homophones)
    assert misheard(rows[20:], homophones) == noisy[20:]
    assert len({r.text for r in noisy}) > 5, "each row has noise of its own"
    assert any(r.previous != rows[0].previous for r in noisy)
    assert all(len(a.text) == len(b.text) and a.labels == b.labels for a, b in zip(rows, noisy, strict=True))


def test_heard_rows_have_the_recognisers_text_and_the_turn_before_as_it_was_heard() -> None:
    rows = [
        row(1, "期限是三年", role="manager", meeting="v01"),
        row(2, "提前还贷呢", meeting="v01", previous="期限是三年"),
        row(3, "提前还贷呢", meeting="v02", previous="期限是三年"),
        row(4, "没有人念"),
    ]
    heard = as_heard(rows, {"x1": "期限是三年吧", "x2": "提前缓带呢", "x3": ""})
    assert [(r.id, r.text, r.previous) for r in heard] == [
        ("x1", "期限是三年吧", ""),
        ("x2", "提前缓带呢", "期限是三年吧"),
        ("x3", "", "期限是三年"),  # another meeting
    ]


def test_what_was_heard_is_no_part_of_the_corpus(tmp_path: Path) -> None:
    writer = {"id": "w1", "voice": "plain", "how": "made up", "split": "test"}
    (tmp_path / "writers.yaml").write_text(json.dumps([writer]), encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(row(1, "甲").model_dump_json(), encoding="utf-8")
    assert read_heard(tmp_path) == {}
    (tmp_path / "heard").mkdir()
    (tmp_path / "heard" / "a.jsonl").write_text('{"id": "x1", "heard": "假"}\n', encoding="utf-8")
    (tmp_path / "heard" / "b.jsonl").write_text('{"id": "x2", "heard": ""}\n', encoding="utf-8")
    assert [r.text for r in load_corpus(tmp_path).rows] == ["甲"]
    assert read_heard(tmp_path) == {"x1": "假", "x2": ""}


@pytest.mark.parametrize("line", ['{"id": "x1", "heard": "又"}', '{"id": "x2"}', "甲", '{"id": "x2", "heard": 1}'])
def test_a_heard_line_with_a_fault_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "heard").mkdir()
    (tmp_path / "heard" / "a.jsonl").write_text('{"id": "x1", "heard": "假"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.jsonl 第 2 行"):
        read_heard(tmp_path)


def test_average_precision_by_hand() -> None:
    """Right at ranks 1 and 3: (1/1 + 2/3) / 2."""
    assert average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7])) == pytest.approx(5 / 6)
    assert average_precision(np.array([False, False]), np.array([0.9, 0.8])) == 0.0


def test_reliability_by_hand() -> None:
    bins = reliability(np.array([[True, False, False, True]]), np.array([[0.91, 0.99, 0.05, 1.0]]))
    assert [(b.scores, b.observed) for b in bins] == [(1, 0.0), (3, pytest.approx(2 / 3))]
    assert bins[1].stated == pytest.approx((0.91 + 0.99 + 1.0) / 3)
