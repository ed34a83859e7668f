"""The catalogue: labels, strategies, stages and glossary as validated data.

Adding a signal touches these YAML files and the corpus, no code. Unknown keys are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

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

    text: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()


class Catalogue(_Entry):
    """The catalogue as a whole. `load_catalogue` has checked that its parts fit together."""

    labels: tuple[Label, ...]
    strategies: tuple[Strategy, ...]
    stages: tuple[Stage, ...]
    terms: tuple[Term, ...]

    @cached_property
    def by_id(self) -> dict[str, Label]:
        """The labels by their ids."""
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
    labels = [*_entries(folder / "signals.yaml", Label), *_entries(folder / "manager.yaml", Label)]
    catalogue = Catalogue(
        labels=tuple(labels),
        strategies=tuple(_entries(folder / "strategies.yaml", Strategy)),
        stages=tuple(_entries(folder / "stages.yaml", Stage)),
        terms=tuple(_entries(folder / "glossary.yaml", Term)),
    )
    _check_unique("signals.yaml, manager.yaml", "标签", [x.id for x in labels])
    _check_unique("strategies.yaml", "策略", [x.id for x in catalogue.strategies])
    _check_unique("stages.yaml", "阶段", [str(x.number) for x in catalogue.stages])
    _check_unique("glossary.yaml", "术语", [w for x in catalogue.terms for w in (x.text, *x.aliases)])
    for strategy in catalogue.strategies:
        _check_strategy(strategy, catalogue)
    if not (folder / "thresholds.yaml").exists():
        return catalogue
    thresholds = _validated(folder / "thresholds.yaml", _THRESHOLDS)
    if unknown := thresholds.keys() - catalogue.by_id.keys():
        raise _invalid("thresholds.yaml", f"未知标签 {'、'.join(sorted(unknown))}")
    return catalogue.with_thresholds(thresholds)


_THRESHOLDS = TypeAdapter(dict[str, Annotated[float, Field(gt=0.0, lt=1.0)]])
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML was built with it: six times as fast
_T = TypeVar("_T")
_E = TypeVar("_E", bound=_Entry)
_FAULTS = {
    "extra_forbidden": "多余的键",
    "missing": "缺少这一项",
    "literal_error": "不是允许的取值",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "写法有误",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为“键: 值”",
    "model_type": "应为“键: 值”",
}
"""Pydantic's kinds of error in Chinese; all others are a wrong value."""


def _entries(path: Path, kind: type[_E]) -> list[_E]:
    return _validated(path, TypeAdapter(list[kind]))  # type: ignore[valid-type]


def _validated(path: Path, adapter: TypeAdapter[_T]) -> _T:
    raw = _read(path)
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _invalid(path.name, f"{_place(raw, first['loc'])}{_FAULTS.get(first['type'], '取值有误')}") from None


def _place(raw: Any, loc: tuple[int | str, ...]) -> str:
    """Where in the file, in Chinese: the entry by its number and, where it has one, its id."""
    if not loc:
        return ""
    if not isinstance(loc[0], int):
        return f"{'.'.join(map(str, loc))}："
    entry = raw[loc[0]]
    name = f"（{entry['id']}）" if isinstance(entry, dict) and "id" in entry else ""
    key = f"的 {'.'.join(map(str, loc[1:]))}" if loc[1:] else ""
    return f"第 {loc[0] + 1} 条{name}{key}："


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_SAFE_LOADER)  # noqa: S506 it is a safe loader
    except FileNotFoundError:
        raise _invalid(path.name, "文件不存在") from None
    except OSError:
        raise _invalid(path.name, "文件无法读取") from None
    except UnicodeDecodeError:
        raise _invalid(path.name, "不是 UTF-8 编码") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _invalid(path.name, f"第 {mark.line + 1} 行不是有效的 YAML" if mark else "不是有效的 YAML") from None


def _check_unique(file: str, what: str, ids: list[str]) -> None:
    if repeated := {i for i in ids if ids.count(i) > 1}:
        raise _invalid(file, f"{what}重复：{'、'.join(sorted(repeated))}")


def _check_strategy(strategy: Strategy, catalogue: Catalogue) -> None:
    label = catalogue.by_id.get(strategy.label)
    if label is None or label.kind != "closing":
        raise _invalid("strategies.yaml", f"{strategy.id} 的 label 不是目录中的成交策略标签")
    if "default" not in strategy.lines:
        raise _invalid("strategies.yaml", f"{strategy.id} 缺少 default 话术")
    if unknown := strategy.lines.keys() - {"default", *catalogue.signal_ids}:
        raise _invalid("strategies.yaml", f"{strategy.id} 的话术用了未知的信号 {'、'.join(sorted(unknown))}")
    for signal, line in strategy.lines.items():
        if any(c in line.replace("{topics}", "") for c in "{}"):
            raise _invalid("strategies.yaml", f"{strategy.id} 的 {signal} 话术中只能用 {{topics}}")


def _invalid(where: str, what: str) -> CatalogueError:
    return CatalogueError("invalid", f"目录文件 {where} 有误：{what}", "请按 docs/catalogue.zh-CN.md 的格式修正后重试")
