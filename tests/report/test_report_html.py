"""The page as text: what it holds, and that what was said stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_example import (
    ALL,
    HEARD,
    HOSTILE,
    catalogue,
    empty_report,
    example_report,
    imported_report,
    no_customer_report,
)

from signals.domain.closing import Verdict, WindowOutcome
from signals.domain.report import Report
from signals.domain.tags import EvidenceSpan
from signals.report import AudioSource, HtmlReport

EVERY = pytest.mark.parametrize("make", ALL.values(), ids=ALL)
SOUND = AudioSource.embedded(b"sound", "audio/mpeg")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(report: Report, audio: AudioSource | None = None) -> _Tags:
    parser = _Tags()
    parser.feed(HtmlReport(catalogue(), audio).render(report))
    return parser


def text_of(report: Report) -> str:
    return re.sub(r"\s+", "", "".join(parsed(report).text))


@EVERY
@pytest.mark.parametrize("audio", [None, SOUND], ids=["silent", "sound"])
def test_the_page_asks_for_nothing_outside_itself(make: Callable[[], Report], audio: AudioSource | None) -> None:
    for tag, attributes in parsed(make(), audio).found:
        assert tag not in ("link", "iframe", "object", "embed", "base", "img", "form")
        assert not [k for k in attributes if k == "style" or k.startswith("on")]
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith("#") or (tag == "audio" and audio and value == audio.href)


@EVERY
def test_the_policy_pins_the_only_script_and_style_by_their_hashes(make: Callable[[], Report]) -> None:
    page = HtmlReport(catalogue(), SOUND).render(make())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    for tag in ("script", "style"):
        bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(bodies) == 1
        digest = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]


@EVERY
def test_what_was_said_never_becomes_markup(make: Callable[[], Report]) -> None:
    page = HtmlReport(catalogue(), SOUND).render(make())
    assert HOSTILE not in page
    assert page.count("<script") == 1
    assert "<img" not in page


def test_hostile_names_and_versions_stay_text() -> None:
    report = imported_report()
    roles = tuple(replace(r, speaker=f'"><b>{r.speaker}') for r in report.conversation.roles)
    turns = tuple(replace(t, speaker=f'"><b>{t.speaker}', text='x" onmouseover="y') for t in report.conversation.turns)
    stage = replace(report.stages[0], name=HOSTILE, version=HOSTILE, parameters=((HOSTILE, HOSTILE),))
    report = replace(
        report,
        source_name=HOSTILE,
        created=HOSTILE,
        conversation=replace(report.conversation, roles=roles, turns=turns),
        stages=(stage,),
    )
    found = parsed(report).found
    assert "b" not in [tag for tag, _ in found]
    assert not any("onmouseover" in attributes for _, attributes in found)
    assert HOSTILE not in HtmlReport(catalogue()).render(report)


@EVERY
def test_every_claim_at_the_top_is_there(make: Callable[[], Report]) -> None:
    report = make()
    text = text_of(report)
    assert re.sub(r"\s", "", report.closing.reason) in text
    for step in report.closing.next_steps:
        assert re.sub(r"\s", "", step) in text
    for warning in report.warnings:
        assert re.sub(r"\s", "", warning.message) in text
    for window in report.closing.windows:
        assert re.sub(r"\s", "", window.advice.line) in text
        assert all(re.sub(r"\s", "", p) in text for p in window.advice.preconditions)


def test_every_signal_has_its_quote_time_and_action() -> None:
    report = example_report()
    page = HtmlReport(catalogue(), SOUND).render(report)
    text = text_of(report)
    for hit in report.hits:
        label = catalogue().label(hit.label)
        if label.is_signal:
            assert re.sub(r"\s", "", label.action) in text
            assert f'data-time="{round(hit.start, 2)}" data-lead="2.0"' in page
            assert re.sub(r"\s", "", hit.quote) in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.PROPOSE_NOW, "现在就可以提出成交建议"),
        (Verdict.TAKEN, "已及时提出成交建议"),
        (Verdict.MISSED, "错过了成交时机"),
        (Verdict.NOT_YET, "时机未到"),
    ],
)
def test_each_verdict_is_told_in_words(verdict: Verdict, words: str) -> None:
    report = example_report()
    assert words in text_of(replace(report, closing=replace(report.closing, verdict=verdict)))


@pytest.mark.parametrize(("outcome", "words"), [(WindowOutcome.TAKEN, "已把握"), (WindowOutcome.OPEN, "仍然敞开")])
def test_each_outcome_is_told_in_words(outcome: WindowOutcome, words: str) -> None:
    report = example_report()
    window = replace(report.closing.windows[1], outcome=outcome)
    assert words in text_of(replace(report, closing=replace(report.closing, windows=(window,))))


def test_the_words_that_carried_a_hit_are_marked_in_the_transcript() -> None:
    page = HtmlReport(catalogue()).render(example_report())
    assert "年化多少</mark>" in page
    assert '<span class="unsure" title="识别把握 18%">' in page


def test_a_word_that_was_put_right_shows_what_was_recognised_on_hover_and_in_a_list() -> None:
    page = HtmlReport(catalogue()).render(example_report())
    assert len(HEARD) > 0
    assert page.count('<span class="repaired" title="识别为“力”，按读音改为行业用词">') == len(HEARD)
    assert f"按读音改成行业用词 {len(HEARD)} 处" in page
    assert "<bdi>力</bdi> → <bdi>利</bdi>" in page


def test_what_was_recognised_can_not_break_out_of_its_hover_text() -> None:
    report = example_report()
    first, *others = report.conversation.turns
    hostile = replace(first, words=(replace(first.words[0], heard='"><script>alert(1)</script>'), *first.words[1:]))
    conversation = replace(report.conversation, turns=(hostile, *others))
    page = HtmlReport(catalogue()).render(replace(report, conversation=conversation))
    assert "<script>alert" not in page


def test_evidence_beyond_the_text_is_cut_to_it() -> None:
    report = example_report()
    hit = replace(report.hits[0], evidence=(EvidenceSpan(-5, 10_000, 1.0),))
    page = HtmlReport(catalogue()).render(replace(report, hits=(hit,)))
    assert f"<mark>{report.conversation.turns[hit.turn].text}</mark>" in page


def test_without_sound_times_lead_to_the_transcript() -> None:
    found = parsed(example_report()).found
    assert "audio" not in [tag for tag, _ in found]
    links = [a["href"] for tag, a in found if tag == "a" and a.get("class") == "play"]
    targets = {f"#{a['id']}" for _, a in found if (a.get("id") or "").startswith("turn-")}
    assert links
    assert set(links) <= targets


def test_estimated_times_are_not_called_measured() -> None:
    page = HtmlReport(catalogue()).render(imported_report())
    talk = page[page.index('id="talk"') : page.index('id="transcript"')]
    assert "估算" in talk
    assert "实测" not in talk
    assert "按文字长度估算" in page


def test_measured_and_judged_are_told_apart() -> None:
    page = HtmlReport(catalogue()).render(example_report())
    for section, badge in (("windows", "judged"), ("signals", "judged"), ("talk", "measured"), ("making", "measured")):
        part = page[page.index(f'id="{section}"') :].split("</section>")[0]
        assert f'class="badge {badge}"' in part


def test_an_empty_meeting_says_so_and_offers_no_line() -> None:
    text = text_of(empty_report())
    assert "会谈没有文字" in text
    assert "没有听到购买信号" in text
    assert "这次会谈没有出现提出成交的时机" in text
    assert "没有可画的时间轴" in text


def test_a_meeting_without_customer_has_no_signals_but_its_transcript() -> None:
    report = no_customer_report()
    text = text_of(report)
    assert "没有听到购买信号，也没有听到异议" in text
    assert (
        len([1 for tag, a in parsed(report).found if tag == "li" and (a.get("class") or "").startswith("turn ")]) == 40
    )


def test_removed_text_is_counted_and_can_be_read() -> None:
    text = text_of(example_report())
    assert "字幕署名等套话1处" in text
    assert "好的好的好的好的好的好的" in text


def test_every_stage_is_listed_with_its_version_and_parameters() -> None:
    text = text_of(example_report())
    assert "faster-whisper1.2.1baseint8beam=5" in text
    assert "沿用上次的结果" in text
    assert "tagger1(2026-11-20)" in text


@EVERY
def test_the_notices_stand_at_the_foot(make: Callable[[], Report]) -> None:
    text = text_of(make())
    assert all(n in text for n in ("录音须事先征得", "不得作为人事决定的依据", "不保存任何人的声纹"))


@EVERY
def test_every_control_and_picture_has_a_name(make: Callable[[], Report]) -> None:
    for tag, attributes in parsed(make(), SOUND).found:
        if tag in ("input", "select") and attributes.get("type") != "checkbox":
            assert attributes.get("aria-label")
        if tag == "svg" and attributes.get("id") == "timeline":
            assert attributes.get("aria-label")


def test_ids_are_unique() -> None:
    ids = [a["id"] for _, a in parsed(example_report(), SOUND).found if a.get("id")]
    assert len(ids) == len(set(ids))


def test_a_link_to_the_recording_is_relative_and_percent_encoded(tmp_path: Path) -> None:
    sound = tmp_path / "会谈 #1%?.wav"
    link = AudioSource.linked(sound, tmp_path / "out")
    assert link.href == "../%E4%BC%9A%E8%B0%88%20%231%25%3F.wav"
    assert AudioSource.linked(tmp_path / "javascript:x.wav", tmp_path).href == "javascript%3Ax.wav"
    assert "media-src 'self' file:" in HtmlReport(catalogue(), link).render(example_report())


def test_embedded_sound_must_be_sound() -> None:
    assert SOUND.href == "data:audio/mpeg;base64,c291bmQ="
    with pytest.raises(ValueError, match="media type"):
        AudioSource.embedded(b"x", "text/html")


def test_a_long_meeting_stays_a_page_of_bearable_size() -> None:
    report = example_report()
    turns = tuple(
        replace(t, index=i, start=i * 6.0, end=i * 6.0 + 5.0, words=())
        for i, t in enumerate(report.conversation.turns * 60)
    )
    conversation = replace(report.conversation, turns=turns, duration=len(turns) * 6.0)
    page = HtmlReport(catalogue()).render(replace(report, conversation=conversation))
    assert len(page) < 3_000_000
