"""`signals train` and `signals evaluate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from signals.api import load_catalogue, load_tagger
from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError
from signals.resources import catalog_dir, corpus_dir, models_dir
from signals.tagging.build import train_all, write
from signals.tagging.corpus import load_corpus, read_rows
from signals.tagging.evaluation import Evaluation, LabelResult
from signals.tagging.evaluation import evaluate as evaluate_rows


def train(corpus: Path | None, output: Path | None) -> None:
    """Learns from the corpus and writes model, model card and thresholds."""
    data, catalogue = load_corpus(corpus or _corpus()), load_catalogue()
    training = train_all(data, catalogue, typer.echo)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    models, thresholds = output or models_dir(), (output or catalog_dir()) / "thresholds.yaml"
    write(training, data, catalogue, models, thresholds)
    typer.echo(f"模型：{models / 'tagger.skops'}\n说明：{models / 'tagger.md'}\n阈值：{thresholds}")


def evaluate(data: Path | None, *, as_json: bool) -> None:
    """Scores the model in use on rows it never saw."""
    catalogue = load_catalogue()
    tagger = load_tagger(catalogue)
    rows = tuple(read_rows(data)) if data is not None else load_corpus(_corpus()).part("test")
    result = evaluate_rows(tagger.bundle, rows, catalogue)
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=1))
    else:
        _print(result, catalogue)


def _corpus() -> Path:
    folder = corpus_dir()
    if not folder.is_dir():
        raise CorpusError("no_corpus", "这里没有语料", "语料只在源代码中；请用 --corpus 或 --data 指定")
    return folder


def _print(result: Evaluation, catalogue: Catalogue) -> None:
    from rich.console import Console

    console = Console()
    console.print(_table("客户", result.customer, catalogue))
    console.print(_table("客户经理", result.manager, catalogue))
    console.print(f"{result.rows} 条，{result.writers} 位作者，均未参与训练")
    console.print(
        f"购买信号宏平均 F1：{result.signal_macro_f1:.3f}；客户经理标签宏平均 F1：{result.manager_macro_f1:.3f}"
    )
    console.print(f"每 100 条无标签的客户话语误报信号：{result.false_per_100_neutral:.1f}")
    console.print(f"校准误差 ECE：{result.calibration_error:.3f}；单句角色判断正确率：{result.role_accuracy:.1%}")


def _table(title: str, results: Sequence[LabelResult], catalogue: Catalogue) -> object:
    from rich.table import Table

    table = Table(title=title)
    for column in ("标签", "名称", "条数", "精确率", "召回率", "F1", "阈值"):
        table.add_column(column, justify="left" if column in ("标签", "名称") else "right")
    for r in results:
        name = catalogue.label(r.label).name
        table.add_row(
            r.label, name, str(r.support), f"{r.precision:.2f}", f"{r.recall:.2f}", f"{r.f1:.2f}", f"{r.threshold:.3f}"
        )
    return table
