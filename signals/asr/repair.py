"""Words of the trade that the recogniser wrote with characters of the same sound: 带款 is put right to 贷款.

A noisy channel over unigrams: the likeliest way to read a clause as words, in which a stretch that is no word itself but
sounds like a term may stand for the term at a price. What is a known word as it was heard is never touched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from signals.asr.sound import Reading, distance, read_term, readings

VERSION = "1"
_HAN = re.compile(r"[\u4e00-\u9fd5]+")
_LONGEST_WORD = 8
_KNOWN = 3
"""Occurrences in the dictionary from which on a word is one that people say."""
_USUAL = 3_000
"""Occurrences that a term of the trade counts at least: in these meetings it is said more often than the dictionary has it."""
_PRICE = 4.0
"""Nats that a repair must earn: the text is e^4 times as likely with it as without."""
_PRICE_OF_SOUND = 4.0
"""Nats more for each tone that differs and each sound that is only close (zh for z, ng for n)."""


_PRICE_OF_PARTICLE = 5.0
"""Nats more for each character that says so much by itself that it is seldom misheard: 风险不归我们 is no 风险部."""
_PARTICLES = frozenset("不的了是就在那这呀吧吗呢啊咱里家完")


@dataclass(frozen=True, slots=True)
class Repair:
    """A stretch start..end (end excluded) of a text that is to be read as `term`, which is as long."""

    start: int
    end: int
    term: str


@dataclass(slots=True)
class _Sounds:
    """A place in the tree of the terms' syllables: what may follow, and the terms that end here."""

    after: dict[str, _Sounds] = field(default_factory=dict)
    terms: list[tuple[str, tuple[Reading, ...]]] = field(default_factory=list)


@dataclass(frozen=True)
class HomophoneRepairer:
    """Finds what sounds like a term and is no word."""

    frequencies: Mapping[str, int]
    """Occurrences of each word of the language."""
    total: int
    """What they are occurrences in."""
    terms: Sequence[str]

    def find(self, text: str) -> tuple[Repair, ...]:
        """The repairs that make a text markedly likelier, in order, not overlapping."""
        found: list[Repair] = []
        for clause in _HAN.finditer(text):
            at = clause.start()
            found.extend(Repair(at + r.start, at + r.end, r.term) for r in self._in_clause(clause[0]))
        return tuple(found)

    def _in_clause(self, clause: str) -> list[Repair]:
        offers = [list(self._offers_at(clause, at)) for at in range(len(clause))]
        if not any(offers):
            return []
        costs, steps = [0.0], []
        for at in range(len(clause) - 1, -1, -1):  # costs[-1 - n] is the cost of the rest after n characters more
            ways = [*self._words_at(clause, at), *offers[at]]
            cost, step = min(((price + costs[at - r.end], r) for price, r in ways), key=lambda way: way[0])
            costs.append(cost)
            steps.append(step)
        path, at = [], 0
        while at < len(clause):
            path.append(steps[-1 - at])
            at = path[-1].end
        return [r for r in path if r.term != clause[r.start : r.end]]

    def _words_at(self, clause: str, at: int) -> Iterator[tuple[float, Repair]]:
        """The words that begin here as they were heard, and what each costs; an unknown character counts as seen once."""
        for end in range(at + 1, min(len(clause), at + _LONGEST_WORD) + 1):
            frequency = self._frequency(clause[at:end])
            if frequency or end == at + 1:
                yield self._cost(frequency or 1), Repair(at, end, clause[at:end])

    def _offers_at(self, clause: str, at: int) -> Iterator[tuple[float, Repair]]:
        """The stretches that begin here, sound like a term and are no word, and what reading each as the term costs."""
        for term, sounds in self._sounding(clause, at):
            end = at + len(term)
            heard = clause[at:end]
            if heard not in self._terms and self.frequencies.get(heard, 0) < _KNOWN:
                price = self._cost(self._frequency(term)) + _PRICE
                price += _PRICE_OF_SOUND * distance([readings(c) for c in heard], sounds)
                price += _PRICE_OF_PARTICLE * sum(h in _PARTICLES and h != c for h, c in zip(heard, term, strict=True))
                yield price, Repair(at, end, term)

    def _sounding(self, clause: str, at: int) -> Iterator[tuple[str, tuple[Reading, ...]]]:
        """The terms that sound, more or less, like what begins here."""
        places = [self._tree]
        for character in clause[at:]:
            loose = {r.loose for r in readings(character)}
            places = [place.after[s] for place in places for s in loose if s in place.after]
            if not places:
                return
            for place in places:
                yield from place.terms

    def _frequency(self, word: str) -> int:
        frequency = self.frequencies.get(word, 0)
        return max(frequency, _USUAL) if word in self._terms else frequency

    def _cost(self, frequency: int) -> float:
        return math.log(self.total / frequency)

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(t for t in self.terms if len(t) > 1 and _HAN.fullmatch(t))

    @cached_property
    def _tree(self) -> _Sounds:
        root = _Sounds()
        for term in sorted(self._terms):
            place, sounds = root, read_term(term)
            for reading in sounds:
                place = place.after.setdefault(reading.loose, _Sounds())
            place.terms.append((term, sounds))
        return root
