"""`signals analyze`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import typer

from signals.api import load_catalogue, run, write_reports
from signals.cli.run import ProgressWatcher, clock
from signals.domain.catalogue import Catalogue
from signals.domain.closing import Verdict, WindowOutcome
from signals.domain.conversation import Role
from signals.domain.errors import SignalsError
from signals.domain.report import Report
from signals.pipeline import Request
from signals.settings import Settings

VERDICTS = {
    Verdict.PROPOSE_NOW: "现在就可以提出成交建议",
    Verdict.TAKEN: "已及时提出成交建议",
    Verdict.MISSED: "错过了成交时机",
    Verdict.NOT_YET: "时机未到",
}
_OUTCOMES = {WindowOutcome.TAKEN: "已把握", WindowOutcome.MISSED: "错过", WindowOutcome.OPEN: "仍然敞开"}
_ROLES = {Role.MANAGER: "客户经理", Role.CUSTOMER: "客户", Role.UNKNOWN: "未知"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line gave."""

    file: Path
    output: Path
    speakers: str
    manager: tuple[str, ...]
    manager_channel: int | None
    names: tuple[str, ...]
    title: str
    audio: bool
    fresh: bool


def analyze(options: Options, settings: Settings) -> None:
    """Runs the pipeline with a progress bar, writes the reports and prints a summary."""
    stages = options.output / "stages"
    if options.fresh:
        shutil.rmtree(stages, ignore_errors=True)
    request = Request(
        path=options.file,
        speakers=_number(options.speakers),
        manager_speakers=options.manager,
        manager_channel=options.manager_channel,
        names=tuple(_pair(x) for x in options.names),
        title=options.title,
        work_dir=settings.work_dir,
        keep=stages,
    )
    with ProgressWatcher() as watcher:
        report = run(request, settings, watcher)
        watcher.stage("report")
        written = write_reports(report, options.file, options.output, with_audio=options.audio)
    summarise(report, load_catalogue())
    typer.echo(f"\n报告：{written[0].resolve()}")


def summarise(report: Report, catalogue: Catalogue) -> None:
    """The report in a few lines on the screen."""
    typer.echo(f"\n【{report.title}】{clock(report.conversation.duration)}")
    for share in report.talk.speakers:
        typer.echo(f"  {_ROLES[share.role]}（{share.speaker}）说话 {share.share:.0%}，共 {share.turns} 段")
    signals = [h for h in report.hits if catalogue.label(h.label).is_signal]
    typer.echo(f"\n购买信号 {len(signals)} 处：")
    for hit in signals:
        typer.echo(f"  {clock(hit.start)} {catalogue.label(hit.label).name}（{hit.score:.2f}） “{hit.quote}”")
    closing = report.closing
    typer.echo(f"\n结论：{VERDICTS[closing.verdict]}。{closing.reason}")
    for window in closing.windows:
        strategy = next(s for s in catalogue.strategies if s.id == window.advice.strategy)
        typer.echo(
            f"  成交时机 {clock(window.start)}–{clock(window.end)}（{_OUTCOMES[window.outcome]}），"
            f"建议策略：{strategy.name}\n    可以这样说：“{window.advice.line}”"
        )
    for warning in report.warnings:
        typer.echo(f"注意：{warning.message}")


def _pair(given: str) -> tuple[str, str]:
    speaker, _, name = given.partition("=")
    if speaker.strip() and name.strip():
        return speaker.strip(), name.strip()
    raise SignalsError("bad_name", f"--name 的取值“{given}”有误", "请写成 说话人=称呼，如 SPEAKER_01=王总")


def _number(speakers: str) -> int | None:
    if speakers == "auto":
        return None
    if speakers.isdigit() and int(speakers) > 0:
        return int(speakers)
    raise SignalsError("bad_speakers", f"--speakers 的取值“{speakers}”有误", "请填人数（如 2）或 auto")
