"""The commands as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = [sys.executable, "-c", "from signals.cli import main; main()"]


def signals(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*RUN, *arguments], input=stdin, capture_output=True, cwd=cwd, timeout=120, check=False)


def answers(*lines: bytes) -> list[dict[str, object]]:
    found = signals("tag", stdin=b"\n".join(lines))
    assert found.returncode == 0, found.stderr.decode()
    return [json.loads(line) for line in found.stdout.splitlines()]


def row(text: str, role: str = "customer", **more: str) -> bytes:
    return json.dumps({"text": text, "role": role, **more}, ensure_ascii=False).encode()


def test_tag_answers_every_line_in_order_and_goes_on_past_bad_ones() -> None:
    found = answers(
        row("你们贷款多长时间可以批下来"),
        b"not json",
        row("天气不错"),
        b'{"text": 5, "role": "customer"}',
        b'{"text": "x", "role": "boss"}',
        b"\xff\xfe",
        b"",
        b"[1]",
        row("那下周二我带合同过来签字您看可以吗", "manager", previous="行"),
    )
    assert [("labels" in a, "error" in a) for a in found] == [
        (True, False), (False, True), (True, False), (False, True), (False, True), (False, True), (False, True),
        (False, True), (True, False),
    ]  # fmt: skip
    first, last = found[0]["labels"], found[-1]["labels"]
    assert isinstance(first, list)
    assert isinstance(last, list)
    assert first[0]["id"] == "approval_time"
    assert 0 <= first[0]["score"] <= 1
    assert "close_direct" in [x["id"] for x in last]


def test_the_same_words_from_the_manager_are_no_signal() -> None:
    labels = answers(row("你们贷款多长时间可以批下来", "manager"))[0]["labels"]
    assert isinstance(labels, list)
    assert "approval_time" not in [x["id"] for x in labels]


def test_tag_answers_a_program_that_waits_for_each_line() -> None:
    with subprocess.Popen([*RUN, "tag"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("利率可以降下来吗", "可以提前还贷吗"):
            process.stdin.write(row(text) + b"\n")
            process.stdin.flush()
            assert b"labels" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", "nowhere.wav"),
        ("transcribe", "nowhere.wav"),
        ("models", "verify", "nothing"),
        ("tag", "nowhere.jsonl"),
    ],
)
def test_an_error_is_one_message_in_chinese_with_a_remedy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    found = signals(*arguments, cwd=tmp_path)
    message = found.stderr.decode()
    assert found.returncode == 1
    assert "错误：" in message
    assert "办法：" in message
    assert "Traceback" not in message


def test_a_wrong_number_of_speakers_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("客户：你好\n", encoding="utf-8")
    found = signals("analyze", "a.txt", "--speakers", "many", cwd=tmp_path)
    assert found.returncode == 1
    assert "--speakers" in found.stderr.decode()


def test_a_transcript_is_analysed_into_three_reports_with_a_summary(tmp_path: Path) -> None:
    talk = (
        "客户经理：您看这个方案怎么样？\n客户：方案想得挺周到的，我看行。\n客户：你们贷款多长时间可以批下来？\n"
        "客户经理：十个工作日左右。\n客户：那合同的条款先发给我们法务看看。\n客户：需要我们准备什么材料？这个月就办。\n"
    )
    (tmp_path / "会谈.txt").write_text(talk, encoding="utf-8")
    found = signals("analyze", "会谈.txt", cwd=tmp_path)
    assert found.returncode == 0, found.stderr.decode()
    assert sorted(p.name for p in (tmp_path / "会谈.report").iterdir() if p.is_file()) == [
        "report.html",
        "report.json",
        "report.md",
    ]
    shown = found.stdout.decode()
    assert "审批时效" in shown
    assert "建议策略" in shown
    assert "report.html" in shown


def test_doctor_says_what_is_missing_and_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALS_MODEL", "large-v3")
    monkeypatch.setenv("SIGNALS_MODEL_STORE", str(tmp_path))
    found = signals("doctor")
    assert found.returncode == 1
    assert "✗ 语音模型" in found.stdout.decode()
    assert "signals models pull large-v3" in found.stdout.decode()


def test_an_internal_error_shows_no_trace_and_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALS_THREADS", "many")  # settings that can't be read
    (tmp_path / "a.txt").write_text("客户：这是秘密\n", encoding="utf-8")
    found = signals("analyze", "a.txt", cwd=tmp_path)
    assert found.returncode == 70
    assert "Traceback" not in found.stderr.decode()
    assert "秘密" not in found.stderr.decode()


def test_pull_is_refused_when_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALS_OFFLINE", "1")
    found = signals("models", "pull", "small")
    assert found.returncode == 1
    assert "离线" in found.stderr.decode()
