"""Whatever comes in, a conversation in order of time or a `TranscriptError` comes out; what is written is read back."""

from __future__ import annotations

import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from signals.domain.conversation import Conversation
from signals.domain.errors import TranscriptError
from signals.transcripts import parse_transcript

SUFFIXES = st.sampled_from(["", ".txt", ".srt", ".vtt", ".json"])
FRAGMENTS = st.sampled_from(
    [
        "WEBVTT", "1", "00:00:01,000 --> 00:00:02,500", "00:05.000 --> 00:01.000", "0:0 --> 9:9", "x --> y", "",
        "<v 张总>你好", "客户经理：您好", "客户:好", "张总：", "：", "[00:01:23] 张总：嗯", "00:02 说什么", "(0:0",
        "[", "{", '{"segments": [{"start": 1, "end": 0, "text": "a", "words": [{"word": "a"}]}]}', "张总 00:09",
        "[00:01 - 00:00] 好", "- 客户：<i>行</i>{\\an8}", "NOTE", "&lt;v&gt;", "\u2028", "。", "99:59:59 完了",
    ]
)  # fmt: skip
NAMES = st.sampled_from(["客户经理", "客户", "张总", "SPEAKER_00", "说话人 2", "陈总"])
SPOKEN = (
    st.text(st.sampled_from("我们贷款利率能不能再低一点好的,，ab 3"), min_size=1, max_size=40)
    .map(str.strip)
    .filter(bool)
)
LINES = st.lists(st.tuples(NAMES, SPOKEN), min_size=1, max_size=12)


def check(found: Conversation) -> None:
    assert found.turns
    assert [t.index for t in found.turns] == list(range(len(found.turns)))
    for turn in found.turns:
        assert turn.text.strip()
        assert 0.0 <= turn.start <= turn.end <= found.duration
        times = [turn.start, *itertools.chain.from_iterable((w.start, w.end) for w in turn.words)]
        assert all(turn.start <= t <= turn.end for t in times)
        assert [w.start for w in turn.words] == sorted(w.start for w in turn.words)
        (turn.text + turn.raw + turn.speaker).encode()
    starts = [t.start for t in found.turns]
    assert starts == sorted(starts)
    assert {t.speaker for t in found.turns} <= {r.speaker for r in found.roles}


def parse_or_refuse(data: bytes, suffix: str) -> None:
    try:
        found = parse_transcript(data, suffix)
    except TranscriptError:
        return
    check(found)


@settings(deadline=None)  # a busy machine is no error
@given(st.binary(max_size=400), SUFFIXES)
def test_arbitrary_bytes_give_a_conversation_or_a_transcript_error(data: bytes, suffix: str) -> None:
    parse_or_refuse(data, suffix)


@settings(deadline=None)  # a busy machine is no error
@given(
    st.lists(FRAGMENTS | st.text(max_size=12), max_size=14), SUFFIXES, st.sampled_from(["utf-8", "utf-16", "gb18030"])
)
def test_shuffled_pieces_of_every_format_give_a_conversation_or_a_transcript_error(
    lines: list[str], suffix: str, encoding: str
) -> None:
    parse_or_refuse("\n".join(lines).encode(encoding, "replace"), suffix)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 400_000) | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["segments", "start", "end", "text", "words", "word", "speaker", "score"]), inner
        )
    ),
    max_leaves=20,
)
TIME = st.none() | st.floats(0, 1000)
WORDS = st.lists(
    st.fixed_dictionaries({"word": st.text(max_size=3), "start": TIME, "end": TIME, "speaker": st.none() | NAMES})
)
SEGMENTS = st.lists(
    st.fixed_dictionaries({"start": TIME, "end": TIME, "text": st.text(max_size=20), "words": st.none() | WORDS})
)


@settings(deadline=None)  # a busy machine is no error
@given(JSON | SEGMENTS)
def test_arbitrary_json_gives_a_conversation_or_a_transcript_error(value: object) -> None:
    parse_or_refuse(json.dumps({"segments": value}).encode(), ".json")


@settings(deadline=None)  # a busy machine is no error
@given(LINES)
def test_plain_lines_are_read_back(lines: list[tuple[str, str]]) -> None:
    found = parse_transcript("\n".join(f"{name}：{text}" for name, text in lines).encode())
    check(found)
    assert [(t.speaker, t.text) for t in found.turns] == [(name, " ".join(text.split())) for name, text in lines]
    assert found.times_estimated


def stamp(seconds: int, mark: str) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}000"


@settings(deadline=None)  # a busy machine is no error
@given(LINES, st.lists(st.integers(1, 90), min_size=12, max_size=12), st.booleans())
def test_subtitles_are_read_back(lines: list[tuple[str, str]], lengths: list[int], vtt: bool) -> None:
    mark, now, blocks, expected = "." if vtt else ",", 0, [], []
    for (name, text), length in zip(lines, lengths, strict=False):
        spoken = f"<v {name}>{text}" if vtt else f"{name}：{text}"
        blocks.append(f"{stamp(now, mark)} --> {stamp(now + length, mark)}\n{spoken}\n")
        expected.append((name, " ".join(text.split()), now, now + length))
        now += length + 2  # a pause that ends the turn
    body = "WEBVTT\n\n" + "\n".join(blocks) if vtt else "\n".join(f"{i}\n{b}" for i, b in enumerate(blocks, 1))
    found = parse_transcript(body.encode())
    check(found)
    assert [(t.speaker, t.text, t.start, t.end) for t in found.turns] == expected


@settings(deadline=None)  # a busy machine is no error
@given(LINES, st.lists(st.integers(1, 90), min_size=12, max_size=12))
def test_json_segments_are_read_back(lines: list[tuple[str, str]], lengths: list[int]) -> None:
    now, segments, expected = 0, [], []
    for (name, text), length in zip(lines, lengths, strict=False):
        segments.append({"start": now, "end": now + length, "text": text, "speaker": name})
        expected.append((name, " ".join(text.split()), now, now + length))
        now += length + 2
    found = parse_transcript(json.dumps({"segments": segments}).encode())
    check(found)
    assert [(t.speaker, t.text, t.start, t.end) for t in found.turns] == expected
