"""What a recogniser adds that nobody said, taken out and counted; and times that never run backwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from signals.domain.transcript import Removal, RemovalReason, Segment, Word

# Whisper learnt these from film subtitles and writes them into silence. Only a segment that is nothing else is removed.
_CREDITS = re.compile(
    "|".join(
        (
            r"(中文|简体)?字幕(由|提供|志愿|制作|组|校对|by|:|：).*",
            r".*(字幕志愿者|字幕组|amara\.?org).*",
            r"(请)?不吝点赞.*",
            r"(请|欢迎|记得)?(大家|您)?(点赞|订阅|打赏).{0,12}(频道|栏目|订阅|点赞|转发|打赏).*",
            r".*明镜(与|和)点点.*",
            r"(感谢|谢谢)(您的|大家|各位)?(的)?(收看|观看|收听)(本.{0,6})?",
            r"优优独播剧场.*",
            r"(作词|词曲|作曲|编曲).{0,12}",
            r"by索兰娅",
            r"小编字幕.*",
        )
    ),
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[^\w]+")
_LOOP_CHARACTERS = 16
_LOOP_REPEATS = 4
_SHORT_UNIT_REPEATS = 10
"""A unit of one or two characters (对对对, 好的好的) must come this often: people do repeat short words."""
_SEGMENT_REPEATS = 4
_NO_SPEECH = 0.6
_LOW_LOGPROB = -1.0


def clean(
    segments: tuple[Segment, ...], simplify: Callable[[str], str]
) -> tuple[tuple[Segment, ...], tuple[Removal, ...]]:
    """Simplified, in order, without credits, loops and ghost text. Short words stay. Nothing is added or reordered.

    Every character of the input is either kept or in a removal. The rule for silence needs both a high no-speech
    probability and a low log-probability, since either alone drops real speech.
    """
    removed: list[Removal] = []
    kept: list[Segment] = []
    clock = 0.0
    for found in sorted(segments, key=lambda s: s.start):
        segment = _simplified(found, simplify)
        words, loops = _without_loops(segment.words)
        removed.extend(loops)
        segment = replace(segment, words=words, text=_joined(words))
        if not words:
            continue
        if reason := _unsaid(segment, kept):
            removed.append(Removal(segment.start, segment.end, segment.text, reason))
            continue
        words, clock = _monotonic(words, clock)
        kept.append(replace(segment, start=words[0].start, end=words[-1].end, words=words))
    return tuple(kept), tuple(removed)


def _simplified(segment: Segment, simplify: Callable[[str], str]) -> Segment:
    joined = "".join(w.text for w in segment.words)
    whole = simplify(joined)
    if len(whole) == len(joined):  # converted with context, then dealt out to the words
        texts, at = [], 0
        for word in segment.words:
            texts.append(whole[at : at + len(word.text)])
            at += len(word.text)
    else:
        texts = [simplify(w.text) for w in segment.words]
    words = tuple(replace(w, text=t) for w, t in zip(segment.words, texts, strict=True) if t.strip())
    return replace(segment, words=words)


def _joined(words: tuple[Word, ...]) -> str:
    return "".join(w.text for w in words).strip()


def _unsaid(segment: Segment, kept: list[Segment]) -> RemovalReason | None:
    bare = _PUNCTUATION.sub("", segment.text)
    if _CREDITS.fullmatch(bare) or _CREDITS.fullmatch(segment.text):
        return RemovalReason.CREDIT
    if segment.no_speech_probability >= _NO_SPEECH and segment.avg_logprob < _LOW_LOGPROB:
        return RemovalReason.SILENCE
    before = [_PUNCTUATION.sub("", s.text) for s in kept[-_SEGMENT_REPEATS:]]
    if len(bare) >= 4 and len(before) == _SEGMENT_REPEATS and all(b == bare for b in before):
        return RemovalReason.LOOP
    return None


def _without_loops(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], list[Removal]]:
    """Cuts each endless repetition down to its first round; again, as long as a cut brings a new one together."""
    removals: list[Removal] = []
    while True:
        doomed = _loop(words)
        if not doomed:
            return words, removals
        later = [w for i, w in enumerate(words) if i in doomed]
        gone = "".join(w.text for w in later)
        removals.append(Removal(later[0].start, later[-1].end, gone, RemovalReason.LOOP))
        words = tuple(w for i, w in enumerate(words) if i not in doomed)


def _loop(words: tuple[Word, ...]) -> set[int]:
    """Indices of the words that are nothing but later rounds of the first endless repetition."""
    owner = [i for i, w in enumerate(words) for _ in w.text]
    text = "".join(w.text for w in words)
    at = 0
    while at < len(text):
        unit, repeats = _repetition(text, at)
        if unit:
            last = at + unit * repeats
            first_round = set(owner[at : at + unit])
            after = {owner[last]} if last < len(text) else set()
            if doomed := set(owner[at + unit : last]) - first_round - after:
                return doomed
        at += unit * repeats or 1
    return set()


def _repetition(text: str, at: int) -> tuple[int, int]:
    """Length and number of rounds of an endless repetition that starts at `at`; (0, 0) when there is none."""
    for unit in range(1, min(40, (len(text) - at) // _LOOP_REPEATS) + 1):
        piece = text[at : at + unit]
        repeats = 1
        while text.startswith(piece, at + unit * repeats):
            repeats += 1
        needed = _SHORT_UNIT_REPEATS if unit <= 2 else _LOOP_REPEATS
        if repeats >= needed and unit * repeats >= min(_LOOP_CHARACTERS, unit * _SHORT_UNIT_REPEATS):
            return unit, repeats
    return 0, 0


def _monotonic(words: tuple[Word, ...], clock: float) -> tuple[tuple[Word, ...], float]:
    fixed = []
    for word in words:
        start = max(word.start, clock)
        clock = max(word.end, start)
        fixed.append(replace(word, start=start, end=clock))
    return tuple(fixed), clock
