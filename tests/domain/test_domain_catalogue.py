"""The catalogue: what ships, and what is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.catalogue import Catalogue, load_catalogue
from signals.domain.errors import CatalogueError
from signals.resources import catalog_dir

CUSTOMER = [
    "regulatory_approval",
    "approval_time",
    "rate_cut",
    "early_repayment",
    "detail_rate",
    "detail_fee",
    "detail_service",
    "detail_after_sales",
    "product_question",
    "usage_question",
    "contract_terms",
    "plan_affirmation",
    "interest",
    "materials_review",
    "bargaining",
    "purchase_intent",
    "objection",
]
UNHEARD = ["nod", "lean_forward", "excitement", "bright_smile"]
MANAGER = [
    "q_closed",
    "q_open",
    "q_clarify",
    "q_lead",
    "close_probe",
    "close_summarise",
    "close_direct",
    "close_stepwise",
    "listening",
    "benefit",
    "evidence",
    "over_promise",
    "taboo",
    "small_talk",
]


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(catalog_dir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue to spoil."""
    shutil.copytree(catalog_dir(), tmp_path / "catalog")
    return tmp_path / "catalog"


def spoil(path: Path, change: Callable[[Any], Any]) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    changed = change(content)
    path.write_text(yaml.safe_dump(content if changed is None else changed, allow_unicode=True), encoding="utf-8")


def fault(folder: Path) -> str:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert caught.value.stage == "catalogue"
    assert re.search("[一-鿿]", caught.value.message)
    assert re.search("[一-鿿]", caught.value.remedy)
    return caught.value.message


def test_the_shipped_catalogue_has_every_label_of_the_annotation_guide_and_no_other(shipped: Catalogue) -> None:
    assert list(shipped.ids("customer")) == CUSTOMER
    assert list(shipped.ids("manager")) == MANAGER
    assert [x.id for x in shipped.labels if not x.audible] == UNHEARD


def test_buying_signals_are_the_customers_labels_without_the_objection(shipped: Catalogue) -> None:
    assert list(shipped.signal_ids) == CUSTOMER[:-1]
    assert all(shipped.label(i).speaker == "customer" for i in shipped.signal_ids)


def test_every_signal_moves_readiness_up_and_the_objection_down(shipped: Catalogue) -> None:
    assert all(shipped.label(i).weight > 0 for i in shipped.signal_ids)
    assert shipped.label("objection").weight < 0
    assert all(shipped.label(i).weight == 0 for i in MANAGER)


def test_the_four_strategies_and_the_eight_stages_of_the_deck_are_there(shipped: Catalogue) -> None:
    assert [(s.id, s.label) for s in shipped.strategies] == [
        (name, f"close_{name}") for name in ("probe", "summarise", "direct", "stepwise")
    ]
    assert [s.number for s in shipped.stages] == list(range(1, 9))


def test_every_signal_tells_the_manager_what_to_do(shipped: Catalogue) -> None:
    for i in CUSTOMER:
        assert shipped.label(i).action, i
        assert shipped.label(i).examples, i


def test_thresholds_come_from_their_own_file(folder: Path) -> None:
    (folder / "thresholds.yaml").write_text("rate_cut: 0.25\n", encoding="utf-8")
    catalogue = load_catalogue(folder)
    assert catalogue.label("rate_cut").threshold == 0.25
    assert catalogue.label("interest").threshold == 0.5


def test_a_catalogue_without_thresholds_takes_one_half(folder: Path) -> None:
    (folder / "thresholds.yaml").unlink()
    assert {x.threshold for x in load_catalogue(folder).labels} == {0.5}


def test_other_thresholds_leave_the_rest_as_it_was(shipped: Catalogue) -> None:
    tuned = shipped.with_thresholds({"rate_cut": 0.11})
    assert tuned.label("rate_cut").threshold == 0.11
    assert tuned.label("interest") == shipped.label("interest")
    assert shipped.label("rate_cut").threshold != 0.11


def test_an_unknown_label_is_a_catalogue_error(shipped: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="no_such") as caught:
        shipped.label("no_such")
    assert caught.value.code == "unknown_label"


def test_an_unknown_key_is_refused_with_file_and_entry(folder: Path) -> None:
    spoil(folder / "signals.yaml", lambda x: x[2].update(wieght=0.5))
    assert fault(folder) == "目录文件 signals.yaml 有误：第 3 条（rate_cut）的 wieght：多余的键"


def test_a_missing_key_is_refused(folder: Path) -> None:
    spoil(folder / "manager.yaml", lambda x: x[0].pop("kind") and None)
    assert "manager.yaml" in fault(folder)
    assert "q_closed" in fault(folder)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": 1.5},
        {"weight": "viel"},
        {"kind": "nonsense"},
        {"speaker": "both"},
        {"threshold": 1.0},
        {"id": "Rate"},
    ],
)
def test_a_wrong_value_is_refused(folder: Path, wrong: dict[str, object]) -> None:
    spoil(folder / "signals.yaml", lambda x: x[0].update(wrong))
    assert f"的 {next(iter(wrong))}：" in fault(folder)


def test_a_label_given_twice_is_refused(folder: Path) -> None:
    spoil(folder / "manager.yaml", lambda x: x.append({**x[0], "id": "rate_cut"}))
    assert "标签重复：rate_cut" in fault(folder)


def test_a_stage_or_strategy_given_twice_is_refused(folder: Path) -> None:
    spoil(folder / "stages.yaml", lambda x: x[1].update(number=1))
    assert "阶段重复：1" in fault(folder)
    spoil(folder / "stages.yaml", lambda x: x[1].update(number=2))
    spoil(folder / "strategies.yaml", lambda x: x.append(x[0]))
    assert "策略重复：probe" in fault(folder)


@pytest.mark.parametrize(
    ("thresholds", "named"),
    [("rate_kut: 0.5", "rate_kut"), ("rate_cut: 1.2", "rate_cut"), ("[0.5]", "键: 值"), ("", "键: 值")],
)
def test_wrong_thresholds_are_refused(folder: Path, thresholds: str, named: str) -> None:
    (folder / "thresholds.yaml").write_text(thresholds, encoding="utf-8")
    assert named in fault(folder)
    assert "thresholds.yaml" in fault(folder)


def test_a_strategy_without_a_default_line_is_refused(folder: Path) -> None:
    spoil(folder / "strategies.yaml", lambda x: x[1]["lines"].pop("default") and None)
    assert "summarise 缺少 default 话术" in fault(folder)


@pytest.mark.parametrize("label", ["close_nothing", "rate_cut"])
def test_a_strategy_must_be_heard_as_one_of_the_managers_closing_labels(folder: Path, label: str) -> None:
    spoil(folder / "strategies.yaml", lambda x: x[0].update(label=label))
    assert "probe" in fault(folder)


def test_a_line_for_an_unknown_signal_is_refused(folder: Path) -> None:
    spoil(folder / "strategies.yaml", lambda x: x[0]["lines"].update(rate_kut="您看行吗？"))
    assert "rate_kut" in fault(folder)


def test_a_line_may_hold_no_other_placeholder_than_topics(folder: Path) -> None:
    spoil(folder / "strategies.yaml", lambda x: x[0]["lines"].update(rate_cut="咱们把{topic}对一遍"))
    assert "rate_cut" in fault(folder)


def test_the_glossary_has_the_words_of_the_trade(catalogue: Catalogue) -> None:
    words = {w for term in catalogue.terms for w in (term.text, *term.aliases)}
    assert len(catalogue.terms) >= 600
    assert {"授信", "贷款", "质押", "承兑", "贴现率", "应收账款", "结售汇", "按季付息", "尽职调查", "优盾"} <= words
    assert all(len(w) >= 2 for w in words), "a single character is no term"


def test_a_term_that_is_there_twice_is_refused(folder: Path) -> None:
    spoil(folder / "glossary.yaml", lambda x: x.append({"text": "优盾"}))
    assert "优盾" in fault(folder)


@pytest.mark.parametrize("name", ["signals", "manager", "strategies", "stages", "glossary"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / f"{name}.yaml").unlink()
    assert fault(folder) == f"目录文件 {name}.yaml 有误：文件不存在"


@pytest.mark.parametrize("content", ["id: [unclosed\n- x", "a: b: c", "just words", "{a: 1}", "- just words", ""])
def test_bad_yaml_and_wrong_shapes_are_refused(folder: Path, content: str) -> None:
    (folder / "signals.yaml").write_text(content, encoding="utf-8")
    assert "signals.yaml" in fault(folder)


def test_a_file_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "signals.yaml").write_bytes("- id: 利率".encode("gbk"))
    assert "UTF-8" in fault(folder)


def test_yaml_cannot_build_objects(folder: Path) -> None:
    (folder / "signals.yaml").write_text("!!python/object/apply:os.getcwd []", encoding="utf-8")
    assert "signals.yaml" in fault(folder)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "kind", "weight", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(content=_JSON)
def test_whatever_a_file_holds_the_answer_is_a_catalogue_error(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for path in catalog_dir().glob("*.yaml"):
        shutil.copy(path, folder)
    (folder / "manager.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    if content == []:
        return
    fault(folder)
