"""The users' guide to the labels stays true to the catalogue, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signals.coaching import deck_rubric
from signals.domain.catalogue import Catalogue, load_catalogue
from signals.resources import catalog_dir

DOCS = Path(__file__).parents[1] / "docs"
FILES = ("labels.md", "labels.zh-CN.md")
SAYS = {"labels.md": "- **Say**", "labels.zh-CN.md": "- **这样说**"}
each_guide = pytest.mark.parametrize("name", FILES)


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(catalog_dir())


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _headings(name: str) -> list[str]:
    """Every label's heading without its hashes: id and Chinese name."""
    return re.findall(r"^### (.+)$", _text(name), flags=re.MULTILINE)


def _sections(name: str) -> dict[str, str]:
    """What stands under each label's heading, by id."""
    _, *parts = re.split(r"^### ", _text(name), flags=re.MULTILINE)
    return {part.split(maxsplit=1)[0]: re.split(r"^## ", part, flags=re.MULTILINE)[0] for part in parts}


@each_guide
def test_a_guide_has_every_label_of_the_catalogue_by_id_and_name_in_its_order(name: str, shipped: Catalogue) -> None:
    assert _headings(name) == [f"{label.id} {label.name}" for label in shipped.labels]


def test_both_guides_have_the_same_labels_in_the_same_order() -> None:
    english, chinese = (_headings(name) for name in FILES)
    assert english == chinese
    assert english


@each_guide
def test_the_overview_links_to_every_label_and_no_link_inside_a_guide_is_broken(name: str) -> None:
    headings = {heading.replace(" ", "-") for heading in _headings(name)}
    overview = _text(name).split("\n### ", 1)[0]
    assert set(re.findall(r"\]\(#([^)]+)\)", overview)) >= headings
    assert set(re.findall(r"\]\(#([^)]+)\)", _text(name))) <= headings


@each_guide
def test_the_files_that_a_guide_links_to_exist(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", _text(name)) if "://" not in link]
    assert next(other for other in FILES if other != name) in links
    assert [link for link in links if not (DOCS / link).is_file()] == []


@each_guide
def test_ids_in_a_guide_are_ids_of_the_catalogue(name: str, shipped: Catalogue) -> None:
    named = set(re.findall(r"`([a-z_]+)`", _text(name)))
    assert named
    assert named <= shipped.by_id.keys()


@each_guide
def test_the_line_to_say_to_a_signal_is_one_that_the_program_gives(name: str, shipped: Catalogue) -> None:
    for id in shipped.ids("customer"):
        said = next(row for row in _sections(name)[id].splitlines() if row.startswith(SAYS[name]))
        given = [s.lines.get(id, s.lines["default"]) for s in shipped.strategies if s.name in said]
        assert any(f"“{line.replace('{topics}', '【要点】')}”" in said for line in given), id


def test_both_guides_give_the_same_words_to_say_and_take_the_same_things_for_each_other(shipped: Catalogue) -> None:
    english, chinese = (_sections(name) for name in FILES)
    for id in shipped.by_id:
        quoted = [re.findall(r"“[^”]+”", part[id]) for part in (english, chinese)]
        assert [q for q in quoted[0] if q not in quoted[1]] == [], id
        assert re.findall(r"`([a-z_]+)`", english[id]) == re.findall(r"`([a-z_]+)`", chinese[id]), id


def test_every_file_and_picture_that_the_workbench_page_and_both_readmes_show_is_there_and_no_picture_is_heavy() -> (
    None
):
    for page in (DOCS / "workbench.md", DOCS.parent / "README.md", DOCS.parent / "README.zh-CN.md"):
        links = [x for x in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")) if "://" not in x]
        assert [x for x in links if not (page.parent / x).exists()] == []
        assert any(x.endswith(".png") for x in links)
    assert [p.name for p in (DOCS / "images").iterdir() if p.stat().st_size > 200_000] == []


def test_the_scorecard_table_has_every_item_of_the_decks_rubric_in_its_order() -> None:
    rows = re.findall(r"^\| (\S+) [^|]*\|", _text("workbench.md").split("## Scorecards")[1], flags=re.MULTILINE)
    names = [item.name for item in deck_rubric().items]
    assert [row for row in rows if row in names] == names
