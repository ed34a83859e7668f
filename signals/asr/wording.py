"""From what was recognised to what is read: words of the trade put right, numbers in digits. Times stay on the words."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from signals.asr.numbers import find_numbers
from signals.asr.repair import VERSION as REPAIR_VERSION
from signals.asr.repair import HomophoneRepairer
from signals.domain.transcript import Segment, Transcript, Word

VERSION = "1"


@dataclass(frozen=True, slots=True)
class _Edit:
    """Characters start..end (end excluded) of a segment become `text`."""

    start: int
    end: int
    text: str
    repair: bool


@dataclass
class TranscriptRewriter:
    """Puts right what sounds like a term, then writes numbers in digits; `Word.raw` and `Word.heard` keep what was."""

    load: Callable[[], HomophoneRepairer]
    """Builds the repairer; it is dropped after each transcript, since its dictionary is large."""
    terms: str = ""
    """Names the glossary that is used."""

    @property
    def description(self) -> str:
        return f"homophones v{REPAIR_VERSION} {self.terms} numbers v{VERSION}"

    def rewrite(self, transcript: Transcript) -> Transcript:
        """See `Rewriter.rewrite`."""
        if not transcript.segments:
            return transcript
        repairer = self.load()
        return replace(transcript, segments=tuple(_rewritten(s, repairer) for s in transcript.segments))


def _rewritten(segment: Segment, repairer: HomophoneRepairer) -> Segment:
    words = segment.words
    words = _edited(words, [_Edit(r.start, r.end, r.term, repair=True) for r in repairer.find(_text(words))])
    words = _edited(words, [_Edit(n.start, n.end, n.text, repair=False) for n in find_numbers(_text(words))])
    return segment if words == segment.words else replace(segment, words=words, text=_text(words).strip())


def _text(words: Sequence[Word]) -> str:
    return "".join(w.text for w in words)


def _edited(words: tuple[Word, ...], edits: Sequence[_Edit]) -> tuple[Word, ...]:
    """The words that an edit touches become one word, with the time of all of them."""
    for edit in reversed(edits):  # from the end, so that the places of those before stay right
        ends = list(accumulate(len(w.text) for w in words))
        first, last = bisect.bisect_right(ends, edit.start), bisect.bisect_left(ends, edit.end)
        begin = ends[first] - len(words[first].text)
        merged = _merged(words[first : last + 1], edit.start - begin, edit.end - begin, edit)
        words = (*words[:first], merged, *words[last + 1 :])
    return words


def _merged(words: Sequence[Word], start: int, end: int, edit: _Edit) -> Word:
    before = _text(words)
    repaired = edit.repair or any(w.heard for w in words)
    return Word(
        text=before[:start] + edit.text + before[end:],
        start=words[0].start,
        end=words[-1].end,
        probability=min(w.probability for w in words),
        raw="".join(w.raw for w in words),
        heard="".join(w.heard or w.text for w in words) if repaired else "",
    )
