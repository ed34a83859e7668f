"""Files on disk: encodings, and everything that can be wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from signals.domain.errors import TranscriptError
from signals.transcripts import MAX_BYTES, parse_transcript, read_transcript

TEXT = "客户经理：您好，今天来谈谈贷款\r\n客户：利率是多少\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_every_usual_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "minutes.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert [t.text for t in read_transcript(path).turns] == ["您好，今天来谈谈贷款", "利率是多少"]


def test_a_cut_off_last_character_does_not_cost_the_file() -> None:
    found = parse_transcript((TEXT * 10).encode()[:-4])
    assert found.turns[0].text == "您好，今天来谈谈贷款"


@pytest.mark.parametrize(
    ("data", "suffix", "code"),
    [
        (b"", ".txt", "empty"),
        (b" \r\n\n", ".srt", "empty"),
        (b"\x00\x01\x02\x03" * 400, ".txt", "not_text"),
        (bytes(range(256)) * 8, ".txt", "not_text"),
        ("随便写的几行\n没有说话人\n".encode(), ".txt", "no_speakers"),
        ("1\n没有时间\n".encode(), ".srt", "no_cues"),
        (b"not json at all", ".json", "bad_json"),
        (b'{"segments": [\n{"start": 1,]}', ".json", "bad_json"),
        (b'{"text": "abc"}', ".json", "no_segments"),
        (b'[{"start": "1", "end": 2, "text": "abc"}]', ".json", "bad_segment"),
        (b'[{"start": -1, "end": 2, "text": "abc"}]', ".json", "bad_segment"),
        (b'[{"start": 1e9, "end": 2, "text": "abc"}]', ".json", "bad_segment"),
        (b'[{"start": NaN, "end": 2, "text": "abc"}]', ".json", "bad_segment"),
        (b'[{"start": true, "end": 2, "text": "abc"}]', ".json", "bad_segment"),
        (b'[{"start": 1, "end": 2, "text": 5}]', ".json", "bad_segment"),
        (b'[{"start": 1, "end": 2, "text": "a", "words": "x"}]', ".json", "bad_segment"),
        (b'[{"start": 1, "end": 2, "text": "a", "speaker": 3}]', ".json", "bad_segment"),
        (b"[" * 100_000, ".json", "bad_json"),
        (b"[{}" * 100_000, ".json", "bad_json"),
        (b'{"segments": []}', ".json", "empty"),
        (b"WEBVTT\n\n", ".vtt", "empty"),
        (b"1\n00:00:01,000 --> soon\nhi\n", ".srt", "bad_time"),
        (b"1\n999:00:01,000 --> 999:00:02,000\nhi\n", ".srt", "bad_time"),
    ],
)
def test_bad_input_gets_one_chinese_error_with_a_remedy(data: bytes, suffix: str, code: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        parse_transcript(data, suffix)
    assert caught.value.code == code
    assert caught.value.remedy
    assert any("一" <= c <= "鿿" for c in caught.value.message)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"1\n00:00:01,000 --> 00:00:02,000\nhi\n\n2\n00:00:03 --> x\nyou\n", 6),
        (b'{"segments": [\n{"start": 1,\n]}', 3),
        ("客户：好\n[999:00:00] 客户：行\n".encode(), 2),
    ],
)
def test_errors_name_the_line(data: bytes, line: int) -> None:
    with pytest.raises(TranscriptError, match=f"第 {line} 行"):
        parse_transcript(data)


def test_an_error_never_quotes_what_was_said() -> None:
    with pytest.raises(TranscriptError) as caught:
        parse_transcript("我们的秘密利率\n00:00:01,000 --> 秘密\n".encode())
    assert "秘密" not in str(caught.value)


def test_a_file_over_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(TranscriptError, match="50 MB"):
        read_transcript(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for path, code in [
        (tmp_path, "not_a_file"),
        (tmp_path / "no.srt", "not_found"),
        (tmp_path / "pipe.txt", "not_a_file"),
    ]:
        with pytest.raises(TranscriptError) as caught:
            read_transcript(path)
        assert caught.value.code == code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "minutes.txt"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(TranscriptError) as caught:
        read_transcript(path)
    assert caught.value.code == "no_permission"


def test_control_characters_and_lone_surrogates_are_taken_out() -> None:
    found = parse_transcript(b'[{"start": 0, "end": 1, "text": "\\ud800\\u0000ok\\u001b[31m", "speaker": "a\\u0000b"}]')
    turn = found.turns[0]
    assert turn.text == "ok [31m"
    assert turn.speaker == "a b"
    turn.raw.encode()


def test_hostile_mark_up_is_only_text() -> None:
    found = parse_transcript("客户：</script><img src=x onerror=alert(1)>\n客户经理：好\n".encode())
    assert found.turns[0].text == "</script><img src=x onerror=alert(1)>"
