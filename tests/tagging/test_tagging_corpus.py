"""The labelled corpus that ships with the source, and the reader of such files."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError
from signals.resources import corpus_dir
from signals.tagging.corpus import HEARD, WAITING, Corpus, Split, check_rows, load_corpus, read_heard, read_rows
from signals.tagging.duplicates import near_duplicates
from signals.tagging.lexicon import Lexicon
from signals.tagging.text import is_blank

GOOD = {
    "id": "c01-0001",
    "writer": "c01",
    "role": "customer",
    "kind": "spoken",
    "text": "利率多少",
    "labels": ["detail_rate"],
}
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
WRITERS = "- {id: c01, voice: plain, how: made up, split: train}\n"


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(corpus_dir())


def test_every_row_has_known_labels_of_its_speaker(corpus: Corpus, catalogue: Catalogue) -> None:
    check_rows(corpus.rows, catalogue)


def test_rows_that_wait_are_as_good_as_the_others_and_belong_to_no_split(corpus: Corpus, catalogue: Catalogue) -> None:
    waiting = [r for path in sorted((corpus_dir() / WAITING).glob("*.jsonl")) for r in read_rows(path)]
    check_rows(waiting, catalogue)
    assert not {r.writer for r in waiting} & {w.id for w in corpus.writers}
    assert len({r.id for r in waiting}) == len(waiting)


def test_every_row_has_its_own_id(corpus: Corpus) -> None:
    assert [i for i, n in Counter(r.id for r in corpus.rows).items() if n > 1] == []


def test_an_id_begins_with_its_writer(corpus: Corpus) -> None:
    assert [r.id for r in corpus.rows if not r.id.startswith(f"{r.writer}-")] == []


def test_no_row_is_blank_or_carries_a_label_twice(corpus: Corpus) -> None:
    assert [r.id for r in corpus.rows if is_blank(r.text) or len(set(r.labels)) < len(r.labels)] == []


def test_every_writer_has_rows_of_one_file_and_is_in_one_split(corpus: Corpus) -> None:
    assert {w.id for w in corpus.writers} == {r.writer for r in corpus.rows}
    for path in corpus_dir().rglob("*.jsonl"):
        if path.parent.name != HEARD:
            assert {r.writer for r in read_rows(path)} == {path.stem}


def test_only_test_rows_were_heard_and_each_is_there(corpus: Corpus) -> None:
    heard = read_heard(corpus_dir())
    assert len(heard) >= 100
    assert set(heard) <= {r.id for r in corpus.part("test")}


def test_a_meeting_is_in_one_split(corpus: Corpus) -> None:
    parts = [{r.meeting for r in corpus.part(split) if r.meeting} for split in SPLITS]
    assert all(parts)
    assert not any(one & other for one, other in combinations(parts, 2))


def test_no_writer_of_one_split_has_a_row_in_another(corpus: Corpus) -> None:
    """Neither the encoder, which learns from the first part, nor the thresholds may have met whom they are judged on."""
    parts = [{r.writer for r in corpus.part(split)} for split in SPLITS]
    assert all(parts)
    assert not any(one & other for one, other in combinations(parts, 2))
    assert sum(len(corpus.part(split)) for split in SPLITS) == len(corpus.rows)
    splits = {w.id: w.split for w in corpus.writers}
    assert all(splits[r.writer] == split for split in SPLITS for r in corpus.part(split))


def test_both_roles_are_learnt_validated_and_examined_on_several_writers(corpus: Corpus) -> None:
    for split in SPLITS:
        for role in ("customer", "manager"):
            assert len({r.writer for r in corpus.part(split) if r.role == role}) >= 2, (split, role)


def test_at_least_half_of_two_thousand_rows_and_more_carry_no_signal(corpus: Corpus, catalogue: Catalogue) -> None:
    bare = sum(not set(r.labels) & set(catalogue.signal_ids) for r in corpus.rows)
    assert len(corpus.rows) >= 2_000
    assert bare >= len(corpus.rows) / 2


@pytest.mark.parametrize(("split", "least"), [("train", 20), ("validation", 10), ("test", 10)])
def test_every_label_is_learnt_weighed_and_examined(
    corpus: Corpus, catalogue: Catalogue, split: Split, least: int
) -> None:
    counts = Counter(label for r in corpus.part(split) for label in r.labels)
    assert {i: counts[i] for x in ("customer", "manager") for i in catalogue.ids(x) if counts[i] < least} == {}


@pytest.mark.parametrize(("one", "other"), [("train", "test"), ("validation", "test"), ("train", "validation")])
def test_nothing_that_a_writer_says_is_nearly_said_by_the_writers_of_another_split(
    corpus: Corpus, lexicon: Lexicon, one: Split, other: Split
) -> None:
    first, second = corpus.part(one), corpus.part(other)
    found = near_duplicates([r.text for r in first], [r.text for r in second], lexicon)
    assert [(first[p.first].id, second[p.second].id) for p in found] == []


def test_nothing_of_the_demo_meeting_was_learnt(corpus: Corpus, lexicon: Lexicon) -> None:
    script = corpus_dir().parent / "samples" / "demo_meeting.jsonl"
    said = [json.loads(line)["text"] for line in script.read_text(encoding="utf-8").splitlines()]
    assert near_duplicates([r.text for r in corpus.rows], said, lexicon) == []


def fault(folder: Path) -> CorpusError:
    with pytest.raises(CorpusError) as caught:
        load_corpus(folder)
    return caught.value


def written(folder: Path, *rows: object, writers: str = WRITERS) -> Path:
    (folder / "writers.yaml").write_text(writers, encoding="utf-8")
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows]
    (folder / "c01.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_good_file_is_read(tmp_path: Path) -> None:
    corpus = load_corpus(written(tmp_path, GOOD, GOOD | {"id": "c01-0002", "labels": [], "previous": "您说"}))
    assert [(r.id, r.labels, r.previous) for r in corpus.rows] == [
        ("c01-0001", ("detail_rate",), ""),
        ("c01-0002", (), "您说"),
    ]
    assert len(corpus.part("train")) == 2
    assert corpus.part("test") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "not json",
        "",
        "[]",
        "[" * 5_000,
        GOOD | {"role": "boss"},
        GOOD | {"text": ""},
        GOOD | {"kind": "sung"},
        GOOD | {"note": "x"},
        {k: v for k, v in GOOD.items() if k != "labels"},
        GOOD | {"writer": "c99"},
    ],
)
def test_a_bad_row_is_named_by_file_and_line_without_its_text(tmp_path: Path, wrong: object) -> None:
    message = str(fault(written(tmp_path, GOOD, wrong)))
    assert "c01.jsonl 第 2 行" in message
    assert "利率多少" not in message


@pytest.mark.parametrize(
    "writers",
    ["", "{}", "- c01", "a: b: c", WRITERS * 2, WRITERS.replace("train", "dev"), "- {id: c01}\n"],
)
def test_bad_writers_are_an_error(tmp_path: Path, writers: str) -> None:
    assert "writers.yaml" in str(fault(written(tmp_path, GOOD, writers=writers)))


def test_a_folder_without_writers_is_an_error(tmp_path: Path) -> None:
    assert "writers.yaml" in str(fault(tmp_path))


def test_a_file_that_is_not_there_or_not_utf8_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="无法读取"):
        list(read_rows(tmp_path / "none.jsonl"))
    (tmp_path / "gbk.jsonl").write_bytes(json.dumps(GOOD, ensure_ascii=False).encode("gbk"))
    with pytest.raises(CorpusError, match="第 1 行"):
        list(read_rows(tmp_path / "gbk.jsonl"))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "bom.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n")
    assert [r.id for r in read_rows(tmp_path / "bom.jsonl")] == ["c01-0001"]


@given(content=st.binary(max_size=60))
def test_any_bytes_are_rows_or_a_corpus_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x.jsonl"
    path.write_bytes(content)
    if content.splitlines():
        with pytest.raises(CorpusError):
            list(read_rows(path))
    else:
        assert list(read_rows(path)) == []
