"""Reads a transcript file of any supported format into a conversation."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from signals.domain.conversation import Conversation
from signals.domain.errors import TranscriptError
from signals.transcripts.decoding import decode_text
from signals.transcripts.plain import parse_plain
from signals.transcripts.subtitles import ARROW, parse_subtitles
from signals.transcripts.turns import conversation
from signals.transcripts.whisper_json import parse_json

MAX_BYTES = 50 * 1024 * 1024
_FORMATS = "支持 SRT、VTT、whisper/whisperX 的 JSON，以及“说话人：内容”的纯文字"
_JSON = re.compile(r"\s*(?:\{|\[\s*[\{\]])")


def read_transcript(path: Path) -> Conversation:
    """The conversation in a transcript file of at most `MAX_BYTES`.

    The content decides the format, the suffix where the content leaves it open. Roles are UNKNOWN unless a speaker's
    name tells them (source "given"). Without times in the file they are estimated (`times_estimated`).
    Raises `TranscriptError` for everything that is wrong with the file.
    """
    return parse_transcript(_read(path), path.suffix)


def parse_transcript(data: bytes, suffix: str = "") -> Conversation:
    """The same for bytes in memory; `suffix` of the file's name with its dot, or empty."""
    if len(data) > MAX_BYTES:
        raise _too_large()
    text = decode_text(data)
    if not text.strip():
        raise TranscriptError("empty", "文字稿是空的", "请确认导出成功后重试")
    suffix, start = suffix.lower(), text.lstrip()[:6]
    if start == "WEBVTT" or (ARROW.search(text) and not _JSON.match(text)):
        found = conversation(parse_subtitles(text, vtt=start == "WEBVTT" or suffix == ".vtt"), join=True)
    elif _JSON.match(text):
        found = conversation(parse_json(text), join=True)
    elif suffix in (".srt", ".vtt"):
        raise TranscriptError(
            "no_cues", "字幕文件中没有时间行", "时间应写成 00:01:02,500 --> 00:01:04,000；" + _FORMATS
        )
    elif suffix == ".json":
        raise TranscriptError("bad_json", "文字稿第 1 行：不是 JSON", "请重新导出；" + _FORMATS)
    else:
        found = conversation(parse_plain(text), join=False)
    if not found.turns:
        raise TranscriptError("empty", "文字稿中没有任何发言", "请确认导出成功后重试；" + _FORMATS)
    return found


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise TranscriptError("not_a_file", "给出的不是普通文件", "请指定一个文字稿文件；" + _FORMATS)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise TranscriptError("not_found", "找不到文字稿文件", "请检查文件路径") from None
    except PermissionError:
        raise TranscriptError("no_permission", "没有权限读取文字稿文件", "请检查文件的权限") from None
    except OSError:
        raise TranscriptError("unreadable", "读不出文字稿文件", "请把文件复制到本机后重试") from None


def _too_large() -> TranscriptError:
    return TranscriptError("too_large", "文字稿超过 50 MB", "请分成几个文件，或去掉与会谈无关的内容")
