"""The catalogue: labels, strategies, stages and glossary as validated data.

Adding a signal touches these YAML files and the corpus, no code. Unknown keys are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signals.domain.errors import CatalogueError

LabelKind = Literal["verbal", "behaviour", "expression", "objection", "question", "closing", "craft"]
Speaker = Literal["customer", "manager"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Entry):
    """One label of the annotation guide."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    name: str
    """Short Chinese name shown in reports."""
    topic: str = ""
    """Chinese; how a manager names the point in a sentence (利率, not 询问利率). Empty: no point to agree on."""
    kind: LabelKind
    speaker: Speaker
    """Who must say it; from anybody else it is not a hit."""
    source: str
    """Where the deck has it."""
    meaning: str
    """Chinese; what it means, for a manager."""
    action: str = ""
    """Chinese; what the manager should do when it shows."""
    weight: float = Field(default=0.0, ge=-1.0, le=1.0)
    """How far one hit moves readiness; below 0 for what lowers it."""
    audible: bool = True
    """False for what only a person in the room can log (nods, leans forward)."""
    threshold: float = Field(default=0.5, gt=0.0, lt=1.0)
    """Calibrated probability from which a score is a hit. thresholds.yaml sets it."""
    examples: tuple[str, ...] = ()

    @property
    def is_signal(self) -> bool:
        """True for the customer's buying signals."""
        return self.kind in ("verbal", "behaviour", "expression")


class Strategy(_Entry):
    """One of the deck's four ways to propose the deal."""

    id: str
    label: str
    """Id of the manager's label that this strategy is heard as."""
    name: str
    when: str
    """Chinese; the deck's condition."""
    lines: dict[str, str]
    """What to say, by the id of the customer's leading signal; "default" for the rest.
    May hold {topics}: the Chinese names of the points agreed."""


class Stage(_Entry):
    """One of the eight stages of the buyer's mind."""

    number: int = Field(ge=1, le=8)
    name: str
    phase: str
    meaning: str


class Term(_Entry):
    """A word of the bank's trade, for recognition and word splitting."""

    text: str
    aliases: tuple[str, ...] = ()


class Catalogue(_Entry):
    labels: tuple[Label, ...]
    strategies: tuple[Strategy, ...]
    stages: tuple[Stage, ...]
    terms: tuple[Term, ...]

    @cached_property
    def by_id(self) -> dict[str, Label]:
        return {label.id: label for label in self.labels}

    def with_thresholds(self, thresholds: Mapping[str, float]) -> Catalogue:
        """The same catalogue with other thresholds; a label that is not named keeps its own."""
        labels = tuple(x.model_copy(update={"threshold": thresholds.get(x.id, x.threshold)}) for x in self.labels)
        return Catalogue(labels=labels, strategies=self.strategies, stages=self.stages, terms=self.terms)

    def label(self, id: str) -> Label:
        """Raises `CatalogueError` for an id the catalogue does not have."""
        try:
            return self.by_id[id]
        except KeyError:
            raise CatalogueError("unknown_label", f"目录中没有标签“{id}”", "请检查 data/catalog/ 下的文件") from None

    def ids(self, speaker: Speaker, *, audible: bool = True) -> tuple[str, ...]:
        """Ids that this speaker can carry, in catalogue order."""
        return tuple(x.id for x in self.labels if x.speaker == speaker and (x.audible or not audible))

    @cached_property
    def signal_ids(self) -> tuple[str, ...]:
        """Ids of the audible buying signals, in catalogue order."""
        return tuple(x.id for x in self.labels if x.is_signal and x.audible)


def load_catalogue(folder: Path) -> Catalogue:
    """Reads signals, manager, strategies, stages, glossary and, where present, thresholds (each NAME.yaml).

    Raises `CatalogueError` that names the file and the entry.
    """
    labels = [*_read(folder / "signals.yaml"), *_read(folder / "manager.yaml")]
    thresholds = _read(folder / "thresholds.yaml") if (folder / "thresholds.yaml").exists() else {}
    known = {entry.get("id") for entry in labels if isinstance(entry, dict)}
    if unknown := set(thresholds) - known:
        raise _invalid("thresholds.yaml", f"未知标签 {'、'.join(sorted(map(str, unknown)))}")
    for entry in labels:
        if isinstance(entry, dict) and entry.get("id") in thresholds:
            entry["threshold"] = thresholds[entry["id"]]
    try:
        catalogue = Catalogue.model_validate(
            {
                "labels": labels,
                "strategies": _read(folder / "strategies.yaml"),
                "stages": _read(folder / "stages.yaml"),
                "terms": _read(folder / "glossary.yaml"),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise _invalid(str(folder), f"{'.'.join(map(str, first['loc']))}：{first['msg']}") from None
    ids = [label.id for label in catalogue.labels]
    if repeated := {i for i in ids if ids.count(i) > 1}:
        raise _invalid("signals.yaml", f"标签重复：{'、'.join(sorted(repeated))}")
    for strategy in catalogue.strategies:
        if strategy.label not in catalogue.by_id or "default" not in strategy.lines:
            raise _invalid("strategies.yaml", f"{strategy.id} 缺少 default 话术或 label 不存在")
    return catalogue


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _invalid(path.name, type(error).__name__) from None


def _invalid(where: str, what: str) -> CatalogueError:
    return CatalogueError("invalid", f"目录文件 {where} 有误：{what}", "请按 docs/catalogue.md 的格式修正后重试")
