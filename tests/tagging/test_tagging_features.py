"""Features by name and by key."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.tags import Utterance
from signals.resources import corpus_dir
from signals.tagging.batch import find_features
from signals.tagging.corpus import load_corpus
from signals.tagging.features import Families, Featurizer
from signals.tagging.keys import KeyTable, keys_of_names
from signals.tagging.lexicon import Lexicon
from signals.tagging.training import as_utterance

_TEXT = st.text(st.sampled_from("提前还款利率数百分之3% ab。，𠮷é吗的"), max_size=12)
_UTTERANCE = st.builds(Utterance, text=_TEXT, role=st.just("customer"), previous=_TEXT)
_FAMILIES = st.builds(
    Families, words=st.booleans(), characters=st.booleans(), pinyin=st.booleans(), previous=st.booleans()
)


def by_key(featurizer: Featurizer, names: list[str], utterances: list[Utterance]) -> list[Counter[str]]:
    """What the quick way finds of these names in each utterance."""
    rows: list[Counter[str]] = [Counter() for _ in utterances]
    table = KeyTable(keys_of_names(names))
    for found in find_features(featurizer.lexicon, featurizer.families, table, len(names), utterances):
        for row, column, times in zip(found.rows, found.columns, found.times, strict=True):
            assert names[column] not in rows[found.first + row], "each feature once in a row"
            rows[found.first + row][names[column]] = int(times)
    return rows


def test_all_kinds_of_feature_are_there(lexicon: Lexicon) -> None:
    names = Featurizer(lexicon).names([Utterance("能提前还贷吗", "customer", "利率3%")])[0]
    assert {"w:提前还贷", "w:^ 能", "w:吗 $", "w:能 提前还贷", "c:贷", "c:提 前", "c:还 贷 吗", "y:ti qian"} <= set(
        names
    )
    assert {"p:利率", "n:3"} <= set(names)


def test_every_feature_lies_where_its_text_is(lexicon: Lexicon) -> None:
    text = "这笔贷款能不能提前结清一部分"
    for feature in next(iter(Featurizer(lexicon).features([Utterance(text, "customer")]))):
        family, _, units = feature.name.partition(":")
        there = text[feature.start : feature.end]
        if family == "c" or (family == "w" and not set(units) & set("^$")):
            assert there == units.replace(" ", "")
        if family == "y":
            assert [lexicon.readings[c] for c in there] == units.split(" ")
        if family in "np":
            assert feature.start == feature.end == 0


def test_the_words_before_count_once_each(lexicon: Lexicon) -> None:
    names = Featurizer(lexicon).names([Utterance("好", "customer", "利率利率利率")])[0]
    assert names.count("p:利率") == 1


def test_a_family_that_is_not_wanted_is_left_out(lexicon: Lexicon) -> None:
    only = Families(words=False, pinyin=False, previous=False)
    names = Featurizer(lexicon, only).names([Utterance("利率", "customer", "多少")])[0]
    assert sorted(names) == ["c:利", "c:利 率", "c:率", "n:2"]


def test_the_corpus_has_the_same_features_by_name_and_by_key(lexicon: Lexicon) -> None:
    featurizer = Featurizer(lexicon)
    utterances = [as_utterance(r) for r in load_corpus(corpus_dir()).rows[::5]]
    named = [Counter(names) for names in featurizer.names(utterances)]
    vocabulary = sorted(set().union(*named))
    assert len(np.unique(keys_of_names(vocabulary))) == len(vocabulary), "no two names share a key"
    assert by_key(featurizer, vocabulary, utterances) == named


@given(utterances=st.lists(_UTTERANCE, max_size=5), families=_FAMILIES)
def test_any_text_has_the_same_features_by_name_and_by_key(
    lexicon: Lexicon, utterances: list[Utterance], families: Families
) -> None:
    featurizer = Featurizer(lexicon, families)
    named = [Counter(names) for names in featurizer.names(utterances)]
    vocabulary = sorted(set().union(*named)) if named else []
    if vocabulary:
        assert by_key(featurizer, vocabulary, utterances) == named


def test_unknown_features_are_left_out(lexicon: Lexicon) -> None:
    assert by_key(Featurizer(lexicon), ["c:利"], [Utterance("天气", "customer"), Utterance("利利", "customer")]) == [
        Counter(),
        Counter({"c:利": 2}),
    ]


def test_what_is_found_does_not_depend_on_how_many_are_asked_together(lexicon: Lexicon) -> None:
    featurizer = Featurizer(lexicon)
    one = Utterance("提前还款要收违约金吗", "customer", "可以")
    long = Utterance("利率" * 30_000, "customer")
    names = sorted(set(featurizer.names([one])[0]))
    alone = by_key(featurizer, names, [one])[0]
    assert by_key(featurizer, names, [long, one, *[one] * 3_000, long])[1] == alone
    assert by_key(featurizer, names, [long, one, *[one] * 3_000, long])[-2] == alone


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_a_table_finds_every_key_and_no_other(count: int) -> None:
    keys = np.unique(np.random.default_rng(count).integers(1, 2**63, count * 2, dtype=np.uint64))
    inside, outside = keys[::2], keys[1::2]
    table = KeyTable(inside)
    assert (table.find(inside) == np.arange(len(inside))).all()
    assert (table.find(outside) == -1).all()


def test_keys_that_fall_together_are_still_told_apart() -> None:
    """All of them begin at the same slot."""
    keys = np.arange(1, 200, dtype=np.uint64)
    table = KeyTable(keys)
    assert (table.find(keys) == np.arange(199)).all()
    assert table.find(np.array([500], np.uint64))[0] == -1
