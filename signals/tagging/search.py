"""Texts cut into the words that full-text search looks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from signals.tagging.lexicon import Lexicon
from signals.tagging.text import plain

_WORD = re.compile(r"\w")


def search_words(lexicon: Lexicon, texts: Sequence[str]) -> list[str]:
    """Each text as words joined by spaces.

    After a word of three characters or more come the words inside it, as jieba's mode for search engines gives them,
    so that 还款 finds 提前还款.
    """
    known = lexicon.vocabulary
    cut = lexicon.cut([plain(t) for t in texts])
    return [" ".join(w for word in words if _WORD.search(word) for w in (word, *_inside(word, known))) for words in cut]


def _inside(word: str, known: frozenset[str]) -> Iterator[str]:
    for size in range(2, len(word)):
        for start in range(len(word) - size + 1):
            if (part := word[start : start + size]) in known:
                yield part


def query_words(lexicon: Lexicon, text: str) -> list[str]:
    """What to look for: of a word with words inside it these, so that 提前还款 finds 提前把款还了 too."""
    known = lexicon.vocabulary
    found: dict[str, None] = {}
    for word in lexicon.cut([plain(text)])[0]:
        if _WORD.search(word):
            found.update(dict.fromkeys(list(_inside(word, known)) or [word]))
    return list(found)
