"""What all verbs share: settings, errors in Chinese, and a bar that says how far the work is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from signals.alongside import ENOUGH_CORES
from signals.domain.errors import SignalsError
from signals.domain.machine import cores
from signals.settings import Settings

STAGE_NAMES = {
    "audio": "读取录音",
    "asr": "语音识别",
    "wording": "校正用词和数字",
    "speakers": "区分说话人",
    "transcripts": "读取文字稿",
    "tagging": "识别信号",
    "closing": "判断成交时机",
    "report": "生成报告",
}
_SHARE = {"audio": 0.02, "asr": 0.86, "wording": 0.0, "speakers": 0.1, "tagging": 0.01, "closing": 0.0, "report": 0.01}
"""Of the time of a whole run, as measured with the starter model on a CPU."""
_SHARE_ALONGSIDE = {**_SHARE, "asr": _SHARE["asr"] + _SHARE["speakers"] - 0.01, "speakers": 0.01}
"""Where speakers are told apart while words are recognised."""


_LONGEST = 18
"""Characters of a file's name beside the bar; its end tells more than its beginning."""


def settings_with(*, model: str = "", device: str = "", work_dir: Path | None = None) -> Settings:
    """Settings from the environment, overruled by what the command line gave."""
    given: dict[str, Any] = {"model": model, "device": device, "work_dir": work_dir}
    return Settings(**{k: v for k, v in given.items() if v})


@contextmanager
def guarded() -> Iterator[None]:
    """Turns errors of the tree into one Chinese message and exit code 1, Ctrl-C into 130. Anything else is a fault of ours."""
    try:
        yield
    except SignalsError as error:
        typer.echo(f"错误：{error.message}", err=True)
        if error.remedy:
            typer.echo(f"办法：{error.remedy}", err=True)
        raise typer.Exit(1) from None
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        typer.echo("\n已取消。已完成的步骤会保留，再次运行同一命令即可继续。", err=True)
        raise typer.Exit(130) from None
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except Exception as error:
        if os.environ.get("SIGNALS_DEBUG"):
            raise
        typer.echo(f"程序内部错误（{type(error).__name__}），很抱歉。", err=True)
        typer.echo("办法：用环境变量 SIGNALS_DEBUG=1 再运行一次，把输出发给维护人员（其中不含会谈内容）。", err=True)
        raise typer.Exit(70) from None


class ProgressWatcher:
    """A bar over all stages with the stage's name, percent and time left, on stderr. A plain line a stage when piped."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=36),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task("准备", total=1.0, left="")
        self._began = time.monotonic()
        self._before = 0.0
        self._share = 0.0
        self._whole = 0.0
        self._behind, self._part, self._named = 0.0, 1.0, ""
        self.shares = _SHARE_ALONGSIDE if cores() >= ENOUGH_CORES else _SHARE
        """Of the whole time by stage, in the order of the stages."""

    def __enter__(self) -> ProgressWatcher:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()

    def rest(self) -> None:
        """Takes the bar away until the next file."""
        self._progress.stop()

    def file(self, number: int, of: int, name: str, done: float, share: float) -> None:
        """The stages that follow are about one file of many. `done` and `share` 0..1 of all work: behind, and this file's."""
        self._behind, self._part, self._before, self._share = done, share, 0.0, 0.0
        self._named = f"第 {number}/{of} 个 {name if len(name) <= _LONGEST else '…' + name[-_LONGEST:]} · "
        if number == 1:
            self._began = time.monotonic()
        if self._console.is_terminal:
            self._progress.start()
        else:
            self._console.print(f"第 {number}/{of} 个：{name}", highlight=False, markup=False)

    def stage(self, name: str) -> None:
        self._before += self._share
        self._share = self.shares.get(name, 0.0)
        shown = STAGE_NAMES.get(name, name)
        from rich.markup import escape

        if self._console.is_terminal:
            self._progress.update(self._task, description=escape(self._named) + shown)
        else:
            self._console.print(f"{shown}…", highlight=False)
        self.progress(0.0)

    def progress(self, done: float) -> None:
        self._whole = min(1.0, self._behind + self._part * min(1.0, self._before + self._share * done))
        left = self.seconds_left
        shown = "正在估算剩余时间" if left is None else f"约剩 {_minutes(left)}"
        self._progress.update(self._task, completed=self._whole, left=shown)

    @property
    def seconds_left(self) -> float | None:
        """Until all is done, as far as the speed up to now tells; None as long as it tells nothing."""
        elapsed = time.monotonic() - self._began
        return elapsed / self._whole * (1 - self._whole) if self._whole > 0.04 and elapsed > 3 else None


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} 秒" if seconds < 90 else f"{seconds / 60:.0f} 分钟"


def clock(seconds: float) -> str:
    """1:02:03 or 02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
