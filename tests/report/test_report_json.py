"""report.json: its schema, its documentation, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_example import ALL, catalogue, example_report

from signals.domain.errors import CatalogueError
from signals.domain.report import REPORT_VERSION, Report
from signals.report import JsonReport
from signals.report.json_report import schema

EVERY = pytest.mark.parametrize("make", ALL.values(), ids=ALL)
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "report-schema.md"


def document(report: Report) -> Any:
    return json.loads(json.dumps(JsonReport(catalogue()).document(report), allow_nan=False))


def test_the_schema_itself_is_valid_and_of_this_version() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["version"]["const"] == REPORT_VERSION


@EVERY
def test_every_report_meets_the_schema(make: Callable[[], Report]) -> None:
    jsonschema.Draft202012Validator(schema()).validate(document(make()))


def objects(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}/{key}")
    elif isinstance(node, list):
        for value in node:
            yield from objects(value, f"{path}/[]")


def shortened(node: Any) -> Any:
    """The same with one item of each list: enough to try every field, and quick."""
    if isinstance(node, dict):
        return {key: shortened(value) for key, value in node.items()}
    return [shortened(value) for value in node[-1:]] if isinstance(node, list) else node


def test_the_schema_refuses_any_field_that_is_missing_or_added() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    checked = set()
    whole = shortened(document(example_report()))
    for path, node in objects(whole):
        if path in checked or path.endswith("/parameters"):
            continue
        checked.add(path)
        node["mood"] = 1
        assert not validator.is_valid(whole), path
        del node["mood"]
        for key in list(node):
            value = node.pop(key)
            assert not validator.is_valid(whole), f"{path}/{key}"
            node[key] = value
    assert len(checked) > 20
    assert validator.is_valid(whole)


def test_the_documentation_describes_every_field_under_its_object() -> None:
    sections = {
        part.split("\n", 1)[0].strip(): part for part in DOCUMENTATION.read_text(encoding="utf-8").split("\n## ")[1:]
    }
    described = {"Top level": schema(), **schema()["$defs"]}
    assert set(sections) == set(described)
    for name, definition in described.items():
        missing = [field for field in definition["properties"] if f"`{field}`" not in sections[name]]
        assert missing == [], name


def test_the_documentation_names_every_value_that_a_field_may_have() -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    values = {v for _, node in objects(schema()) for v in node.get("enum", []) if isinstance(v, str)}
    assert {v for v in values if f"`{v}`" not in text} == set()


def test_every_turn_word_and_hit_is_there_with_its_chinese_name() -> None:
    report = example_report()
    written = document(report)
    assert [(t["index"], t["text"], t["start"]) for t in written["turns"]] == [
        (t.index, t.text, t.start) for t in report.conversation.turns
    ]
    assert sum(len(t["words"]) for t in written["turns"]) == sum(len(t.words) for t in report.conversation.turns)
    assert [(h["label"], h["quote"], h["start"], h["score"]) for h in written["hits"]] == [
        (h.label, h.quote, h.start, h.score) for h in report.hits
    ]
    assert all(h["name"] == catalogue().label(h["label"]).name for h in written["hits"])
    for hit in written["hits"]:
        text = written["turns"][hit["turn"]]["text"]
        assert all(text[e["start"] : e["end"]] in hit["quote"] for e in hit["evidence"])


def test_words_that_were_put_right_are_listed_with_what_was_recognised_and_where() -> None:
    written = document(example_report())
    assert len(written["repairs"]) == sum(bool(w.heard) for t in example_report().conversation.turns for w in t.words)
    for repair in written["repairs"]:
        assert (repair["heard"], repair["text"]) == ("力", "利")
        word = next(w for w in written["turns"][repair["turn"]]["words"] if w["start"] == repair["start"])
        assert (word["text"], word["heard"], word["end"]) == ("利", "力", repair["end"])
    assert {w["heard"] for t in written["turns"] for w in t["words"]} == {"力", None}


def test_the_summary_holds_what_stands_on_top_of_the_page() -> None:
    summary = document(example_report())["summary"]
    assert summary["verdict_name"] == "错过了成交时机"
    assert summary["advice"]["strategy_name"] == "直接请求"
    assert [h["label"] for h in summary["strongest"]] == ["purchase_intent", "contract_terms", "rate_cut"]


def test_names_stand_in_full_chinese_not_in_escapes(tmp_path: Path) -> None:
    JsonReport(catalogue()).write(example_report(), tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert "购买意向" in text
    assert json.loads(text) == document(example_report())


def test_a_label_that_the_catalogue_does_not_have_is_an_error() -> None:
    report = example_report()
    with pytest.raises(CatalogueError):
        JsonReport(catalogue()).document(replace(report, hits=(replace(report.hits[0], label="mood"),)))
