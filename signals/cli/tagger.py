"""`signals train` and `signals evaluate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from signals.api import load_catalogue, load_encoder, load_tagger
from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError
from signals.resources import catalog_dir, corpus_dir, models_dir
from signals.tagging import plots as pictures
from signals.tagging.build import train_all, write
from signals.tagging.corpus import Row, load_corpus, read_heard, read_rows
from signals.tagging.evaluation import (
    Evaluation,
    GroupResult,
    LabelResult,
    Scored,
    as_heard,
    average_precision,
    calibration_error,
    group_result,
    grouped,
    label_results,
    misheard,
    score_rows,
    summarise,
)
from signals.tagging.homophones import RATE, Homophones
from signals.tagging.tagger import LinearTagger

if TYPE_CHECKING:
    from rich.table import Table

_ROLES = {"customer": "客户", "manager": "客户经理"}
_SOURCES = {"typed": "打字", "spoken": "单句口语", "meeting": "会谈中的话"}
_VERSIONS = {"written": "原文", "homophones": f"同音字噪声（{RATE:.0%}）", "heard": "识别结果"}


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What the command line asked for."""

    data: Path | None = None
    by: str = ""
    """label, source, writer, or empty for the short table by label."""
    plots: Path | None = None
    plain: bool = False
    as_json: bool = False


def train(corpus: Path | None, output: Path | None) -> None:
    """Learns from the corpus and writes model, model card and thresholds."""
    data, catalogue = load_corpus(corpus or _corpus()), load_catalogue()
    encoder = load_encoder()
    training = train_all(data, catalogue, encoder, typer.echo)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    models, thresholds = output or models_dir(), (output or catalog_dir()) / "thresholds.yaml"
    write(training, data, catalogue, encoder, models, thresholds)
    typer.echo(f"模型：{models / 'tagger.skops'}\n说明：{models / 'tagger.md'}\n阈值：{thresholds}")


def evaluate(options: EvaluateOptions) -> None:
    """Scores the model in use on rows it never saw."""
    if options.plots is not None:
        pictures.require_matplotlib()
    catalogue = load_catalogue()
    tagger = load_tagger(catalogue, plain=options.plain)
    rows = tuple(read_rows(options.data)) if options.data is not None else load_corpus(_corpus()).part("test")
    scored, versions = _score(tagger, rows, read_heard(corpus_dir()))
    for path in pictures.write_plots(scored, options.plots) if options.plots is not None else ():
        typer.echo(f"图：{path}", err=True)
    result = summarise(tagger, scored)
    if options.as_json:
        groups = {f"by_{name}": grouped(scored, catalogue, group) for name, group in _GROUPS.items()}
        lists = {name: [asdict(g) for g in found] for name, found in {**groups, "versions": versions}.items()}
        typer.echo(json.dumps({**asdict(result), **lists}, ensure_ascii=False, indent=1))
    else:
        _print(_tables(options.by, result, scored, catalogue), result, versions, unseen=options.data is None)


_GROUPS: Mapping[str, Callable[[Row], str]] = {"source": lambda row: row.source, "writer": lambda row: row.writer}


def _corpus() -> Path:
    folder = corpus_dir()
    if not folder.is_dir():
        raise CorpusError("no_corpus", "这里没有语料", "语料只在源代码中；请用 --corpus 或 --data 指定")
    return folder


def _score(
    tagger: LinearTagger, rows: Sequence[Row], heard: Mapping[str, str]
) -> tuple[dict[str, Scored], tuple[GroupResult, ...]]:
    """Scores of all rows, and figures of three versions of the same spoken ones: as written, with homophones, as heard.

    Where a recogniser heard some of the rows, the three are of these alone; else of all that are spoken.
    """
    spoken = [r for r in rows if r.kind == "spoken"]
    compared = [r for r in spoken if r.id in heard] or spoken
    noisy = misheard(compared, Homophones(tagger.scorer.bundle.lexicon))
    recognised = as_heard(compared, heard)
    with _bar(len(rows) + len(noisy) + len(recognised)) as bar:
        scored, with_noise, by_recogniser = (
            score_rows(tagger, part, bar(name, len(part)))
            for name, part in (("原文", rows), ("同音字噪声", noisy), ("识别结果", recognised))
        )
    ids = {r.id for r in compared}
    written = {role: part.where(lambda r: r.id in ids) for role, part in scored.items()}
    versions = zip(_VERSIONS, (written, with_noise, by_recogniser), strict=True)
    return scored, tuple(group_result(name, part, tagger.catalogue) for name, part in versions)


@contextmanager
def _bar(rows: int) -> Iterator[Callable[[str, int], Callable[[float], None]]]:
    """A bar over all rows on stderr. What it gives starts a part by name and number of rows and is told the share done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console, before = Console(stderr=True), 0
    columns = (TextColumn("[bold]{task.description}"), BarColumn(36), TaskProgressColumn())
    with Progress(
        *columns,
        TextColumn("约剩"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("评测", total=max(1, rows))

        def part(name: str, size: int) -> Callable[[float], None]:
            nonlocal before
            base, before = before, before + size
            progress.update(task, description=f"评测：{name}", completed=base)
            return lambda done: progress.update(task, completed=base + done * size)

        yield part


def _tables(by: str, result: Evaluation, scored: Mapping[str, Scored], catalogue: Catalogue) -> list[Table]:
    if by == "source":
        return [_group_table("来源", grouped(scored, catalogue, _GROUPS[by]), _SOURCES)]
    if by == "writer":
        return [_group_table("作者", grouped(scored, catalogue, _GROUPS[by]), {})]
    if by == "label":
        return [_full_table(_ROLES[role], part, catalogue) for role, part in scored.items()]
    return [
        _table(_ROLES["customer"], result.customer, catalogue),
        _table(_ROLES["manager"], result.manager, catalogue),
    ]


def _print(tables: Sequence[Table], result: Evaluation, versions: Sequence[GroupResult], *, unseen: bool) -> None:
    from rich.console import Console

    console = Console()
    for table in tables:
        console.print(table)
    console.print(f"{result.rows} 条，{result.writers} 位作者{'，均未参与训练' if unseen else ''}")
    console.print(
        f"购买信号宏平均 F1：{result.signal_macro_f1:.3f}；客户经理标签宏平均 F1：{result.manager_macro_f1:.3f}"
    )
    console.print(f"每 100 条无标签的客户话语误报信号：{result.false_per_100_neutral:.1f}")
    console.print(f"校准误差 ECE：{result.calibration_error:.3f}；单句角色判断正确率：{result.role_accuracy:.1%}")
    console.print(_group_table("同一批口语", versions, _VERSIONS))


def _columns(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(title=title)
    for column in left:
        table.add_column(column)
    for column in right:
        table.add_column(column, justify="right")
    return table


def _table(title: str, results: Sequence[LabelResult], catalogue: Catalogue) -> Table:
    table = _columns(title, ("标签", "名称"), ("条数", "精确率", "召回率", "F1", "阈值"))
    for r in results:
        scores = (f"{r.precision:.2f}", f"{r.recall:.2f}", f"{r.f1:.2f}", f"{r.threshold:.3f}")
        table.add_row(r.label, catalogue.label(r.label).name, str(r.support), *scores)
    return table


def _full_table(title: str, scored: Scored, catalogue: Catalogue) -> Table:
    """The short table's columns, the counts behind them, and what does not hang on the threshold."""
    counts = ("条数", "找出", "找对", "误报", "漏掉")
    table = _columns(title, ("标签", "名称"), (*counts, "精确率", "召回率", "F1", "阈值", "平均精确率", "校准误差"))
    for k, r in enumerate(label_results(scored)):
        truth, probabilities = scored.truth[:, k], scored.probabilities[:, k]
        scores = (r.precision, r.recall, r.f1)
        free = (average_precision(truth, probabilities), calibration_error(truth, probabilities))
        table.add_row(
            r.label,
            catalogue.label(r.label).name,
            *map(str, (r.support, r.found, r.right, r.found - r.right, r.support - r.right)),
            *(f"{x:.2f}" for x in scores),
            f"{r.threshold:.3f}",
            f"{free[0]:.2f}",
            f"{free[1]:.3f}",
        )
    return table


def _group_table(title: str, groups: Sequence[GroupResult], names: Mapping[str, str]) -> Table:
    table = _columns(title, ("",), ("条数", "购买信号宏平均 F1", "客户经理宏平均 F1", "每百条误报"))
    for g in groups:
        figures = (g.signal_macro_f1, g.manager_macro_f1)
        shown = ["–" if x is None else f"{x:.3f}" for x in figures]
        false = "–" if g.false_per_100_neutral is None else f"{g.false_per_100_neutral:.1f}"
        table.add_row(names.get(g.name, g.name), str(g.rows or "–"), *shown, false)
    return table
