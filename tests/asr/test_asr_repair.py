"""Words of the trade that were heard with other characters of the same sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.api import load_catalogue, load_rewriter, load_tagger
from signals.asr.repair import HomophoneRepairer
from signals.asr.sound import distance, read_term, readings
from signals.asr.wording import TranscriptRewriter
from signals.resources import corpus_dir

FREQUENCIES = {"见面": 900, "我们": 9000, "一带": 80, "款式": 300, "利率": 200, "的": 90000, "办": 900, "在": 50000}


@pytest.fixture(scope="module")
def shipped() -> HomophoneRepairer:
    """With the dictionary and the glossary that ship."""
    rewriter = load_rewriter(load_tagger())
    assert isinstance(rewriter, TranscriptRewriter)
    return rewriter.load()


def repaired(repairer: HomophoneRepairer, text: str) -> str:
    for found in reversed(repairer.find(text)):
        text = text[: found.start] + found.term + text[found.end :]
    return text


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("这笔带款什么时候批", "这笔贷款什么时候批"),
        ("综合受信额度有多少", "综合授信额度有多少"),
        ("收不收为约金", "收不收违约金"),
        ("应收账款之押可以做吗", "应收账款质押可以做吗"),
        ("开一张银行成对汇票", "开一张银行承兑汇票"),
        ("远期结收会怎么做", "远期结售汇怎么做"),
        ("程队会票贴线率多少", "承兑汇票贴现率多少"),
        ("要联待责任保证", "要连带责任保证"),
        ("和童里面怎么写", "合同里面怎么写"),
    ],
)
def test_what_sounds_like_a_term_and_is_no_word_is_put_right(shipped: HomophoneRepairer, heard: str, said: str) -> None:
    assert repaired(shipped, heard) == said


@pytest.mark.parametrize(
    "text",
    [
        "我们明天见面",
        "他收信了没有",
        "这个天线不好",
        "受限于总量",
        "一带一路的项目",
        "一带款式很多",
        "吃苹果",
        "在线接流水",
        "包里有一份",
        "",
    ],
)
def test_a_known_word_is_never_touched_whatever_it_sounds_like(shipped: HomophoneRepairer, text: str) -> None:
    assert repaired(shipped, text) == text


def test_every_term_stays_as_it_is(shipped: HomophoneRepairer) -> None:
    for term in load_catalogue().terms:
        for word in (term.text, *term.aliases):
            assert repaired(shipped, word) == word


def test_text_as_people_write_it_is_seldom_touched(shipped: HomophoneRepairer) -> None:
    """Of the corpus's lone utterances, which are written without mishearings, fewer than 4 in a thousand."""
    files = [f for part in ("customers", "managers") for f in sorted((corpus_dir() / part).glob("*.jsonl"))]
    texts = [json.loads(x)["text"] for f in files for x in _lines(f)]
    touched = [t for t in texts if shipped.find(t)]
    assert len(texts) > 10_000
    assert len(touched) < 0.004 * len(texts)


def _lines(path: Path) -> list[str]:
    return [x for x in path.read_text(encoding="utf-8").splitlines() if x.strip()]


def test_of_terms_that_sound_alike_the_one_with_the_same_tones_is_taken() -> None:
    repairer = HomophoneRepairer(FREQUENCIES, 1_000_000, ("账期", "展期"))
    assert repaired(repairer, "帐气") == "账期"
    assert repaired(repairer, "斩期") == "展期"


def test_other_tones_make_a_repair_dearer() -> None:
    repairer = HomophoneRepairer(dict.fromkeys("待呆款宽", 3000), 1_000_000, ("贷款",))
    assert repaired(repairer, "待款") == "贷款"
    assert repaired(repairer, "呆宽") == "呆宽"


@given(text=st.text(st.sampled_from("带贷款利力率会汇收受信授见面的在办我们abc，。 1"), max_size=20))
def test_repairs_keep_the_length_and_settle_at_once(shipped: HomophoneRepairer, text: str) -> None:
    once = repaired(shipped, text)
    assert len(once) == len(text)
    assert all(r.term in shipped.terms for r in shipped.find(text))
    assert repaired(shipped, once) == once


def test_sounds_are_compared_by_syllable_and_tone() -> None:
    assert distance([readings("贷"), readings("款")], read_term("贷款")) == 0
    assert distance([readings("呆"), readings("款")], read_term("贷款")) == 1
    assert distance([readings("资")], read_term("知")) == 1
    assert {r.syllable for r in readings("行")} == {"hang", "xing"}
    assert [r.loose for r in read_term("抵账")] == ["di", "zan"]
