"""Starting a child process for one order and listening to it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from signals.domain.errors import JobError, SignalsError
from signals.settings import Settings

CHILD: tuple[str, ...] = (sys.executable, "-m", "signals.jobs.child")
_LOOK = 1.0
"""Seconds between two looks whether the user wants to stop, while the child says nothing."""
_LONGEST_NAME = 120
Tell = Callable[[str, float], None]
"""Receives stage and its progress 0..1, also when nothing is new. May raise to stop the child."""


def work(command: Sequence[str], order: dict[str, Any], tell: Tell) -> Any:
    """Gives the order to a new child and returns what it answers.

    Raises `SignalsError` as the child tells it, `JobError` "crashed" when it dies without a word, and whatever `tell`
    raises, after the child has been ended.
    """
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdin is not None  # noqa: S101 both are pipes
    try:
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.flush()
        return _listen(child, tell)
    except BrokenPipeError:
        raise _crashed() from None
    finally:
        child.kill()
        child.stdin.close()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _listen(child: subprocess.Popen[bytes], tell: Tell) -> Any:
    lines: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_read, args=(child, lines), daemon=True).start()
    stage, done = "", 0.0
    while True:
        try:
            line = lines.get(timeout=_LOOK)
        except queue.Empty:
            tell(stage, done)
            continue
        if line is None:
            raise _crashed()
        said = json.loads(line)
        if "error" in said:
            raise SignalsError(**said["error"])
        if "done" in said:
            return said["done"]
        stage, done = said.get("stage", stage), said.get("progress", 0.0 if "stage" in said else done)
        tell(stage, done)


def _read(child: subprocess.Popen[bytes], lines: queue.Queue[bytes | None]) -> None:
    assert child.stdout is not None  # noqa: S101 it is a pipe
    try:
        for line in child.stdout:
            lines.put(line)
    except ValueError:
        return  # closed by `work`, which is done
    lines.put(None)


def _crashed() -> JobError:
    return JobError(
        "crashed",
        "处理这份文件的进程意外退出，文件可能已损坏",
        "请用播放器确认录音能正常播放，重新导出后再上传；也可以点“重试”",
    )


def inspect(command: Sequence[str], path: Path) -> tuple[str, float | None]:
    """What an uploaded file is by its content: "recording" or "transcript", and seconds where known.

    Raises `SignalsError` for a file that is neither.
    """
    answer = work(command, {"work": "inspect", "path": str(path)}, lambda _, __: None)
    return answer["kind"], answer["duration"]


def engine_settings(settings: Settings) -> dict[str, Any]:
    """The settings that a child needs, as JSON values; no password among them."""
    return settings.model_dump(mode="json", include={"model", "model_store", "device", "threads", "offline"})


def safe_name(name: str) -> str:
    """A user's file name as a name inside a folder of ours: what it is called stays, where it leads does not."""
    tail = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in tail if c.isprintable()).strip().lstrip(".")
    while len(kept.encode()) > _LONGEST_NAME:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[:-1]}{dot}{suffix}" if stem and len(suffix) < 10 else kept[:-1]
    return kept.strip() or "upload"
