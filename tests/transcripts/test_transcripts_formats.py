"""Each format as exporters write it."""

from __future__ import annotations

import json

import pytest

from signals.domain.conversation import Conversation, Role
from signals.transcripts import parse_transcript


def parse(text: str, suffix: str = "") -> Conversation:
    return parse_transcript(text.encode(), suffix)


def said(conversation: Conversation) -> list[tuple[str, str]]:
    return [(t.speaker, t.text) for t in conversation.turns]


def times(conversation: Conversation) -> list[tuple[float, float]]:
    return [(round(t.start, 2), round(t.end, 2)) for t in conversation.turns]


SRT = """1
00:00:01,000 --> 00:00:02,000
张总：<i>利率</i>能不能

2
00:00:02,100 --> 00:00:03,000
再低点？

3
00:00:03,100 --> 00:00:04,100
- 客户经理：可以
- 张总：那好
"""

VTT = """WEBVTT - 会谈

NOTE 这一段是说明
00:00 不是时间

STYLE
::cue { color: red }

第一段
00:01.000 --> 00:02.000 align:left
<v 张总>你好 &amp; 早</v>

00:02.000 --> 00:03.500
<v.loud 客户经理>您好<v 张总>嗯
"""


def test_srt_cues_of_one_speaker_become_one_turn_up_to_the_end_of_the_sentence() -> None:
    found = parse(SRT)
    assert said(found) == [("张总", "利率能不能再低点？"), ("客户经理", "可以"), ("张总", "那好")]
    assert times(found) == [(1.0, 3.0), (3.1, 3.6), (3.6, 4.1)]
    assert found.turns[0].raw == "张总：<i>利率</i>能不能\n再低点？"


def test_vtt_voices_notes_and_entities_are_understood() -> None:
    found = parse(VTT)
    assert said(found) == [("张总", "你好 & 早"), ("客户经理", "您好"), ("张总", "嗯")]
    assert times(found)[0] == (1.0, 2.0)
    assert not found.times_estimated


def test_srt_without_blank_lines_between_cues_is_read() -> None:
    found = parse("1\n00:00:01,000 --> 00:00:02,000\n好。\n2\n00:00:09,000 --> 00:00:10,000\n行。\n")
    assert said(found) == [("SPEAKER_00", "好。"), ("SPEAKER_00", "行。")]


def test_a_pause_ends_a_turn_of_the_same_speaker() -> None:
    found = parse("1\n00:00:01,000 --> 00:00:02,000\n我想想\n\n2\n00:00:03,600 --> 00:00:05,000\n可以吧\n")
    assert [t.text for t in found.turns] == ["我想想", "可以吧"]


def test_turns_of_subtitles_stay_near_sixty_characters() -> None:
    cues = "".join(
        f"{i + 1}\n00:00:{i:02d},000 --> 00:00:{i + 1:02d},000\n说了十个字没有停下来的\n\n" for i in range(20)
    )
    found = parse(cues)
    assert len(found.turns) == 4
    assert all(len(t.text) <= 70 for t in found.turns)


def test_a_subtitle_without_a_name_goes_on_with_the_last_speaker() -> None:
    found = parse("1\n00:00:01,000 --> 00:00:02,000\n客户：好。\n\n2\n00:00:05,000 --> 00:00:06,000\n那就办吧。\n")
    assert said(found) == [("客户", "好。"), ("客户", "那就办吧。")]


WHISPERX = {
    "segments": [
        {
            "start": 0.0,
            "end": 2.0,
            "text": "利率3.5好",
            "speaker": "SPEAKER_01",
            "words": [
                {"word": "利率", "start": 0.1, "end": 0.5, "score": 0.91},
                {"word": "3.5"},
                {"word": "好", "start": 1.5, "end": 2.0, "score": 0.4},
            ],
        },
        {
            "start": 2.2,
            "end": 4.0,
            "text": "三点五行",
            "words": [
                {"word": "三点五", "start": 2.2, "end": 3.0, "speaker": "SPEAKER_00"},
                {"word": "行", "start": 3.2, "end": 4.0, "speaker": "SPEAKER_01"},
            ],
        },
    ],
    "language": "zh",
}


def test_whisperx_words_keep_their_times_and_probabilities() -> None:
    words = parse(json.dumps(WHISPERX)).turns[0].words
    assert [(w.text, w.start, w.end, w.probability) for w in words] == [
        ("利率", 0.1, 0.5, 0.91),
        ("3.5", 0.5, 1.5, 1.0),
        ("好", 1.5, 2.0, 0.4),
    ]


def test_a_whisperx_segment_of_two_speakers_is_split_at_the_word() -> None:
    found = parse(json.dumps(WHISPERX, ensure_ascii=False))
    assert said(found)[1:] == [("SPEAKER_00", "三点五"), ("SPEAKER_01", "行")]


def test_plain_whisper_json_is_one_unknown_speaker() -> None:
    data = {"text": "你好", "segments": [{"id": 0, "start": 0, "end": 1.5, "text": " 你好", "avg_logprob": -0.2}]}
    found = parse(json.dumps(data), ".json")
    assert said(found) == [("SPEAKER_00", "你好")]
    assert found.turns[0].role is Role.UNKNOWN
    assert not found.times_estimated


def test_plain_lines_get_estimated_times() -> None:
    found = parse("客户经理：张总您好啊今天真早\n客户: 你好\n")
    assert said(found) == [("客户经理", "张总您好啊今天真早"), ("客户", "你好")]
    assert times(found) == [(0.0, 2.0), (2.4, 2.84)]
    assert found.times_estimated


@pytest.mark.parametrize(
    "text",
    [
        "[00:01:23] 张总：你好\n[00:01:27] 客户经理：您好\n",
        "00:01:23 张总：你好\n00:01:27 客户经理：您好\n",
        "【01:23】张总：你好\n【01:27】客户经理：您好\n",
        "(00:01:23 - 00:01:25) 张总：你好\n(00:01:27 - 00:01:29) 客户经理：您好\n",
        "张总(00:01:23): 你好\n客户经理(00:01:27): 您好\n",
        "张总 00:01:23\n你好\n\n客户经理 00:01:27\n您好\n",
    ],
)
def test_time_stamps_of_plain_lines_are_read_in_every_manner(text: str) -> None:
    found = parse(text)
    assert said(found) == [("张总", "你好"), ("客户经理", "您好")]
    assert [t.start for t in found.turns] == [83.0, 87.0]
    assert not found.times_estimated


def test_times_of_the_day_are_counted_from_the_first_line() -> None:
    found = parse("14:03:22 张总：好\n14:03:25 客户经理：您好\n")
    assert [t.start for t in found.turns] == [0.0, 3.0]


def test_stamps_that_run_backwards_are_held() -> None:
    found = parse("[00:10] 张总：好\n[00:04] 客户：行\n[00:12] 张总：嗯\n")
    assert [t.start for t in found.turns] == sorted(t.start for t in found.turns)


def test_a_clause_before_a_colon_is_not_a_speaker() -> None:
    found = parse("客户经理：您请讲\n客户：我就关心几条\n第一条：利率还能不能低\n还有一点要求：放款要快\n就这些\n")
    assert said(found)[1] == ("客户", "我就关心几条第一条：利率还能不能低还有一点要求：放款要快就这些")


def test_headings_before_the_first_speaker_are_left_out() -> None:
    found = parse("会议纪要\n时间：周三\n地点：会议室\n客户经理：您好\n客户：好\n")
    assert said(found) == [("客户经理", "您好"), ("客户", "好")]


def test_a_clock_time_inside_what_was_said_is_not_a_stamp() -> None:
    found = parse("张总：什么时候\n客户经理：明天\n12:30 我们楼下见\n")
    assert said(found)[1] == ("客户经理", "明天12:30 我们楼下见")


def test_a_very_long_paragraph_is_cut_at_its_sentences() -> None:
    found = parse("客户：" + "我们厂今年的订单比去年多了不少。" * 12 + "\n客户经理：好\n")
    assert all(len(t.text) <= 60 for t in found.turns)
    assert "".join(t.text for t in found.turns if t.speaker == "客户") == "我们厂今年的订单比去年多了不少。" * 12
    assert [t.index for t in found.turns] == list(range(len(found.turns)))


def test_a_long_segment_with_words_is_cut_at_the_words_of_its_sentences() -> None:
    text = "我们厂今年的订单比去年多。" * 12
    words = [{"word": c, "start": i * 0.2, "end": i * 0.2 + 0.2} for i, c in enumerate(text)]
    found = parse(json.dumps([{"start": 0, "end": len(text) * 0.2, "text": text, "words": words}]))
    assert len(found.turns) > 1
    for turn in found.turns:
        assert "".join(w.text for w in turn.words) == turn.text
        assert turn.start == turn.words[0].start


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("客户经理", Role.MANAGER),
        ("客户经理（王伟）", Role.MANAGER),
        ("经理", Role.MANAGER),
        ("Manager", Role.MANAGER),
        ("manager 2", Role.MANAGER),
        ("客户", Role.CUSTOMER),
        ("客户2", Role.CUSTOMER),
        ("客户王总", Role.CUSTOMER),
        ("Customer", Role.CUSTOMER),
        ("张总", Role.UNKNOWN),
        ("李经理", Role.UNKNOWN),
        ("客户部", Role.UNKNOWN),
        ("SPEAKER_00", Role.UNKNOWN),
    ],
)
def test_a_role_is_given_only_when_the_name_says_it(name: str, role: Role) -> None:
    found = parse(f"{name}：您好\n{name}：坐吧\n")
    assert [t.role for t in found.turns] == [role, role]
    assert [(r.speaker, r.role) for r in found.roles] == [(name, role)]
    assert (found.roles[0].source == "given") == (role is not Role.UNKNOWN)


def test_the_content_decides_where_the_suffix_is_wrong() -> None:
    assert said(parse(SRT, ".txt")) == said(parse(SRT, ".srt"))
    assert said(parse(VTT, ".srt")) == said(parse(VTT, ".vtt"))
    assert said(parse(json.dumps(WHISPERX), ".txt")) == said(parse(json.dumps(WHISPERX), ".json"))


def test_lines_that_begin_with_a_bracket_are_not_taken_for_json() -> None:
    assert said(parse("[张总]：你好\n[客户]：好\n")) == [("张总", "你好"), ("客户", "好")]
