"""The benchmark's tables, on the terminal or as Markdown when the output goes to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from statistics import mean
from typing import TYPE_CHECKING

from hearing_metrics import CharacterErrors, DiarizationErrors

if TYPE_CHECKING:
    from measure import Heard
    from spliced import ToldApart

_LEGEND = """
CER: character errors of the whole text, numbers as they are read aloud. terms: occurrences of the glossary's words that were heard.
repairs: words put right by their sound, in brackets those that nobody said there. F1: signals against the script's labels, in brackets
the tagger on the script itself. DER: no collar, overlaps left out, number of speakers known / not known; n: number found of true.
roles: lines with the right role. word time: median and 90 % of the error at the edges of lines, seconds. ghosts: characters a minute
where nobody speaks. seconds a minute of sound by stage, and of all processor cores together. MB: peak of the process."""


@cache
def simplifier() -> Callable[[str], str]:
    """Traditional characters to simplified ones."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def print_meetings(rows: Sequence[Heard]) -> None:
    """Two tables: what was heard, and what it cost."""
    _print(
        ["recording", "min", "CER", "terms", "repairs", "F1", "DER", "n", "right speaker", "roles", "word time", "ghosts", "coverage"],
        [_quality(r) for r in rows],
    )  # fmt: skip
    _print(
        ["recording", "min", "audio", "asr", "wording", "speakers", "tag+close", "all", "CPU", "MB"],
        [_cost(r) for r in rows],
    )
    text = sum((r.text for r in rows), CharacterErrors(0, 0))
    print(
        f"\nAll together: CER {text.rate:.2%}, speakers right in {sum(_number_right(r) for r in rows)} of {len(rows)}"
    )
    print(_LEGEND)


def _quality(row: Heard) -> list[str]:
    characters, minutes = row.ghosts
    return [
        row.name,
        f"{row.duration / 60:.1f}",
        f"{row.text.rate:.1%}",
        f"{row.terms.recall:.1%}",
        f"{row.repairs} ({row.false_repairs})",
        f"{row.signals.f1:.2f} ({row.signals_of_script.f1:.2f})" if row.signals.wanted else "",
        f"{row.known.rate:.1%} / {row.unknown.rate:.1%}",
        f"{row.unknown.speakers}/{row.speakers}",
        f"{row.attributed:.1%}",
        "" if row.roles is None else f"{row.roles:.1%}",
        f"{row.word_times[0]:.2f} {row.word_times[1]:.2f}",
        f"{characters / minutes:.1f}" if minutes > 0.05 else "",
        f"{row.coverage:.0%}",
    ]


def _cost(row: Heard) -> list[str]:
    minutes, stages = row.duration / 60, row.stages
    shown = [stages.get(s, 0.0) for s in ("audio", "asr", "wording", "speakers")]
    rest = stages.get("tagging", 0.0) + stages.get("closing", 0.0)
    seconds = [*shown, rest, sum(stages.values()), row.processor_seconds]
    return [row.name, f"{minutes:.1f}", *(f"{s / minutes:.2f}" for s in seconds), f"{row.peak_megabytes:.0f}"]


def _number_right(row: Heard) -> bool:
    return row.unknown.speakers == row.speakers


def print_clips(rows: Sequence[tuple[str, CharacterErrors]]) -> None:
    """Single clips and all of them together."""
    whole = sum((errors for _, errors in rows), CharacterErrors(0, 0))
    _print(
        ["clip", "errors", "characters", "CER"],
        [[n, str(e.errors), str(e.characters), f"{e.rate:.1%}"] for n, e in [*rows, ("all", whole)]],
    )


def print_voices(rows: Sequence[ToldApart]) -> None:
    """Miss, false alarm and confusion of each recording, and the means."""
    _print(
        ["recording", "DER, number known", "DER, number not known", "found/true"],
        [[r.name, _shown(r.known), _shown(r.unknown), f"{r.unknown.speakers}/{r.speakers}"] for r in rows],
    )  # fmt: skip
    right = sum(r.unknown.speakers == r.speakers for r in rows)
    known, unknown = mean(r.known.rate for r in rows), mean(r.unknown.rate for r in rows)
    print(f"\nMean DER {known:.1%} known, {unknown:.1%} not known; number right in {right} of {len(rows)}")


def _shown(errors: DiarizationErrors) -> str:
    parts = " + ".join(f"{100 * x:.1f}" for x in (errors.miss, errors.false_alarm, errors.confusion))
    return f"{parts} = {100 * errors.rate:.1f}"


def _print(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not sys.stdout.isatty():
        print("\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
        print("\n".join("| " + " | ".join(row) + " |" for row in rows))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
