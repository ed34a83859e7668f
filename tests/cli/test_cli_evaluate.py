"""`signals evaluate` as a user runs it, on a made-up corpus and a tagger that was learnt from it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from signals.cli import tagger as verb
from signals.cli.app import app
from signals.tagging import plots
from signals.tagging.corpus import Corpus
from signals.tagging.tagger import LinearTagger

Evaluate = Callable[..., Result]
CUSTOMER, MANAGER = "c06", "m04"
"""The writers of the made-up corpus whose rows are for testing."""


@pytest.fixture
def corpus(small: Corpus, tmp_path: Path) -> Path:
    """The made-up corpus on disk; every third of the manager's rows is of a meeting, the customer's first five are typed."""
    folder = tmp_path / "corpus"
    (folder / "customers").mkdir(parents=True)
    (folder / "writers.yaml").write_text(json.dumps([w.model_dump() for w in small.writers]), encoding="utf-8")
    rows = [r.model_dump(mode="json") for r in small.rows]
    for row in [r for r in rows if r["writer"] == CUSTOMER][:5]:
        row["kind"] = "typed"
    for row in [r for r in rows if r["writer"] == MANAGER][::3]:
        row["meeting"] = "v01"
    _write(folder / "customers" / "all.jsonl", rows)
    return folder


@pytest.fixture
def evaluate(corpus: Path, tagger: LinearTagger, monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    """Runs the command with the made-up tagger and corpus."""
    monkeypatch.setattr(verb, "load_tagger", lambda catalogue, plain: tagger)
    monkeypatch.setattr(verb, "load_catalogue", lambda: tagger.catalogue)
    monkeypatch.setattr(verb, "corpus_dir", lambda: corpus)
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


def _line(shown: str, first: str) -> list[str]:
    """Cells of the table row whose first cell is `first`."""
    found = [line for line in shown.splitlines() if re.match(rf"│ {re.escape(first)} +│", line)]
    assert len(found) == 1, shown
    return [cell.strip() for cell in found[0].strip("│").split("│")]


def test_a_table_by_label_is_shown_for_each_role(evaluate: Evaluate) -> None:
    found = evaluate()
    assert found.exit_code == 0, found.output
    label, name, support, *scores = _line(found.stdout, "rate_cut")
    assert (label, name, support) == ("rate_cut", "降息优惠", "8")
    assert len(scores) == 4
    assert _line(found.stdout, "q_open")[2] == "4"
    assert "2 位作者，均未参与训练" in found.stdout
    assert "误报" not in _line(found.stdout, "rate_cut")


def test_the_full_table_adds_the_counts_that_the_scores_come_from(evaluate: Evaluate) -> None:
    cells = _line(evaluate("--by", "label").stdout, "rate_cut")
    support, found, right, false, missed = map(int, cells[2:7])
    precision, recall = map(float, cells[7:9])
    assert (false, missed) == (found - right, support - right)
    assert precision == pytest.approx(right / found, abs=0.006)
    assert recall == pytest.approx(right / support, abs=0.006)
    assert 0 <= float(cells[11]) <= 1


def test_rows_are_told_apart_by_the_kind_of_source(evaluate: Evaluate) -> None:
    shown = evaluate("--by", "source").stdout
    typed, spoken, meeting = (_line(shown, name) for name in ("打字", "单句口语", "会谈中的话"))
    rows = int(re.findall(r"(\d+) 条，", shown)[0])
    assert int(typed[1]) == 5
    assert int(typed[1]) + int(spoken[1]) + int(meeting[1]) == rows
    assert typed[3] == "–", "no manager types"
    assert "rate_cut" not in shown


def test_rows_are_told_apart_by_writer(evaluate: Evaluate) -> None:
    shown = evaluate("--by", "writer").stdout
    customer, manager = _line(shown, CUSTOMER), _line(shown, MANAGER)
    assert customer[3] == "–"
    assert manager[2] == "–"
    assert 0 < float(customer[2]) <= 1


def test_recognised_text_is_a_dash_until_there_is_some(evaluate: Evaluate, corpus: Path) -> None:
    before = evaluate().stdout
    assert _line(before, "识别结果")[1:] == ["–"] * 4
    rows = [json.loads(x) for x in (corpus / "customers" / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    heard = [r for r in rows if r["writer"] == CUSTOMER and r["kind"] == "spoken"][:12]
    (corpus / "heard").mkdir()
    _write(corpus / "heard" / "base.jsonl", [{"id": r["id"], "heard": ""} for r in heard])
    after = evaluate().stdout
    assert _line(after, "原文")[1] == _line(after, "识别结果")[1] == "12", "the three are of the same rows"
    assert float(_line(after, "原文")[2]) > 0
    assert float(_line(after, "识别结果")[2]) == 0, "nothing is found where nothing was heard"


def test_noise_does_not_change_from_run_to_run(evaluate: Evaluate) -> None:
    first, second = (json.loads(evaluate("--json").stdout) for _ in range(2))
    assert first == second
    written, noisy, heard = first["versions"]
    assert written["rows"] == noisy["rows"] > heard["rows"] == 0


def test_json_has_every_group(evaluate: Evaluate) -> None:
    found = json.loads(evaluate("--json").stdout)
    assert {g["name"] for g in found["by_source"]} == {"typed", "spoken", "meeting"}
    assert {g["name"] for g in found["by_writer"]} == {CUSTOMER, MANAGER}
    assert sum(g["rows"] for g in found["by_writer"]) == found["rows"]
    assert found["signal_macro_f1"] == {g["name"]: g for g in found["by_writer"]}[CUSTOMER]["signal_macro_f1"]


def test_rows_of_ones_own_are_not_called_unseen(evaluate: Evaluate, tmp_path: Path) -> None:
    own = {
        "id": "a-1",
        "writer": "a1",
        "role": "customer",
        "kind": "spoken",
        "text": "利率能不能优惠",
        "labels": ["rate_cut"],
    }
    _write(tmp_path / "own.jsonl", [own])
    shown = evaluate("--data", tmp_path / "own.jsonl").stdout
    assert "1 条，1 位作者\n" in shown


def test_pictures_are_written(evaluate: Evaluate, tmp_path: Path) -> None:
    found = evaluate("--plots", tmp_path / "new" / "pictures", "--by", "source")
    assert found.exit_code == 0, found.output
    assert sorted(p.name for p in (tmp_path / "new" / "pictures").iterdir()) == [
        "precision_recall_customer.png",
        "precision_recall_manager.png",
        "reliability.png",
    ]


def test_without_matplotlib_the_remedy_is_named_before_anything_is_scored(
    evaluate: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("scored for nothing")

    monkeypatch.setattr(plots, "find_spec", lambda _: None)
    monkeypatch.setattr(verb, "score_rows", never)
    found = evaluate("--plots", tmp_path)
    assert found.exit_code == 1
    assert "matplotlib" in found.stderr
    assert 'pip install "buying-signals[plots]"' in found.stderr


def test_a_heard_file_with_a_fault_is_named_with_its_line(evaluate: Evaluate, corpus: Path) -> None:
    (corpus / "heard").mkdir()
    (corpus / "heard" / "base.jsonl").write_text('{"id": "c06-0001", "heard": "好"}\n{"id": 7}\n', encoding="utf-8")
    found = evaluate()
    assert found.exit_code == 1
    assert "base.jsonl 第 2 行" in found.stderr
