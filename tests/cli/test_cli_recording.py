"""`signals analyze` on a real recording with the real models: stopped, resumed, and told who is who."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.real, pytest.mark.faults]

RUN = [sys.executable, "-c", "from signals.cli import main; main()", "analyze"]
RECORDING = Path(__file__).parents[1] / "data" / "two_speakers.ogg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped while words were being recognised."""
    folder = tmp_path_factory.mktemp("meeting")
    (folder / "work").mkdir()
    with subprocess.Popen(
        [*RUN, str(RECORDING), "-o", "out", "--work-dir", "work", "--no-audio"],
        cwd=folder,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "语音识别" in line.decode():
                break
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
        assert process.wait(timeout=120) == 130
    assert "已取消" in said
    assert "Traceback" not in said
    return folder


def analysed(folder: Path, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [*RUN, str(RECORDING), "-o", "out", "--work-dir", "work", "--no-audio", *more],
        cwd=folder,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    report: dict[str, Any] = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    return report


def reused(report: dict[str, Any]) -> dict[str, bool]:
    return {s["name"]: s["reused"] for s in report["stages"]}


def test_ctrl_c_leaves_what_was_done_and_no_half_files(folder: Path) -> None:
    assert [p.name for p in (folder / "out").rglob("*") if p.is_file()] == ["audio.json"]
    assert list((folder / "work").iterdir()) == []


def test_the_next_run_goes_on_and_the_one_after_recognises_nothing_again(folder: Path) -> None:
    first = analysed(folder)
    assert reused(first) == {
        "audio": True, "asr": False, "wording": False, "speakers": False, "tagging": False, "closing": False,
    }  # fmt: skip
    roles = {s["id"]: s["role"] for s in first["speakers"]}
    assert sorted(roles.values()) == ["customer", "manager"]
    customer = next(s for s, role in roles.items() if role == "customer")
    swapped = analysed(folder, "--manager", customer, "--name", f"{customer}=李经理")
    assert reused(swapped)["asr"]
    assert reused(swapped)["speakers"]
    assert {s["id"]: s["role"] for s in swapped["speakers"]}["李经理"] == "manager"
    assert [t["text"] for t in swapped["turns"]] == [t["text"] for t in first["turns"]]
    assert [t["role"] for t in swapped["turns"]] != [t["role"] for t in first["turns"]]


def test_a_name_without_a_speaker_is_an_error_with_a_remedy(folder: Path) -> None:
    done = subprocess.run(
        [*RUN, str(RECORDING), "-o", "other", "--name", "王总"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "SPEAKER_01=王总" in done.stderr.decode()
