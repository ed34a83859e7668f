"""An encoder of a few hundred bytes: a token's numbers are those of its piece plus those of who speaks it.

The file is put together here from what the ONNX format says (onnx.proto3), since nothing else needs the onnx library.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models

PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "利率",
    "提前还款",
    "提前",
    "利",
    "率",
    "提",
    "前",
    "还",
    "款",
    "吗",
    "，",
    "3",
]
"""The first four stand for no text, as in `signals.tagging.encoder`; the others are likelier the longer they are."""
WORDS = np.stack([np.arange(len(PIECES)), np.zeros(len(PIECES))], axis=1).astype(np.float32)
"""Each piece's numbers: its id and 0."""
KINDS = np.array([[0, 0], [0, 1], [0, 2], [0, 3]], np.float32)
"""The numbers of each kind of token: 0 and the kind."""


def tokenizer() -> Tokenizer:
    """Of the kind that the encoder is trained with."""
    return Tokenizer(models.Unigram([(p, float(len(p) - 10)) for p in PIECES], unk_id=3, byte_fallback=False))


def write_encoder(path: Path, metadata: Mapping[str, str] | None = None) -> Path:
    """Writes the encoder; its metadata are a version and the tokenizer unless others are given."""
    held = {"version": "tiny", "tokenizer": tokenizer().to_str()} if metadata is None else metadata
    float32, int64 = 1, 7
    graph = _message(
        (1, _node("Gather", ["words", "ids"], "word")),
        (1, _node("Gather", ["speakers", "kinds"], "speaker")),
        (1, _node("Add", ["word", "speaker"], "states")),
        (2, "tiny"),
        (5, _tensor("words", WORDS)),
        (5, _tensor("speakers", KINDS)),
        (11, _value("ids", int64, 1, "tokens")),
        (11, _value("kinds", int64, 1, "tokens")),
        (12, _value("states", float32, 1, "tokens", 2)),
    )
    properties = [(14, _message((1, key), (2, value))) for key, value in held.items()]
    path.write_bytes(_message((1, 8), (7, graph), (8, _message((2, 17))), *properties))
    return path


def _message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A protocol buffer of numbers, texts and other messages."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(_varint(number << 3) + _varint(value))
        else:
            content = value.encode() if isinstance(value, str) else value
            parts.append(_varint(number << 3 | 2) + _varint(len(content)) + content)
    return b"".join(parts)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + _varint(value >> 7)


def _node(kind: str, inputs: list[str], output: str) -> bytes:
    return _message(*((1, name) for name in inputs), (2, output), (4, kind))


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    return _message(*((1, size) for size in values.shape), (2, 1), (8, name), (9, values.tobytes()))


def _value(name: str, kind: int, *sizes: int | str) -> bytes:
    shape = _message(*((1, _message((1 if isinstance(size, int) else 2, size))) for size in sizes))
    return _message((1, name), (2, _message((1, _message((1, kind), (2, shape))))))
