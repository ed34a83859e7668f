"""From cues to a conversation: times, turns, speakers and the roles that names tell."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from signals.domain.conversation import Conversation, Role, SpeakerRole, Turn
from signals.domain.transcript import Word
from signals.transcripts.cue import Cue, join_text
from signals.transcripts.names import role_of

NOBODY = "SPEAKER_00"
"""Whose everything is when the file names nobody."""
_CHARACTERS_PER_SECOND = 4.5
_BETWEEN = 0.4
"""Seconds between turns when times are estimated. Both figures are our rule of thumb for unhurried Mandarin."""
_PAUSE = 1.5
"""Seconds of silence that end a turn."""
_LONG = 60
"""Characters after which a turn takes no further cue."""
_LONGEST = 120
"""Characters beyond which a turn is cut at its sentences: one turn is one utterance for the tagger."""
_ENDS = "。？！?!"
_SENTENCE = re.compile(r"[^。？！?!；;]+[。？！?!；;]*[”’」』）)]*|[。？！?!；;]+")


@dataclass(frozen=True, slots=True)
class _Timed:
    """A cue whose times are known. Seconds."""

    cue: Cue
    start: float
    end: float


def conversation(cues: Sequence[Cue], *, join: bool) -> Conversation:
    """Attributed turns in order of time. `join`: cues are pieces of sentences, as in subtitles, and are put together."""
    spoken = _with_speakers([c for c in cues if c.text])
    pieces = [part for timed in _timed(spoken) for part in _cut(timed)]
    groups = _joined(pieces) if join else [[piece] for piece in pieces]
    roles = tuple(_role(name) for name in dict.fromkeys(c.speaker for c in spoken))
    by_name = {role.speaker: role.role for role in roles}
    turns = tuple(_turn(number, group, by_name) for number, group in enumerate(groups))
    return Conversation(
        turns=turns,
        roles=roles,
        duration=max((turn.end for turn in turns), default=0.0),
        times_estimated=bool(spoken) and all(c.start is None for c in spoken),
    )


def _role(name: str) -> SpeakerRole:
    role = role_of(name)
    return SpeakerRole(name, role, 0.0, "said") if role is Role.UNKNOWN else SpeakerRole(name, role, 1.0, "given")


def _with_speakers(cues: Sequence[Cue]) -> list[Cue]:
    """Subtitles often name a speaker only when he changes: a cue without a name is the last one's."""
    current = next((c.speaker for c in cues if c.speaker), NOBODY)
    named = []
    for cue in cues:
        current = cue.speaker or current
        named.append(replace(cue, speaker=current))
    return named


def _timed(cues: Sequence[Cue]) -> Iterator[_Timed]:
    """Cues with an end keep it; the others get the time that their text takes, as far as the next known start allows."""
    now, i, beginning = 0.0, 0, True
    while i < len(cues):
        cue = cues[i]
        if cue.end is not None:
            start = max(now, cue.start or 0.0)
            yield _Timed(cue, start, max(start, cue.end))
            now, i, beginning = start, i + 1, False
            continue
        run = _run(cues, i, start := max(now, cue.start or 0.0))
        until = cues[i + len(run)].start if i + len(run) < len(cues) else None
        lead = 0.0 if cue.start is not None or beginning else _BETWEEN
        yield from (placed := _spread(run, start, until, lead))
        now, i, beginning = placed[-1].end, i + len(run), False


def _run(cues: Sequence[Cue], first: int, start: float) -> list[Cue]:
    """Cues from `first` on that have no end, up to the next whose start is later."""
    run = [cues[first]]
    for cue in cues[first + 1 :]:
        if cue.end is not None or (cue.start is not None and cue.start > start):
            break
        run.append(cue)
    return run


def _spread(cues: Sequence[Cue], start: float, until: float | None, lead: float) -> list[_Timed]:
    lengths = [len(c.text) / _CHARACTERS_PER_SECOND for c in cues]
    total = lead + sum(lengths) + _BETWEEN * (len(cues) - 1)
    scale = 1.0 if until is None else min(1.0, max(0.0, until - start) / total)
    placed, time = [], start + lead * scale
    for cue, length in zip(cues, lengths, strict=True):
        placed.append(_Timed(cue, time, time + length * scale))
        time += (length + _BETWEEN) * scale
    return placed


def _cut(timed: _Timed) -> list[_Timed]:
    """A very long text in pieces of whole sentences; times by its words where it has them, else by length."""
    text, words = timed.cue.text, timed.cue.words
    if len(text) <= _LONGEST:
        return [timed]
    ends = _word_ends(text, words)
    if words and not ends:
        return [timed]  # the words do not spell the text: better long than wrong
    parts, place, used = [], 0, 0
    for piece in _pieces(text):
        begin, place = place, place + len(piece)
        count = bisect_right(ends, place)
        own, used = words[used:count], count
        start = own[0].start if own else timed.start + (timed.end - timed.start) * begin / len(text)
        end = own[-1].end if own else timed.start + (timed.end - timed.start) * place / len(text)
        cue = replace(timed.cue, text=piece.strip(), raw=piece.strip(), words=own)
        if cue.text:
            parts.append(_Timed(cue, start, max(start, end)))
    return parts


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for sentence in _SENTENCE.findall(text):
        if pieces[-1] and len(pieces[-1]) + len(sentence) > _LONG:
            pieces.append("")
        pieces[-1] += sentence
    return pieces


def _word_ends(text: str, words: Sequence[Word]) -> list[int]:
    """Where in the text each word ends; empty when one is not found."""
    ends: list[int] = []
    for word in words:
        at = text.find(word.text, ends[-1] if ends else 0)
        if at < 0:
            return []
        ends.append(at + len(word.text))
    return ends


def _joined(pieces: Sequence[_Timed]) -> list[list[_Timed]]:
    groups: list[list[_Timed]] = []
    for piece in pieces:
        if groups and _goes_on(groups[-1], piece):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _goes_on(group: Sequence[_Timed], piece: _Timed) -> bool:
    last, length = group[-1], sum(len(p.cue.text) for p in group)
    near = last.cue.speaker == piece.cue.speaker and piece.start - last.end <= _PAUSE
    return near and length + len(piece.cue.text) <= _LONG + 10 and last.cue.text[-1] not in _ENDS


def _turn(number: int, group: Sequence[_Timed], roles: dict[str, Role]) -> Turn:
    start, speaker = group[0].start, group[0].cue.speaker
    end = max(piece.end for piece in group)
    return Turn(
        index=number,
        speaker=speaker,
        role=roles[speaker],
        start=start,
        end=end,
        text=join_text(piece.cue.text for piece in group),
        raw="\n".join(piece.cue.raw for piece in group),
        words=tuple(_within([w for piece in group for w in piece.cue.words], start, end)),
    )


def _within(words: Sequence[Word], start: float, end: float) -> Iterator[Word]:
    """The words inside their turn, in order of time."""
    last = start
    for word in words:
        begin = min(end, max(last, word.start))
        yield replace(word, start=begin, end=min(end, max(begin, word.end)))
        last = begin
