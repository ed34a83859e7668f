"""`signals doctor`: what is here, what is missing, and how to get it."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

import typer

import signals
from signals.api import load_catalogue, load_tagger
from signals.asr.model_files import default_store, resolve
from signals.domain.errors import SignalsError
from signals.resources import models_dir
from signals.settings import Settings

_LIBRARIES = (
    "av",
    "faster-whisper",
    "ctranslate2",
    "onnxruntime",
    "kaldi-native-fbank",
    "jieba",
    "scikit-learn",
    "opencc",
)
_LEAST_FREE = 2 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    fine: bool
    detail: str


def doctor() -> None:
    """Prints a line for each thing the program needs; exit code 1 when one is missing."""
    findings = list(examine(Settings()))
    for finding in findings:
        typer.echo(f"{'✓' if finding.fine else '✗'} {finding.what}：{finding.detail}")
    if not all(f.fine for f in findings):
        raise typer.Exit(1)
    typer.echo("一切就绪。")


def examine(settings: Settings) -> Iterator[Finding]:
    """Looks at each part. Nothing is changed and nothing is fetched."""
    yield Finding("程序", True, f"{signals.__version__}，Python {platform.python_version()}，{platform.machine()}")
    for library in _LIBRARIES:
        yield _library(library)
    yield _attempt("目录", lambda: f"{len(load_catalogue().labels)} 个标签")
    yield _attempt("分类模型", lambda: f"版本 {load_tagger().description.split(' thresholds')[0]}")
    voice = models_dir() / "campplus.onnx"
    yield Finding(
        "声纹模型", voice.is_file(), str(voice) if voice.is_file() else "缺少 campplus.onnx，请重新安装本程序"
    )
    yield _attempt("语音模型", lambda: _speech_model(settings))
    yield Finding("运算设备", True, _device())
    free = shutil.disk_usage(settings.work_dir or tempfile.gettempdir()).free
    enough = free >= _LEAST_FREE
    yield Finding(
        "临时空间",
        enough,
        f"剩余 {free / (1 << 30):.1f} GB" + ("" if enough else "，请清理磁盘或设置 SIGNALS_WORK_DIR"),
    )


def _library(name: str) -> Finding:
    try:
        return Finding(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, False, f"没有安装，请运行 pip install {name}")


def _attempt(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except SignalsError as error:
        return Finding(what, False, str(error))


def _speech_model(settings: Settings) -> str:
    model = resolve(settings.model, settings.model_store or default_store())
    return f"{model.name}（{model.path}）"


def _device() -> str:
    import ctranslate2

    gpus = ctranslate2.get_cuda_device_count()
    return f"GPU × {gpus}" if gpus else "CPU"
