"""Tagger models on disk: skops files of plain arrays, the same bytes for the same model, and no code inside."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.domain.errors import ModelError
from signals.tagging.linear import LinearModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that tagging and roles need, as one file."""

    version: str
    """Names the corpus and features it was learnt from."""
    terms: tuple[str, ...]
    """The words of the trade that jieba was given at training; prediction must use the same."""
    customer: LinearModel
    manager: LinearModel
    roles: LinearModel


def save(bundle: Bundle, path: Path) -> None:
    """Writes atomically."""
    import skops.io

    plain = {
        "format": FORMAT,
        "version": bundle.version,
        "terms": "\n".join(bundle.terms),
        **{name: _plain(getattr(bundle, name)) for name in ("customer", "manager", "roles")},
    }
    temporary = path.with_name(path.name + ".partial")
    temporary.write_bytes(_canonical(skops.io.dumps(plain)))
    temporary.replace(path)


def load(path: Path) -> Bundle:
    """Raises `ModelError` when the file is missing, damaged, of another format or holds anything but plain data."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        plain = skops.io.load(path, trusted=[])
        if plain["format"] != FORMAT:
            raise ModelError("wrong_format", "分类模型的格式与程序版本不符", "请用 signals train 重新训练")
        return Bundle(
            version=plain["version"],
            terms=tuple(plain["terms"].split("\n")) if plain["terms"] else (),
            **{name: _model(plain[name]) for name in ("customer", "manager", "roles")},
        )
    except FileNotFoundError:
        raise ModelError("no_tagger", "缺少分类模型 tagger.skops", "请重新安装本程序，或运行 signals train") from None
    except UntrustedTypesFoundException:
        raise ModelError("untrusted", "分类模型文件含有不可信的内容，已拒绝加载", "请从可信来源重新取得模型") from None
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, OSError):
        raise ModelError("damaged", "分类模型文件已损坏", "请重新安装本程序，或运行 signals train") from None


def _plain(model: LinearModel) -> dict[str, Any]:
    return {
        "labels": "\n".join(model.labels),
        "vocabulary": "\n".join(model.vocabulary),
        "weights": _rounded(model.weights),
        "idf": model.idf,
        "bias": model.bias,
        "slope": model.slope,
        "offset": model.offset,
    }


def _model(plain: dict[str, Any]) -> LinearModel:
    import numpy as np

    return LinearModel(
        labels=tuple(plain["labels"].split("\n")),
        vocabulary=tuple(plain["vocabulary"].split("\n")),
        idf=plain["idf"],
        weights=np.asarray(plain["weights"], dtype=np.float32),
        bias=plain["bias"],
        slope=plain["slope"],
        offset=plain["offset"],
    )


def _rounded(weights: NDArray[np.float32]) -> NDArray[np.float16]:
    """Half precision: a tenth of a percent of a weight is far below what it means, and the file is half as large."""
    import numpy as np

    return weights.astype(np.float16)


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
