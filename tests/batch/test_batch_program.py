"""`signals batch` as a program: killed, stopped, watched, and its exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from batch_rig import sound

MAIN = Path(__file__).parent / "batch_main.py"
REAL = [sys.executable, "-c", "from signals.cli import main; main()", "batch"]
SPOKEN = Path(__file__).parents[1] / "data" / "short_answers.ogg"


@dataclass
class Program:
    """Runs the program on three recordings; `gate` holds it in a stage."""

    root: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.mkdir()
        for seed, name in enumerate(("a.wav", "b.wav", "c.wav")):
            sound(self.folder / name, seed)

    @property
    def folder(self) -> Path:
        return self.root / "会谈"

    @property
    def output(self) -> Path:
        return self.root / "out"

    @property
    def gate(self) -> Path:
        return self.root / "gate"

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, str(MAIN), str(self.folder), str(self.output), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "FAKE_FILE": str(self.gate), "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.running.append(process)
        return process

    def run(self) -> tuple[int, str]:
        process = self.start()
        said, _ = process.communicate(timeout=300)
        return process.returncode, said.decode()

    def runs(self) -> dict[str, int]:
        """How often each stage was begun, in all runs."""
        lines = (self.gate / "runs.log").read_text(encoding="ascii").split()
        return {stage: lines.count(stage) for stage in sorted(set(lines))}

    def held(self) -> subprocess.Popen[bytes]:
        """A run that has recognised the first recording and is telling its speakers apart."""
        (self.gate / "speakers").touch()
        process = self.start()
        self.wait(lambda: (self.gate / "speakers.reached").exists() and bool([*self.output.glob("*/stages/asr.json")]))
        return process

    def wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + 300
        while not until():
            assert time.monotonic() < end, "it never came so far"
            time.sleep(0.05)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    yield program
    for process in program.running:
        process.kill()
        process.communicate()


@pytest.mark.faults
def test_killed_in_the_middle_the_next_run_goes_on_where_it_was_and_the_one_after_does_nothing(
    program: Program,
) -> None:
    process = program.held()
    process.kill()
    process.wait()
    (program.gate / "speakers").unlink()
    code, said = program.run()
    assert code == 0, said
    assert "新分析 3，以前分析过 0" in said
    assert program.runs() == {"asr": 3, "speakers": 4, "understand": 3}, "only the stage that was broken off is redone"
    code, said = program.run()
    assert (code, program.runs()["asr"]) == (0, 3)
    assert "新分析 0，以前分析过 3" in said
    assert not [p for p in program.output.rglob("*") if p.name.endswith(".partial") or p.name == "begun"]


@pytest.mark.faults
def test_ctrl_c_leaves_a_summary_of_what_was_done_and_the_next_run_goes_on(program: Program) -> None:
    process = program.held()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "再次运行同一命令即可继续" in said.decode()
    assert (program.output / "index.html").is_file()
    (program.gate / "speakers").unlink()
    assert program.run()[0] == 0
    assert program.runs() == {"asr": 3, "speakers": 4, "understand": 3}


def test_a_run_that_left_something_undone_says_what_and_why_and_exits_with_3(program: Program) -> None:
    (program.folder / "坏的.m4a").write_bytes(b"nothing that sounds")
    code, said = program.run()
    assert code == 3
    assert "第 4/4 个：坏的.m4a" in said
    assert "没有完成" in said
    assert "办法" in said
    assert "Traceback" not in said


def test_a_watched_folder_takes_a_new_file_and_ends_well_with_ctrl_c(program: Program) -> None:
    process = program.start("--watch")
    page = program.output / "index.html"
    program.wait(page.exists)
    assert len([*program.output.glob("*/meeting.json")]) == 3
    sound(program.folder / "d.wav", 7)
    program.wait(lambda: len([*program.output.glob("*/meeting.json")]) == 4)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert "已停止" in said.decode()


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("文件,日期\na.txt,明天\n", ()),
        ("文件\n", ("--sheet", "没有.csv")),
    ],
)
def test_a_bad_sheet_is_one_error_before_any_work(tmp_path: Path, text: str, arguments: tuple[str, ...]) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "表.csv").write_text(text, encoding="utf-8")
    (tmp_path / "m" / "a.txt").write_text("客户：好\n", encoding="utf-8")
    done = subprocess.run([*REAL, "m", *arguments], cwd=tmp_path, capture_output=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "错误：" in done.stderr.decode()
    assert "办法：" in done.stderr.decode()
    assert not [*(tmp_path / "m.report").glob("*/report.html")]


@pytest.mark.real
def test_real_models_make_reports_a_page_and_a_workbook_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "会谈"
    folder.mkdir()
    (folder / "20261120_宏达制造.ogg").write_bytes(SPOKEN.read_bytes())
    (folder / "文字.txt").write_text("客户经理：您看这个方案怎么样？\n客户：多长时间可以批下来？\n", encoding="utf-8")
    done = subprocess.run([*REAL, "会谈"], cwd=tmp_path, capture_output=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr.decode()
    out = tmp_path / "会谈.report"
    assert sorted(p.name for p in out.iterdir() if p.is_file() and not p.name.startswith(".")) == [
        "index.html",
        "meetings.xlsx",
    ]
    assert len([*out.glob("*/report.html")]) == 2
    again = subprocess.run([*REAL, "会谈"], cwd=tmp_path, capture_output=True, timeout=600, check=False)
    assert "新分析 0，以前分析过 2" in again.stdout.decode()
