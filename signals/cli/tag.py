"""`signals tag`: a filter from JSON lines to JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from signals.api import load_tagger
from signals.domain.errors import SignalsError
from signals.domain.tags import Utterance
from signals.tagging.tagger import LinearTagger

_READ = 1 << 16
_LONGEST = 20_000
"""Characters; an utterance is a few sentences, not a book."""


def tag(file: Path | None, *, plain: bool = False) -> None:
    """Answers every line with one line, in order, as soon as it has come."""
    tagger = load_tagger(plain=plain)
    if file is None:
        _filter(cast(BufferedReader, sys.stdin.buffer), sys.stdout.buffer, tagger)
        return
    try:
        with file.open("rb") as source:
            _filter(source, sys.stdout.buffer, tagger)
    except OSError:
        raise SignalsError("unreadable", f"无法读取“{file}”", "请检查文件名和权限") from None


def _filter(source: BufferedReader, sink: BinaryIO, tagger: LinearTagger) -> None:
    for lines in _batches(source):
        parsed = [_parse(line) for line in lines]
        scores = iter(tagger.score([p for p in parsed if isinstance(p, Utterance)]))
        for item in parsed:
            if isinstance(item, Utterance):
                answer: dict[str, object] = {"labels": [{"id": s.label, "score": s.score} for s in next(scores)]}
            else:
                answer = {"error": item}
            sink.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        sink.flush()


def _batches(source: BufferedReader) -> Iterator[list[bytes]]:
    """Whole lines, as many as have come: a program that waits for each answer gets it, a large file goes in bulk."""
    rest = b""
    while block := source.read1(_READ):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield lines
    if rest:
        yield [rest]


def _parse(line: bytes) -> Utterance | str:
    """An utterance, or in Chinese what is wrong with the line."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "不是 UTF-8 编码"
    except (ValueError, RecursionError):
        return "不是有效的 JSON"
    return _utterance(row) if isinstance(row, dict) else "每行应是一个 JSON 对象"


def _utterance(row: dict[str, object]) -> Utterance | str:
    text, role, previous = row.get("text"), row.get("role"), row.get("previous") or ""
    if not isinstance(text, str) or not isinstance(previous, str):
        return "缺少 text，或 text、previous 不是字符串"
    if role not in ("customer", "manager"):
        return "role 应为 customer 或 manager"
    if len(text) > _LONGEST or len(previous) > _LONGEST:
        return f"文本超过 {_LONGEST} 字"
    return Utterance(text=text, role=str(role), previous=previous)
