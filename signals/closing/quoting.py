"""Short verbatim quotes and times for sentences that a manager reads."""

from __future__ import annotations

import re
from itertools import accumulate

from signals.closing.talk import Event, Talk

_CLAUSE = re.compile(r"(?<=[，。？！；、,.?!;\s])")
_ASKING = re.compile(r"[吗呢吧么嘛不]?[？?]|多少|多久|几|能不能|可不可以|行不行|有没有|怎么|哪|啥|什么")
_MOST = 32
"""Characters of a quote."""
_EDGES = "，。；、,.; \t\n"
_BEGINS = re.compile(r"[我你您他她咱这那但就要能还先再]|如果|是不是")
"""Where a clause may begin in speech without punctuation."""


def said(event: Event, talk: Talk) -> str:
    """The customer's words in “”, with the label's name; only the name when the hit quotes nothing."""
    quote = short_quote(event, talk)
    return f"“{quote}”（{event.label.name}）" if quote else event.label.name


def words(event: Event, talk: Talk) -> str:
    """The same without the label's name after the words."""
    quote = short_quote(event, talk)
    return f"“{quote}”" if quote else event.label.name


def short_quote(event: Event, talk: Talk) -> str:
    """An unbroken part of `Hit.quote` of at most 32 characters: the clauses that hold most of the evidence, without
    evidence those that ask; of equals the longest, then the latest."""
    text = event.hit.quote.strip(_EDGES)
    if len(text) <= _MOST:
        return text
    clauses = [c for c in _CLAUSE.split(text) if c]
    starts = [0, *accumulate(len(c) for c in clauses)]
    places = _evidence(event, talk, text)
    weights = [_weight(clause, start, places) for clause, start in zip(clauses, starts, strict=False)]
    fitting = [
        (sum(weights[i:j]), starts[j] - starts[i], i, j)
        for i in range(len(clauses))
        for j in range(i + 1, len(clauses) + 1)
        if starts[j] - starts[i] <= _MOST
    ]
    heaviest = max(range(len(clauses)), key=lambda i: (weights[i], i))
    if not fitting or weights[heaviest] > max(fitting)[0]:
        return _cut(clauses[heaviest], [at - starts[heaviest] for at, _ in places])
    _, _, first, last = max(fitting)
    return "".join(clauses[first:last]).strip(_EDGES)


def _evidence(event: Event, talk: Talk, text: str) -> list[tuple[int, float]]:
    """Middles of the evidence inside `text`, with their weights; evidence positions are in the turn's text."""
    offset = talk.turns[event.position].text.find(text)
    middles = [((e.start + e.end) // 2 - offset, e.weight) for e in event.hit.evidence]
    return [(at, weight) for at, weight in middles if offset >= 0 and 0 <= at < len(text)]


def _weight(clause: str, start: int, places: list[tuple[int, float]]) -> float:
    if places:
        return sum(weight for at, weight in places if start <= at < start + len(clause))
    return 1.0 if _ASKING.search(clause) else 0.0


def _cut(clause: str, places: list[int]) -> str:
    """Part of a long clause without punctuation, as speech recognition may give it: around the evidence, else its end."""
    inside = [at for at in places if 0 <= at < len(clause)]
    start = len(clause) - _MOST
    if inside:
        start = max(0, min(start, sum(inside) // len(inside) - _MOST // 2))
    end = start + _MOST
    if start > 0 and (begins := _BEGINS.search(clause, start, start + _MOST // 3)):
        start = begins.start()
    return clause[start:end].strip(_EDGES)


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def listed(names: list[str]) -> str:
    """甲、乙和丙."""
    return names[0] if len(names) == 1 else f"{'、'.join(names[:-1])}和{names[-1]}" if names else ""
