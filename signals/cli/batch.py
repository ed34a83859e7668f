"""`signals batch`."""

from __future__ import annotations

import time
from collections.abc import Sequence

import typer

from signals.batch import PAGE, WORKBOOK, Batch, Failure, Plan, Result, watch
from signals.batch.run import EngineLoader, load
from signals.cli.run import ProgressWatcher
from signals.domain.closing import WindowOutcome
from signals.domain.errors import BatchError
from signals.settings import Settings

SOME_FAILED = 3
"""Exit code of a run that came to its end and left something undone."""
LOOK = 10.0
"""Seconds between two looks into a watched folder; a file that is the same at both has stopped growing."""


def batch(plan: Plan, settings: Settings, *, stay: bool, load: EngineLoader = load) -> None:
    """Analyses the folder with a progress bar and tells what became of it. Exits with `SOME_FAILED` where some failed."""
    if stay:
        _watch(plan, settings, load)
        return
    with ProgressWatcher() as watcher:
        work = Batch(plan, settings, watcher, load)
        with work.alone():
            result = work.round()
    tell(result, plan)
    if result.failures:
        raise typer.Exit(SOME_FAILED)


def _watch(plan: Plan, settings: Settings, load: EngineLoader) -> None:
    typer.echo(f"正在留意“{plan.folder}”，新文件不再变大后就分析；按 Ctrl-C 结束。", err=True)

    def told(heard: Result | BatchError) -> None:
        watcher.rest()
        if isinstance(heard, BatchError):
            typer.echo(f"错误：{heard.message}\n办法：{heard.remedy}", err=True)
        else:
            tell(heard, plan)

    with ProgressWatcher() as watcher:
        work = Batch(plan, settings, watcher, load)
        with work.alone():
            try:
                watch(work, told, lambda: time.sleep(LOOK))
            except KeyboardInterrupt:
                typer.echo("\n已停止。没有做完的文件，再次运行同一命令即可继续。", err=True)


def tell(result: Result, plan: Plan) -> None:
    """What is new, what was missed, and a table of what failed, why, and what to do."""
    missed = sum(e.meeting.count(WindowOutcome.MISSED) > 0 for e in result.entries)
    typer.echo(
        f"\n共 {len(result.entries)} 场会谈：新分析 {result.new}，以前分析过 {result.known}，失败 {len(result.failures)}，"
        f"有意略过 {len(result.passed_over)}。{missed} 场有错过的成交时机。"
    )
    _table("没有完成", result.failures)
    _table("有意略过", result.passed_over)
    typer.echo(f"汇总页：{(plan.output / PAGE).resolve()}\n汇总表：{(plan.output / WORKBOOK).resolve()}")


def _table(title: str, rows: Sequence[Failure]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("文件", "原因", "办法"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(Text(row.name), Text(row.message), Text(row.remedy))
    Console().print(table)
