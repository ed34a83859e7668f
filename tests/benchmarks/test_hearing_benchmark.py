"""The hearing benchmark's measures and degradations: that they count what they say they count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks" / "hearing"))

import itertools

import degrade
import false_repairs
import spliced
from degrade import KINDS, RATE, Line, Meeting, repeated
from meeting_metrics import (
    Found,
    Reference,
    ghosts,
    role_share,
    signal_scores,
    term_recall,
    word_time_errors,
)

from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.tags import Hit
from signals.domain.transcript import Word

LINES = [
    Reference("a", "manager", "您要贷款吗", 0.0, 2.0, ()),
    Reference("b", "customer", "利率多少", 3.0, 5.0, ("detail_rate",)),
    Reference("b", "customer", "能不能降一点", 6.0, 8.0, ("rate_cut",)),
]


def same(text: str) -> str:
    return text


def hit(label: str, start: float, end: float) -> Hit:
    return Hit(0, label, 0.9, 0.5, start, end, "", ())


def words(text: str, start: float, end: float) -> tuple[Word, ...]:
    step = (end - start) / len(text)
    return tuple(Word(c, start + i * step, start + (i + 1) * step, 0.9, c) for i, c in enumerate(text))


def test_a_term_counts_as_often_as_it_was_said_and_longer_terms_first() -> None:
    found = term_recall(["贷款", "贷款利率"], "贷款利率和贷款和贷款", "带款利率和贷款和贷款和贷款", same)
    assert found == Found(right=2, found=3, wanted=3)


def test_a_signal_is_right_when_its_line_is_said_while_it_is() -> None:
    hits = [hit("detail_rate", 3.2, 4.8), hit("rate_cut", 20.0, 22.0), hit("q_open", 0.0, 1.0)]
    found = signal_scores(LINES, hits, ["detail_rate", "rate_cut"])
    assert found == Found(right=1, found=2, wanted=2)
    assert found.f1 == 0.5


def test_a_line_with_the_other_role_counts_against_the_roles() -> None:
    turns = (
        Turn(0, "S0", Role.MANAGER, 0.0, 5.0, "", "", words("您要贷款吗利率多少", 0.0, 5.0)),
        Turn(1, "S1", Role.CUSTOMER, 6.0, 8.0, "", "", words("能不能降一点", 6.0, 8.0)),
    )
    assert role_share(LINES, Conversation(turns, (), 8.0)) == pytest.approx(2 / 3)


def test_word_times_are_compared_at_the_edges_of_lines() -> None:
    heard = (*words("您要贷款吗", 0.1, 2.0), *words("利率多少", 3.0, 5.4))
    assert word_time_errors(LINES[:2], heard, same) == pytest.approx([0.1, 0.0, 0.0, 0.4])


def test_text_where_nobody_speaks_is_a_ghost() -> None:
    heard = (*words("您要", 0.0, 1.0), *words("谢谢观看", 20.0, 22.0))
    characters, minutes = ghosts(LINES, heard, 68.5)
    assert characters == 4
    assert minutes == pytest.approx(1.0)


def meeting() -> Meeting:
    """Four tones, a second each, that count as lines."""
    time = np.arange(RATE) / RATE
    sound = np.zeros(7 * RATE, np.float32)
    lines = []
    for i in range(4):
        start = 0.5 + 1.6 * i
        sound[round(start * RATE) :][:RATE] = 0.5 * np.sin(2 * np.pi * (400 + 100 * i) * time)
        lines.append(Line(start, start + 1.0, {"speaker": str(i % 2)}))
    return Meeting(sound, tuple(lines))


@pytest.mark.parametrize("kind", KINDS)
def test_a_degraded_meeting_is_sound_with_its_lines_where_they_are_heard(kind: str) -> None:
    made = KINDS[kind](meeting())
    assert made.sound.dtype == np.float32
    assert np.isfinite(made.sound).all()
    assert 0.1 < np.abs(made.sound).max() <= 1.0
    rows = [x.row for x in made.lines]
    assert rows == [x.row for x in meeting().lines]
    for line in made.lines:
        inside = made.sound[round((line.start + 0.3) * made.rate) : round((line.end - 0.3) * made.rate)]
        assert np.abs(inside).max() > 0.05, line
    assert made.lines[-1].end <= len(made.sound) / made.rate


def test_fast_speech_keeps_its_pitch() -> None:
    made = degrade.fast(meeting())
    first = made.lines[0]
    tone = made.sound[round((first.start + 0.1) * RATE) : round((first.end - 0.1) * RATE)]
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), RATE))
    assert abs(int(spectrum.argmax()) - 400) < 12
    assert first.end - first.start == pytest.approx(1 / 1.3)


def test_every_third_change_overlaps() -> None:
    lines = degrade.overlapping(meeting()).lines
    assert [b.start < a.end for a, b in itertools.pairwise(lines)] == [False, False, True]


def test_a_meeting_is_repeated_as_often_as_it_takes() -> None:
    made = repeated(meeting(), 0.5)
    assert len(made.sound) / RATE == pytest.approx(35.0)
    assert len(made.lines) == 20
    assert made.lines[4].start == pytest.approx(7.5)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    degrade.write(meeting(), tmp_path / "a.wav")
    back = degrade.read(tmp_path / "a.wav")
    assert degrade.recordings(tmp_path) == [tmp_path / "a.wav"]
    assert [x.row for x in back.lines] == [x.row for x in meeting().lines]
    assert np.abs(back.sound - meeting().sound).max() < 1e-3


def test_a_clips_own_noise_is_not_taken_for_speech() -> None:
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.02, 4 * RATE).astype(np.float32)
    sound[RATE : 3 * RATE] += np.sin(np.arange(2 * RATE) * 0.2).astype(np.float32) * 0.5
    (only,) = spliced.said("a", sound, 10.0)
    assert [only.start, only.end] == pytest.approx([11.0, 13.0], abs=0.05)


def test_rows_without_a_text_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "利率"}\n{"heard": "力率"}\n\n', encoding="utf-8")
    assert list(false_repairs.texts(tmp_path / "rows.jsonl")) == ["利率"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="elsewhere the system tells no other peak")
def test_a_peak_is_not_that_of_the_process_that_started_it() -> None:
    large = np.ones(400_000_000, np.uint8)
    asked = subprocess.run(
        [sys.executable, "-c", "from peak import peak_megabytes; print(peak_megabytes())"],
        cwd=Path(degrade.__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0 < float(asked.stdout) < large.nbytes / 2**20 / 2
