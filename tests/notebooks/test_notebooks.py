"""The notebooks: they run from top to bottom, define nothing, and are committed with what they print and draw.

After a change to one, or to the tagger that it speaks of, run it again and commit it:

    jupyter execute --inplace --NotebookClient.record_timing=False notebooks/*.ipynb
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 300_000
"""Bytes."""
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def _code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _kinds(cell: Any) -> set[str]:
    """What came out of a cell: text, a picture, an error."""
    found = {f"{output.output_type} {output.get('name', '')}" for output in cell.outputs if "data" not in output}
    return found | {kind for output in cell.outputs for kind in output.get("data", {})}


def test_there_are_notebooks() -> None:
    assert [p.name for p in NOTEBOOKS] == [
        "01_data.ipynb",
        "02_training.ipynb",
        "03_error_analysis.ipynb",
        "04_a_coachs_month.ipynb",
    ]


@each_notebook
def test_a_notebook_defines_nothing(path: Path) -> None:
    source = "\n".join(re.sub(r"(?m)^%.*$", "", cell.source) for cell in _code(_read(path)))
    defined = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert defined == []


@each_notebook
def test_a_notebook_reads_as_an_essay(path: Path) -> None:
    """Prose comes first, and there are at least as many words of it as lines of code."""
    notebook = _read(path)
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert notebook.cells[0].cell_type == "markdown"
    lines = sum(len(cell.source.splitlines()) for cell in _code(notebook))
    assert sum(len(text.split()) for text in prose) > lines


@each_notebook
def test_a_notebook_is_committed_as_it_ran(path: Path) -> None:
    cells = _code(_read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [k for cell in cells for k in _kinds(cell) if k.startswith(("error", "stream stderr"))]
    assert any("image/png" in _kinds(cell) for cell in cells)
    assert path.stat().st_size < LARGEST


@each_notebook
def test_a_notebook_names_no_place_on_anybodys_machine(path: Path) -> None:
    assert not re.findall(r"(?:/home/|/root/|/tmp/|/work/|/Users/|[A-Z]:\\\\)", path.read_text(encoding="utf-8"))


@pytest.mark.real
@each_notebook
def test_a_notebook_runs_and_gives_what_it_was_committed_with(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same kinds of output from each cell; not the same bytes, which differ in the last digit between processors."""
    from nbclient import NotebookClient

    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    committed, fresh = _read(path), _read(path)
    for cell in _code(fresh):
        cell.outputs, cell.execution_count = [], None
    NotebookClient(
        fresh, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    assert [_kinds(c) for c in _code(fresh)] == [_kinds(c) for c in _code(committed)]
