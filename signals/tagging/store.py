"""Tagger models on disk: skops files of plain arrays and text, the same bytes for the same model, and no code inside.

`save` writes them with skops and `skops.io.load(path, trusted=[])` reads them. `load` reads the same file without skops,
which would first import scikit-learn for seconds; it knows dictionaries, JSON values and plain arrays and nothing else.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signals.domain.errors import ModelError, OutputError
from signals.tagging.lexicon import Lexicon
from signals.tagging.linear import LinearModel
from signals.tagging.meaning import MeaningModel

FORMAT = 3
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 1 << 29
"""Bytes that a model file may unpack to."""
_MODELS = ("customer", "manager", "roles")
_BY_LABEL = ("bias", "slope", "offset", "thresholds")
_MEANING_BY_LABEL = ("bias", "heed_words", "heed_meaning", "offset")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that tagging and roles need, as one file."""

    version: str
    """Names the corpus and features it was learnt from."""
    lexicon: Lexicon
    """What words and syllables were at training."""
    customer: LinearModel
    manager: LinearModel
    roles: LinearModel
    meaning: Mapping[str, MeaningModel] = field(default_factory=dict)
    """By role what is joined with its word model; empty where no encoder was there at training."""
    encoder: str = ""
    """Version of the encoder whose vectors `meaning` weighs."""


def save(bundle: Bundle, path: Path) -> None:
    """Writes atomically. Raises `OutputError`."""
    import skops.io

    plain = {
        "format": FORMAT,
        "version": bundle.version,
        "lexicon": _plain_lexicon(bundle.lexicon),
        **{name: _plain_model(getattr(bundle, name)) for name in _MODELS},
        "encoder": bundle.encoder,
        "meaning": {role: _plain_meaning(model) for role, model in bundle.meaning.items()},
    }
    content = _canonical(skops.io.dumps(plain))
    temporary = path.with_name(path.name + ".partial")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise OutputError("cannot_write", f"无法写入分类模型 {path}", "请检查文件夹权限和磁盘空间") from None


def load(path: Path) -> Bundle:
    """Raises `ModelError` when the file is missing, damaged, of another format or holds anything but plain data."""
    try:
        plain = _read(path)
        if plain["format"] != FORMAT:
            raise ModelError("wrong_format", "分类模型的格式与程序版本不符", "请用 signals train 重新训练")
        models = {name: _model(plain[name]) for name in _MODELS}
        meaning = {role: _meaning(part, models[role].labels) for role, part in plain["meaning"].items()}
        _check(meaning.keys() <= {"customer", "manager"})
        _check(bool(meaning) == bool(plain["encoder"]))
        return Bundle(
            version=str(plain["version"]),
            lexicon=_lexicon(plain["lexicon"]),
            meaning=meaning,
            encoder=str(plain["encoder"]),
            **models,
        )
    except FileNotFoundError:
        raise ModelError("no_tagger", "缺少分类模型 tagger.skops", "请重新安装本程序，或运行 signals train") from None
    except PermissionError:
        raise ModelError("unreadable", f"没有权限读取分类模型 {path}", "请检查文件权限") from None
    except _DAMAGE:
        raise ModelError("damaged", "分类模型文件已损坏", "请重新安装本程序，或运行 signals train") from None


_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a file that is no model can raise."""


def _plain_lexicon(lexicon: Lexicon) -> dict[str, Any]:
    return {
        "words": _as_bytes(lexicon.words),
        "frequencies": lexicon.frequencies,
        "total": lexicon.total,
        "characters": lexicon.characters,
        "syllables": " ".join(lexicon.syllables),
    }


def _lexicon(plain: dict[str, Any]) -> Lexicon:
    lexicon = Lexicon(
        words=_as_text(plain["words"]),
        frequencies=plain["frequencies"],
        total=int(plain["total"]),
        characters=plain["characters"],
        syllables=tuple(plain["syllables"].split(" ")) if plain["syllables"] else (),
    )
    _check(lexicon.frequencies.shape == (lexicon.words.count("\n"),))
    _check(len(lexicon.characters) == len(lexicon.syllables))
    return lexicon


def _plain_model(model: LinearModel) -> dict[str, Any]:
    return {
        "labels": "\n".join(model.labels),
        "vocabulary": _as_bytes("\n".join(model.vocabulary)),
        "weights": _rounded(model.weights),
        "idf": model.idf,
        **{name: getattr(model, name) for name in _BY_LABEL},
    }


def _model(plain: dict[str, Any]) -> LinearModel:
    model = LinearModel(
        labels=tuple(plain["labels"].split("\n")),
        vocabulary=tuple(_as_text(plain["vocabulary"]).split("\n")),
        weights=plain["weights"].astype(np.float32),
        **{name: plain[name] for name in ("idf", *_BY_LABEL)},
    )
    _check(model.weights.shape == (len(model.vocabulary), len(model.labels)))
    _check(model.idf.shape == (len(model.vocabulary),))
    _check(all(getattr(model, name).shape == (len(model.labels),) for name in _BY_LABEL))
    return model


def _plain_meaning(model: MeaningModel) -> dict[str, Any]:
    return {"weights": model.weights, **{name: getattr(model, name) for name in _MEANING_BY_LABEL}}


def _meaning(plain: dict[str, Any], labels: tuple[str, ...]) -> MeaningModel:
    model = MeaningModel(labels=labels, weights=plain["weights"], **{name: plain[name] for name in _MEANING_BY_LABEL})
    _check(model.weights.ndim == 2)
    _check(model.weights.shape[1] == len(labels))
    _check(all(getattr(model, name).shape == (len(labels),) for name in _MEANING_BY_LABEL))
    return model


def _check(fits: bool) -> None:
    if not fits:
        raise ValueError("parts of the model do not fit together")


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _as_text(content: NDArray[np.uint8]) -> str:
    return content.tobytes().decode()


def _rounded(weights: NDArray[np.float32]) -> NDArray[np.float16]:
    """Half precision: a tenth of a percent of a weight is far below what it means, and the file is half as large."""
    return weights.astype(np.float16)


def _read(path: Path) -> Any:
    """What skops wrote, where it is made of dictionaries, JSON values and plain arrays."""
    with zipfile.ZipFile(path) as archive:
        _check(sum(part.file_size for part in archive.infolist()) <= _LARGEST)
        return _value(json.loads(archive.read("schema.json")), archive)


def _value(node: dict[str, Any], archive: zipfile.ZipFile) -> Any:
    kind = (node["__loader__"], node["__module__"], node["__class__"])
    if kind == ("DictNode", "builtins", "dict"):
        return {key: _value(inner, archive) for key, inner in node["content"].items()}
    if kind in (("JsonNode", "builtins", "str"), ("JsonNode", "builtins", "int")):
        return json.loads(node["content"])
    if kind == ("NdArrayNode", "numpy", "ndarray") and node["type"] == "numpy":
        return _array(archive.read(node["file"]))
    raise ModelError("untrusted", "分类模型文件含有不可信的内容，已拒绝加载", "请从可信来源重新取得模型")


def _array(content: bytes) -> NDArray[Any]:
    """An array of numbers from the bytes of an .npy file; read-only."""
    stream = io.BytesIO(content)
    _check(np.lib.format.read_magic(stream) == (1, 0))
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
    _check(dtype.kind in "biuf")
    values = np.frombuffer(content, dtype, math.prod(shape), stream.tell())
    return values.reshape(shape, order="F" if by_column else "C")


def _canonical(archive: bytes) -> bytes:
    """skops names its parts by memory address and stamps them with the time: here they are numbered and undated."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    schema = json.loads(parts.pop("schema.json"))
    numbers: dict[int, int] = {}
    files: dict[str, str] = {}

    def renumber(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                renumber(item)
        elif isinstance(node, dict):
            if "__id__" in node:
                node["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
            if "file" in node:
                name = node["file"]
                node["file"] = files.setdefault(name, f"{len(files):03d}{Path(name).suffix}")
            for key in sorted(node):
                renumber(node[key])

    renumber(schema)
    parts = {files.get(name, name): data for name, data in parts.items()}
    parts["schema.json"] = json.dumps(schema, sort_keys=True).encode()
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as target:
        for name, data in sorted(parts.items()):
            target.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED, 9)
    return sink.getvalue()
