"""What an utterance means: a small transformer encoder's numbers for each token of it, and their mean.

The encoder is multilingual-e5-small (Wang et al. 2024, MIT) with its vocabulary cut down to Chinese, taught our labels on
the corpus's training writers by `scripts/train_encoder.py`. It catches what is said in words that no row holds. The mean
over tokens is what the classifiers of `signals.tagging.meaning` weigh; since they are linear, each token's share of a
score is known exactly, and that is how a hit explains itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from signals.domain.errors import ModelError
from signals.domain.tags import Utterance
from signals.tagging.text import narrow

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

PREVIOUS_TOKENS, OWN_TOKENS = 40, 120
"""Tokens that are looked at: the last ones of the turn before, the first ones of the utterance."""
_REMEMBERED = 4096
"""Utterances whose vectors are at hand, so that a meeting that is looked at again need not be understood again; 6 MB."""
BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
"""Tokens of the vocabulary that stand for no text."""
_SPOKE_BEFORE = {"customer": 1, "manager": 0}
"""Kind of token by the role of the utterance: the turn before was the other side's (0 customer, 1 manager) …"""
_SPEAKS = {"customer": 2, "manager": 3}
"""… and the utterance itself is the side's own."""
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs, which JSON can hold and the tokenizer does not take."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """An utterance as the encoder reads it: the turn before, then its own text."""

    ids: list[int]
    kinds: list[int]
    """Who speaks, for each token: see `_SPOKE_BEFORE` and `_SPEAKS`."""
    own: int
    """Index of the first token of the utterance itself; an end token follows the last."""
    spans: list[tuple[int, int]]
    """Characters start..end (end excluded) of the utterance's text for each of its own tokens."""


def tokenise(tokenizer: Tokenizer, utterance: Utterance) -> Tokens:
    """Tokens of an utterance whose role is customer or manager."""
    text, places = narrow(_NO_CHARACTER.sub("\ufffd", utterance.text))
    own = tokenizer.encode(text)
    previous, _ = narrow(_NO_CHARACTER.sub("\ufffd", utterance.previous))
    before = tokenizer.encode(previous).ids[-PREVIOUS_TOKENS:]
    head = [BEGIN, *before, END] if before else [BEGIN]
    mine = own.ids[:OWN_TOKENS]
    return Tokens(
        ids=[*head, *mine, END],
        kinds=[_SPOKE_BEFORE[utterance.role]] * len(head) + [_SPEAKS[utterance.role]] * (len(mine) + 1),
        own=len(head),
        spans=[(places[start], places[end - 1] + 1) for start, end in own.offsets[:OWN_TOKENS]],
    )


class UtteranceEncoder:
    """Runs the encoder on the CPU. `threads` 0 takes all cores. Loading is put off until the first utterance."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        self._path, self._threads = path, threads or os.cpu_count() or 1
        self._recent: dict[Utterance, Vectors] = {}

    @property
    def version(self) -> str:
        """Names the weights: a hash of the rows and settings that they were learnt with."""
        return str(self._metadata["version"])

    def vectors(self, utterances: Sequence[Utterance], progress: Callable[[float], None] = lambda _: None) -> Vectors:
        """Mean over each utterance's own tokens, shape (utterances, 384). `progress` is told the share done, 0..1."""
        recent = self._recent  # never changed, only replaced: threads that ask at once do not meet
        known = {u: recent[u] for u in utterances if u in recent}
        new = [u for u in dict.fromkeys(utterances) if u not in known]
        found = np.zeros((len(utterances), self._width), np.float32)
        with closing(self.states(new)) as run:  # whoever cancels, the rest is not run
            for i, utterance in enumerate(utterances):
                if utterance not in known:
                    known[utterance] = next(run)[0].mean(axis=0)
                found[i] = known[utterance]
                progress((i + 1) / len(utterances))
        self._recent = dict(list((recent | known).items())[-_REMEMBERED:])
        return found

    def states(self, utterances: Sequence[Utterance]) -> Generator[tuple[Vectors, Tokens], None, None]:
        """For each utterance the numbers of its own tokens and of the end token, shape (tokens + 1, 384), and the tokens.

        One utterance is one run: its numbers do not depend on what else is asked for.
        """
        tokens = [tokenise(self._tokenizer, u) for u in utterances]
        if len(tokens) < 2:
            yield from ((self._run(t), t) for t in tokens)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            yield from zip(pool.map(self._run, tokens), tokens, strict=True)

    def _run(self, tokens: Tokens) -> Vectors:
        feed = {"ids": np.array([tokens.ids], np.int64), "kinds": np.array([tokens.kinds], np.int64)}
        states: Vectors = self._session.run(None, feed)[0][0]
        return states[tokens.own :]

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # utterances are short: they run side by side instead
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own errors share no base class
            raise _unusable(self._path) from error

    @cached_property
    def _metadata(self) -> dict[str, str]:
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        if not {"version", "tokenizer"} <= set(found):
            raise _unusable(self._path)
        return found

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_str(self._metadata["tokenizer"])
        except Exception as error:  # tokenizers raises nothing more special
            raise _unusable(self._path) from error

    @property
    def _width(self) -> int:
        return int(self._session.get_outputs()[0].shape[-1])


def _unusable(path: Path) -> ModelError:
    if not path.exists():
        return ModelError("no_encoder", f"缺少语义模型 {path.name}", "请重新安装本程序，或用 --plain 只用词句模型")
    return ModelError("damaged", f"语义模型 {path.name} 已损坏", "请重新安装本程序，或用 --plain 只用词句模型")
