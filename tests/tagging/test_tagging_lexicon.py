"""Cutting text into words, and the readings of characters."""

from __future__ import annotations

import logging

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.catalogue import Catalogue
from signals.resources import corpus_dir
from signals.tagging.corpus import load_corpus
from signals.tagging.lexicon import Lexicon
from signals.tagging.text import plain


@pytest.fixture(scope="module")
def reference(catalogue: Catalogue) -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for term in catalogue.terms:
        for word in (term.text, *term.aliases):
            tokenizer.add_word(plain(word))
    return tokenizer


def test_the_corpus_is_cut_as_jieba_cuts_it(lexicon: Lexicon, reference: jieba.Tokenizer) -> None:
    texts = [plain(row.text) for row in load_corpus(corpus_dir()).rows]
    for text, words in zip(texts, lexicon.cut(texts), strict=True):
        assert words == reference.lcut(text, HMM=False), text


@given(texts=st.lists(st.text(st.sampled_from("提前还款利率数ab1lpr的〇𠮷éー了不下雨天"), max_size=25), max_size=6))
def test_any_text_is_cut_as_jieba_cuts_it(lexicon: Lexicon, reference: jieba.Tokenizer, texts: list[str]) -> None:
    assert lexicon.cut(texts) == [reference.lcut(text, HMM=False) for text in texts]


def test_words_of_the_trade_stay_whole(lexicon: Lexicon) -> None:
    assert lexicon.cut([plain("开U盾要带POS机吗")]) == [["开", "u盾", "要", "带", "pos机", "吗"]]
    assert "无还本续贷" in lexicon.cut(["你们做无还本续贷吗"])[0]


def test_nothing_is_cut_from_nothing(lexicon: Lexicon) -> None:
    assert lexicon.cut([]) == []
    assert lexicon.cut(["", "好", ""]) == [[], ["好"], []]


def test_a_very_long_text_is_cut(lexicon: Lexicon) -> None:
    words = lexicon.cut(["提前还款" * 5_000])[0]
    assert words == ["提前还款"] * 5_000


@pytest.mark.parametrize(("said", "heard"), [("还贷", "缓带"), ("授信", "受信"), ("贷款", "带款"), ("利率", "力率")])
def test_homophones_have_the_same_syllables(lexicon: Lexicon, said: str, heard: str) -> None:
    assert [lexicon.readings[c] for c in said] == [lexicon.readings[c] for c in heard]


@pytest.mark.parametrize(("one", "other"), [("之", "资"), ("吃", "词"), ("是", "四"), ("音", "英"), ("身", "生")])
def test_sounds_that_are_often_confused_are_one(lexicon: Lexicon, one: str, other: str) -> None:
    assert lexicon.readings[one] == lexicon.readings[other]
