"""The model file: what is written is read back, and nothing else is taken for a model."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from signals.domain.errors import ModelError, OutputError
from signals.domain.tags import Utterance
from signals.resources import models_dir
from signals.tagging import store
from signals.tagging.features import Featurizer
from signals.tagging.lexicon import Lexicon
from signals.tagging.linear import LinearModel
from signals.tagging.meaning import MeaningModel
from signals.tagging.store import Bundle, load, save


def model(*labels: str) -> LinearModel:
    vocabulary = ("c:利", "w:^ 利率", "y:li lv")
    return LinearModel(
        labels=labels,
        vocabulary=vocabulary,
        idf=np.array([1.5, 2.0, 1.0], np.float32),
        weights=np.arange(3 * len(labels)).reshape(3, -1).astype(np.float32),
        bias=np.full(len(labels), -1.0, np.float32),
        slope=np.ones(len(labels), np.float32),
        offset=np.zeros(len(labels), np.float32),
        thresholds=np.full(len(labels), 0.25, np.float32),
    )


def meaning(*labels: str) -> MeaningModel:
    by_label = (np.arange(4 * len(labels)).reshape(4, -1) / 3).astype(np.float32)
    weights = (np.arange(5 * len(labels)).reshape(5, -1) / 7).astype(np.float32)
    return MeaningModel(labels, weights, *by_label)


BUNDLE = Bundle(
    version="abc123",
    lexicon=Lexicon("利率\n提前\n", np.array([5, 7], np.int32), 100, "利率", ("li", "lv")),
    customer=model("rate_cut", "interest"),
    manager=model("q_open"),
    roles=model("manager"),
    meaning={"customer": meaning("rate_cut", "interest"), "manager": meaning("q_open")},
    encoder="def456",
)
WORDS_ALONE = replace(BUNDLE, meaning={}, encoder="")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(BUNDLE, tmp_path / "tagger.skops")
    return tmp_path / "tagger.skops"


def assert_same(one: Bundle, other: Bundle) -> None:
    assert (one.version, one.encoder) == (other.version, other.encoder)
    assert (one.lexicon.frequencies == other.lexicon.frequencies).all()
    assert replace(one.lexicon, frequencies=other.lexicon.frequencies) == other.lexicon
    for name in ("customer", "manager", "roles"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a.labels, a.vocabulary) == (b.labels, b.vocabulary)
        assert_same_arrays(a, b, "idf", "weights", "bias", "slope", "offset", "thresholds")
    assert one.meaning.keys() == other.meaning.keys()
    for role in one.meaning:
        assert one.meaning[role].labels == other.meaning[role].labels
        arrays = ("weights", "bias", "heed_words", "heed_meaning", "offset")
        assert_same_arrays(one.meaning[role], other.meaning[role], *arrays)


def assert_same_arrays(one: object, other: object, *names: str) -> None:
    for name in names:
        assert getattr(one, name).dtype == getattr(other, name).dtype == np.float32
        assert (getattr(one, name) == getattr(other, name)).all()


def refused(path: Path, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        load(path)
    assert caught.value.code == code
    assert caught.value.remedy


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """The same file with another content, written by skops itself."""
    plain = skops.io.load(path, trusted=[])
    change(plain)
    path.write_bytes(skops.io.dumps(plain))


@pytest.mark.parametrize("bundle", [BUNDLE, WORDS_ALONE], ids=["with meaning", "words alone"])
def test_what_was_saved_is_loaded(bundle: Bundle, tmp_path: Path) -> None:
    save(bundle, tmp_path / "tagger.skops")
    assert_same(load(tmp_path / "tagger.skops"), bundle)


@pytest.mark.parametrize("bundle", [BUNDLE, WORDS_ALONE], ids=["with meaning", "words alone"])
def test_saving_again_gives_the_same_bytes_and_leaves_nothing_else(bundle: Bundle, tmp_path: Path) -> None:
    path, again = tmp_path / "tagger.skops", tmp_path / "again.skops"
    save(bundle, path)
    save(load(path), again)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(tmp_path.iterdir()) == [again, path]


@pytest.mark.parametrize("shipped", [False, True])
def test_reading_gives_what_skops_reads(path: Path, shipped: bool) -> None:
    file = models_dir() / "tagger.skops" if shipped else path
    ours, theirs = store._read(file), skops.io.load(file, trusted=[])

    def assert_equal(a: Any, b: Any) -> None:
        assert type(a) is type(b)
        if isinstance(a, dict):
            assert a.keys() == b.keys()
            for key, inner in a.items():
                assert_equal(inner, b[key])
        elif isinstance(a, np.ndarray):
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)
        else:
            assert a == b

    assert_equal(ours, theirs)


def test_the_shipped_file_is_written_in_our_own_order() -> None:
    """Reading and saving it gives the same bytes: no date, no memory address, nothing that comes out differently."""
    shipped = (models_dir() / "tagger.skops").read_bytes()
    assert store._canonical(shipped) == shipped


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    refused(tmp_path / "tagger.skops", "no_tagger")


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    refused(tmp_path, "damaged")


def test_another_format_is_refused(path: Path) -> None:
    rewritten(path, lambda plain: plain.update(format=99))
    refused(path, "wrong_format")


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("customer"),
        lambda plain: plain["customer"].update(labels="rate_cut"),
        lambda plain: plain["customer"].update(weights=np.zeros((2, 2), np.float16)),
        lambda plain: plain["customer"].update(bias=np.zeros(3, np.float32)),
        lambda plain: plain["manager"].update(idf=np.zeros(9, np.float32)),
        lambda plain: plain["manager"].update(vocabulary=7),
        lambda plain: plain["lexicon"].update(frequencies=np.zeros(1, np.int32)),
        lambda plain: plain["lexicon"].update(characters="利"),
        lambda plain: plain.update(roles=3),
        lambda plain: plain["roles"].pop("thresholds"),
        lambda plain: plain["customer"].update(thresholds=np.zeros(1, np.float32)),
        lambda plain: plain.pop("meaning"),
        lambda plain: plain.update(meaning=3),
        lambda plain: plain.update(meaning={}),
        lambda plain: plain.pop("encoder"),
        lambda plain: plain.update(encoder=""),
        lambda plain: plain["meaning"].update(nobody=plain["meaning"]["customer"]),
        lambda plain: plain["meaning"].update(roles=plain["meaning"]["manager"]),
        lambda plain: plain["meaning"].update(customer=plain["meaning"]["manager"]),
        lambda plain: plain["meaning"].update(customer="利率"),
        lambda plain: plain["meaning"]["customer"].pop("heed_words"),
        lambda plain: plain["meaning"]["customer"].update(weights=np.zeros(2, np.float32)),
        lambda plain: plain["meaning"]["customer"].update(weights=np.zeros((5, 3), np.float32)),
        lambda plain: plain["meaning"]["customer"].update(heed_meaning=np.zeros(1, np.float32)),
        lambda plain: plain["meaning"]["manager"].update(offset=np.zeros((1, 1), np.float32)),
        lambda plain: plain.update(lexicon="词"),
    ],
)
def test_parts_that_do_not_fit_together_are_damage(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    rewritten(path, change)
    refused(path, "damaged")


@pytest.mark.parametrize(
    "inside",
    [LogisticRegression(), os.system, np.array([{}], object), {"x": (1, 2)}, b"bytes"],
    ids=["an estimator", "a function", "objects", "a tuple", "bytes"],
)
def test_anything_but_plain_data_is_refused_as_not_trusted(path: Path, inside: object) -> None:
    rewritten(path, lambda plain: plain.update(version=inside))
    refused(path, "untrusted")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.mkdir, (str(tmp_path / "sprung"),))

    (tmp_path / "tagger.skops").write_bytes(pickle.dumps(Trap()))
    refused(tmp_path / "tagger.skops", "damaged")
    assert not (tmp_path / "sprung").exists()


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    """As skops would not write it: an .npy with a pickle inside, called plain."""
    sink = io.BytesIO()
    np.save(sink, np.array([{}], object), allow_pickle=True)
    node = {"__loader__": "NdArrayNode", "__module__": "numpy", "__class__": "ndarray", "type": "numpy", "file": "a"}
    zipped(tmp_path / "tagger.skops", node, sink.getvalue())
    refused(tmp_path / "tagger.skops", "damaged")


def test_a_header_that_promises_more_than_there_is_is_damage(tmp_path: Path) -> None:
    sink = io.BytesIO()
    np.lib.format.write_array_header_1_0(sink, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    node = {"__loader__": "NdArrayNode", "__module__": "numpy", "__class__": "ndarray", "type": "numpy", "file": "a"}
    zipped(tmp_path / "tagger.skops", node, sink.getvalue())
    refused(tmp_path / "tagger.skops", "damaged")


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LARGEST", 1000)
    zipped(tmp_path / "tagger.skops", {}, bytes(2000))
    refused(tmp_path / "tagger.skops", "damaged")


def test_deeply_nested_content_is_damage(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "tagger.skops", "w") as archive:
        archive.writestr("schema.json", "[" * 100_000)
    refused(tmp_path / "tagger.skops", "damaged")


def zipped(path: Path, node: Mapping[str, object], array: bytes) -> None:
    content = {"format": node}
    root = {"__loader__": "DictNode", "__module__": "builtins", "__class__": "dict", "content": content}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps(root))
        archive.writestr("a", array)


@given(data=st.data())
def test_a_file_with_wrong_bytes_is_an_error_or_still_the_same_model(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damage") / "tagger.skops"
    save(BUNDLE, path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans(), "cut off"):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    for _ in range(data.draw(st.integers(0, 3), "bytes changed")):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(ModelError):
        assert_same(load(path), BUNDLE)


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        save(BUNDLE, tmp_path / "missing" / "tagger.skops")


def test_a_loaded_model_predicts_what_the_saved_one_predicts(path: Path) -> None:
    utterances = [Utterance("利率多少", "customer"), Utterance("天气", "customer")]
    before = BUNDLE.customer.probabilities(Featurizer(BUNDLE.lexicon), utterances)
    loaded = load(path)
    after = loaded.customer.probabilities(Featurizer(loaded.lexicon), utterances)
    assert (before == after).all()
    assert before[0, 1] > before[1, 1]
