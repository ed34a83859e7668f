"""report.md, read as a Markdown program would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_example import ALL, HOSTILE, catalogue, example_report

from signals.domain.report import Report
from signals.report import MarkdownReport
from signals.report.markdown import safe

EVERY = pytest.mark.parametrize("make", ALL.values(), ids=ALL)
READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")


def tokens(markdown: str) -> Iterator[Token]:
    for token in READER.parse(markdown):
        yield token
        yield from token.children or ()


def plain(markdown: str) -> str:
    return "\n".join(t.content for t in tokens(markdown) if t.type in ("text", "code_inline", "text_special"))


@EVERY
def test_what_was_said_never_becomes_markup(make: Callable[[], Report]) -> None:
    kinds = {t.type for t in tokens(MarkdownReport(catalogue()).render(make()))}
    assert not kinds & {"html_block", "html_inline", "image", "link_open", "code_block", "fence", "s_open"}


def test_verdict_signals_windows_and_transcript_are_all_there() -> None:
    report = example_report()
    text = "".join(plain(MarkdownReport(catalogue()).render(report)).split())
    assert "错过了成交时机" in text
    assert "".join(HOSTILE.split()) in text
    for turn in report.conversation.turns:
        assert "".join(turn.text.split()) in text
    for window in report.closing.windows:
        assert "".join(window.advice.line.split()) in text
    assert "不得作为人事决定的依据" in text


def test_tables_survive_a_pipe_in_a_name() -> None:
    report = example_report()
    share = replace(report.talk.speakers[0], speaker="张|总 `x` *y*")
    markdown = MarkdownReport(catalogue()).render(replace(report, talk=replace(report.talk, speakers=(share,))))
    cells = [t for t in tokens(markdown) if t.type == "td_open"]
    assert len(cells) == 5


@settings(deadline=None)  # a busy machine is no error
@given(st.text(alphabet=st.sampled_from("# -+=*_`~[]()!<>&|\\:.1)。好a\n\t$"), max_size=40))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = " ".join(text.split())
    read = READER.parse(safe(text))
    assert [t.type for t in read] == (["paragraph_open", "inline", "paragraph_close"] if shown else [])
    if shown:
        assert {c.type for c in read[1].children or ()} <= {"text", "text_special"}
        assert "".join(c.content for c in read[1].children or ()) == shown
