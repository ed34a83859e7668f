"""Bytes of a text file to text."""

from __future__ import annotations

import codecs
import re

from signals.domain.errors import TranscriptError

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAMPLE = 4096
_FEW = 0.01
"""Share of broken characters up to which a text still is UTF-8; GB18030 read as UTF-8 is broken in half of them."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Characters that no text file has; the escape character occurs in terminal captures."""


def decode_text(data: bytes) -> str:
    """UTF-8, UTF-16 (with or without byte order mark) or GB18030. Raises `TranscriptError` for what is not text."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _decode(data[len(bom) :], encoding)
            break
    else:
        text = _guessed(data)
    if data.strip() and (not text or _CONTROL.search(text)):
        raise TranscriptError(
            "not_text",
            "文字稿不是文本文件，或者编码无法识别",
            "请确认选对了文件；如果是文字稿，请另存为 UTF-8 编码后重试",
        )
    return text or ""


def _guessed(data: bytes) -> str | None:
    """UTF-16 is tried only where there are zero bytes, as every ASCII character in it has one."""
    head = data[:_SAMPLE]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if odd or even:
        return _decode(data, "utf-16-le" if odd >= even else "utf-16-be")
    lenient = data.decode("utf-8", "replace")
    if lenient.count("\N{REPLACEMENT CHARACTER}") <= _FEW * len(lenient):
        return lenient  # a cut-off last character costs that character, not the file
    return _decode(data, "gb18030")


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
