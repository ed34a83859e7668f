"""Times of words after their text was corrected by hand."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from signals.domain.conversation import Turn
from signals.domain.transcript import Word


def realign(words: Sequence[Word], text: str) -> tuple[Word, ...]:
    """One word a character of `text`: characters that were there before keep their times, others share the time of
    what they replace. Times never run backwards and stay within those of `words`. No words give no words."""
    if not words:
        return ()
    old = [(c, *times) for w in words for c, times in zip(w.text, _spread(w.start, w.end, len(w.text)), strict=True)]
    if not old:
        return tuple(
            Word(c, s, e, 1.0, "")
            for c, (s, e) in zip(text, _spread(words[0].start, words[-1].end, len(text)), strict=True)
        )
    matcher = SequenceMatcher(None, [c for c, _, _ in old], list(text), autojunk=False)
    made: list[Word] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            made.extend(Word(c, s, e, 1.0, c) for c, s, e in old[i1:i2])
        elif j2 > j1:
            begin = old[i1][1] if i1 < i2 else old[i1 - 1][2] if i1 else old[0][1]
            end = old[i2 - 1][2] if i1 < i2 else begin
            times = _spread(begin, max(begin, end), j2 - j1)
            made.extend(Word(c, s, e, 1.0, "") for c, (s, e) in zip(text[j1:j2], times, strict=True))
    return tuple(made)


def span_of(turn: Turn, first: int, last: int) -> tuple[float, float]:
    """Seconds from the first to the last word that the characters first..last of a turn's text touch; the whole turn
    where words have no times."""
    at, inside = 0, []
    for word in turn.words:
        found = turn.text.find(word.text.strip(), at)
        if found < 0 or not word.text.strip():
            continue
        end = found + len(word.text.strip())
        if found < last and end > first:
            inside.append(word)
        at = end
    return (inside[0].start, max(inside[0].start, inside[-1].end)) if inside else (turn.start, turn.end)


def _spread(start: float, end: float, parts: int) -> list[tuple[float, float]]:
    step = (end - start) / parts if parts else 0.0
    return [(start + i * step, end if i == parts - 1 else start + (i + 1) * step) for i in range(parts)]
