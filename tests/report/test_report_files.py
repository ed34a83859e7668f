"""What the writers write."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_example import HOSTILE, catalogue, empty_report, example_report

from signals.domain.errors import OutputError
from signals.domain.report import Report
from signals.report import AudioSource, HtmlReport, JsonReport, MarkdownReport
from signals.report.json_report import schema

REPORTS = pytest.mark.parametrize("report", [example_report(), empty_report()], ids=["example", "empty"])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.found


@REPORTS
def test_the_json_meets_its_schema(report: Report) -> None:
    document = json.loads(json.dumps(JsonReport(catalogue()).document(report)))
    jsonschema.Draft202012Validator(schema()).validate(document)


def test_the_schema_refuses_a_report_with_a_field_missing_or_added() -> None:
    document = JsonReport(catalogue()).document(example_report())
    validator = jsonschema.Draft202012Validator(schema())
    assert not validator.is_valid({k: v for k, v in document.items() if k != "closing"})
    assert not validator.is_valid({**document, "mood": 1})


def _names(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_names, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = set(node.get("properties", {}))
    return own.union(*(_names(v) for v in node.values()))


def test_the_documentation_names_every_field() -> None:
    text = (Path(__file__).parents[2] / "docs" / "report-schema.md").read_text(encoding="utf-8")
    assert {n for n in _names(schema()) if f"`{n}`" not in text} == set()


def test_the_json_holds_the_quote_time_and_chinese_name_of_every_hit() -> None:
    report = example_report()
    hits = JsonReport(catalogue()).document(report)["hits"]
    assert [(h["label"], h["quote"], h["start"]) for h in hits] == [(h.label, h.quote, h.start) for h in report.hits]
    assert all(h["name"] == catalogue().label(h["label"]).name for h in hits)


@REPORTS
def test_the_page_is_whole_and_asks_for_nothing_outside_itself(report: Report) -> None:
    page = HtmlReport(catalogue()).render(report)
    for tag, attributes in tags(page):
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert not any(
            k in ("src", "href", "style") or k.startswith("on") for k in attributes if attributes.get(k) != "#"
        )
    assert "http://" not in page
    assert "https://" not in page


def test_what_was_said_never_becomes_markup() -> None:
    page = HtmlReport(catalogue()).render(example_report())
    assert [t for t, _ in tags(page)].count("script") == 1
    assert "img" not in [t for t, _ in tags(page)]
    assert HOSTILE not in page


def test_the_page_names_verdict_strategy_signals_and_their_actions() -> None:
    report = example_report()
    page = HtmlReport(catalogue()).render(report)
    text = re.sub(r"<[^>]+>", "", page)
    assert catalogue().label("purchase_intent").action in text
    for window in report.closing.windows:
        assert window.advice.line in text


def test_evidence_is_marked_in_the_transcript() -> None:
    page = HtmlReport(catalogue()).render(example_report())
    assert re.search(r"材<mark( class=\"unsure\")?>料", page)


def test_the_player_is_there_only_with_sound() -> None:
    report = example_report()
    assert "<audio" not in HtmlReport(catalogue()).render(report)
    page = HtmlReport(catalogue(), AudioSource.embedded(b"sound", "audio/mpeg")).render(report)
    assert 'src="data:audio/mpeg;base64,c291bmQ="' in page


def test_a_link_to_the_recording_is_relative_and_quoted(tmp_path: Path) -> None:
    sound = tmp_path / "会谈 #1.wav"
    assert AudioSource.linked(sound, tmp_path / "out").href == "../%E4%BC%9A%E8%B0%88%20%231.wav"


@REPORTS
def test_the_markdown_quotes_without_becoming_markup(report: Report) -> None:
    lines = "\n".join(MarkdownReport(catalogue())._lines(report))
    assert "<script>" not in lines
    assert "结论" in lines
    for hit in report.hits:
        if catalogue().label(hit.label).speaker == "customer":
            assert hit.quote[:10] in lines


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.json"
    target.write_text("before", encoding="utf-8")

    def full(self: Path, *_: object, **__: object) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OutputError) as error:
        JsonReport(catalogue()).write(example_report(), target)
    assert "空间" in error.value.message
    assert target.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_folder_that_is_missing_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as error:
        MarkdownReport(catalogue()).write(example_report(), tmp_path / "nowhere" / "report.md")
    assert "--output" in error.value.remedy
