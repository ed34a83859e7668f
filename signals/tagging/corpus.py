"""The labelled corpus: utterances and whole meetings, each row with its writer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError

Split = Literal["train", "validation", "test"]
Source = Literal["typed", "spoken", "meeting"]
Line = TypeVar("Line", bound=BaseModel)
WAITING = "waiting"
"""Folder of rows that no model has learnt from yet."""
HEARD = "heard"
"""Folder of the corpus with what a recogniser made of some rows."""


class Writer(BaseModel):
    """A voice of the corpus. A writer is wholly in one split."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z]+\d+$")
    voice: str
    """English; who speaks, and how."""
    how: str
    """How the rows came to be."""
    split: Split


class Row(BaseModel):
    """One utterance as one person said or typed it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    writer: str
    role: Literal["customer", "manager"]
    kind: Literal["spoken", "typed"]
    text: str = Field(min_length=1)
    labels: tuple[str, ...]
    previous: str = ""
    meeting: str = ""
    """Meeting the row is a turn of; empty for a lone utterance."""

    @property
    def source(self) -> Source:
        """Typed, spoken alone, or a turn of a meeting."""
        return "typed" if self.kind == "typed" else "meeting" if self.meeting else "spoken"


class HeardRow(BaseModel):
    """What a recogniser wrote when it was played a row of the corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    """Of the row."""
    heard: str
    """May be empty: nothing was heard."""


class Corpus(BaseModel):
    """Rows in the order of their files, and their writers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    writers: tuple[Writer, ...]
    rows: tuple[Row, ...]

    def part(self, split: Split) -> tuple[Row, ...]:
        """Rows whose writer is in this split."""
        inside = {w.id for w in self.writers if w.split == split}
        return tuple(r for r in self.rows if r.writer in inside)


def load_corpus(folder: Path) -> Corpus:
    """Reads writers.yaml and every *.jsonl below `folder` but those of `HEARD` and `WAITING`. Raises `CorpusError` with file and line."""
    try:
        raw = yaml.safe_load((folder / "writers.yaml").read_text(encoding="utf-8"))
        writers = TypeAdapter(tuple[Writer, ...]).validate_python(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise _invalid(folder / "writers.yaml", 0, type(error).__name__) from None
    if len({w.id for w in writers}) < len(writers):
        raise _invalid(folder / "writers.yaml", 0, "作者重复")
    known = {w.id for w in writers}
    rows: list[Row] = []
    for path in sorted(folder.rglob("*.jsonl")):
        if path.relative_to(folder).parts[0] in (HEARD, WAITING):
            continue
        for number, row in enumerate(read_rows(path), 1):
            if row.writer not in known:
                raise _invalid(path, number, f"writers.yaml 中没有 {row.writer}")
            rows.append(row)
    return Corpus(writers=writers, rows=tuple(rows))


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of one JSON-lines file. Raises `CorpusError` with the line."""
    return _read_lines(path, Row)


def read_heard(folder: Path) -> dict[str, str]:
    """What a recogniser made of rows of the corpus in `folder`, by row id; empty where nobody made it hear any.

    Raises `CorpusError` with the line, also for a row that was heard twice.
    """
    heard: dict[str, str] = {}
    for path in sorted((folder / HEARD).rglob("*.jsonl")):
        for number, row in enumerate(_read_lines(path, HeardRow), 1):
            if row.id in heard:
                raise _invalid(path, number, f"{row.id} 重复")
            heard[row.id] = row.heard
    return heard


def _read_lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        raise CorpusError("unreadable", f"无法读取语料“{path}”", "请检查文件名和权限") from None
    for number, line in enumerate(lines, 1):
        try:
            yield kind.model_validate(json.loads(line.decode("utf-8-sig")))
        except ValidationError as error:
            raise _invalid(path, number, f"{'.'.join(map(str, error.errors()[0]['loc']))} 有误") from None
        except (ValueError, RecursionError):
            raise _invalid(path, number, "不是 UTF-8 编码的 JSON") from None


def check_rows(rows: Sequence[Row], catalogue: Catalogue) -> None:
    """Raises `CorpusError` for a label that is not one of the row's speaker."""
    for row in rows:
        if wrong := set(row.labels) - set(catalogue.ids(row.role)):
            raise CorpusError(
                "invalid",
                f"语料 {row.id} 的标签有误：{'、'.join(sorted(wrong))}",
                "请只用目录中该说话人可以有的标签",
            )


def _invalid(path: Path, line: int, what: str) -> CorpusError:
    place = f"{path.name} 第 {line} 行" if line else path.name
    return CorpusError("invalid", f"语料有误：{place}（{what}）", "请按 data/corpus/README.md 的格式修正")
