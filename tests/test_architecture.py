"""The rules that keep the rooms apart (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import signals

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "signals"
ALLOWED = {
    "batch": {"domain", "report", "settings", "pipeline", "api"},
    "store": {"domain"},
    "jobs": {"domain", "store", "settings", "pipeline", "api", "audio", "transcripts", "corrected"},
    "web": {"domain", "store", "jobs", "report", "settings", "corrected", "api"},
}
"""The batch's and the service's rooms stand on the others: who works on meetings knows the pages of nobody."""
ROOMS = {"audio", "asr", "speakers", "tagging", "closing", "coaching", "report", "transcripts"}
HOME = {
    "faster_whisper": {"asr"},
    "onnxruntime": {"speakers", "tagging"},  # a model each: voices and sentences
    "jieba": {"tagging"},
    "sklearn": {"tagging"},
    "tokenizers": {"tagging"},
    "docx": {"report"},
    "openpyxl": {"report", "batch", "cli"},
    "sqlalchemy": {"store", "jobs", "web"},
    "alembic": {"store"},
    "fsspec": {"store"},
    "pwdlib": {"store"},
    "dbos": {"jobs"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "prometheus_client": {"web"},
    "uvicorn": {"cli"},
}
HEAVY = ("numpy", "sklearn", "jieba", "faster_whisper", "onnxruntime", "av", "skops", "pypinyin", "scipy", "pydantic",
         "sqlalchemy", "fastapi", "dbos", "httpx", "openpyxl", "docx")  # fmt: skip
FILES = sorted(PACKAGE.rglob("*.py"))
each_file = pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(PACKAGE)) for f in FILES])


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


@each_file
def test_a_room_imports_the_domain_and_libraries_but_no_other_room(path: Path) -> None:
    if _room(path) not in ROOMS | {"domain"}:
        return
    for module in _imports(path):
        parts = module.split(".")
        if parts[0] == "signals" and len(parts) > 1:
            assert parts[1] in {_room(path), "domain"} | (set() if _room(path) == "domain" else {"resources"}), module


@each_file
def test_the_rooms_that_join_others_import_only_what_they_stand_on(path: Path) -> None:
    room = _room(path)
    for module in _imports(path) if room in ALLOWED else ():
        parts = module.split(".")
        if parts[0] == "signals" and len(parts) > 1:
            assert parts[1] in ALLOWED[room] | {room}, module


@each_file
def test_each_engine_is_imported_in_its_own_rooms_only(path: Path) -> None:
    for module in _imports(path):
        home = HOME.get(module.split(".")[0])
        assert home is None or _room(path) in home, module


@each_file
def test_nothing_unsafe_is_used(path: Path) -> None:
    modules = {m.split(".")[0] for m in _imports(path)}
    assert not modules & {"pickle", "marshal", "shelve", "dill", "joblib", "requests", "urllib3"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not calls & {"eval", "exec", "compile"}


@each_file
def test_public_names_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module"
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node) or _is_plain(node), node.name


def _is_plain(node: ast.ClassDef) -> bool:
    """Errors and enumerations of the domain, whose module or members speak for them."""
    return any(
        isinstance(base, ast.Name) and base.id in ("SignalsError", "StrEnum", "_Entry") for base in node.bases
    ) or (len(node.body) <= 8 and any(isinstance(d, ast.Call | ast.Name) for d in node.decorator_list))


@each_file
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\nfrom signals.cli import main\nsys.argv=['signals','--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stderr.strip() == "[]"
    assert "分析一次会谈" in found.stdout


def test_the_public_names_are_all_there() -> None:
    assert all(getattr(signals, name) is not None for name in signals.__all__)
    with pytest.raises(AttributeError):
        _ = signals.nothing_of_the_kind


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [n for n in signals.Settings.model_fields if f"`SIGNALS_{n.upper()}`" not in text] == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme(readme: str) -> None:
    from signals.cli.app import app, models_app

    text = (ROOT / readme).read_text(encoding="utf-8")
    names = [c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands]
    assert [n for n in names if f"signals {n}" not in text] == []
    assert all(c.name and c.name in text for c in models_app.registered_commands)
