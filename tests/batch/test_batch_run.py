"""A folder of meetings, run again and again."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from batch_rig import MISSED, FileWatcher, Rig, sound
from fakes import FakeTagger, FakeTranscriber

from signals.batch import Batch, Plan, Result, find_files, watch
from signals.batch.files import content_hash
from signals.batch.state import State
from signals.domain.closing import Verdict
from signals.domain.conversation import Conversation
from signals.domain.errors import BatchError, OutputError, TranscriptionError
from signals.domain.tags import Hit
from signals.pipeline import Engines


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def names(result: Result) -> list[str]:
    return [e.name for e in result.entries]


def test_recordings_and_transcripts_in_all_folders_become_reports_with_what_their_names_tell(rig: Rig) -> None:
    sound(rig.folder / "东区" / "20261120_宏达制造_客户经理李明.wav")
    rig.text("2026-11-03 东方食品有限公司 王总.txt")
    result = rig.run()
    found = {e.name: (e.details.client, e.details.manager, str(e.details.met_on)) for e in result.entries}
    assert found == {
        "东区/20261120_宏达制造_客户经理李明.wav": ("宏达制造", "李明", "2026-11-20"),
        "2026-11-03 东方食品有限公司 王总.txt": ("东方食品有限公司", "", "2026-11-03"),
    }
    assert (result.new, result.known, result.failures) == (2, 0, ())
    for entry in result.entries:
        assert (rig.output / entry.folder / "report.html").is_file()
    assert [n for n, _, _ in rig.watcher.files] == [1, 2]
    assert sum(share for _, share in rig.watcher.shares) == pytest.approx(1.0)


def test_a_second_run_does_only_what_is_new(rig: Rig) -> None:
    sound(rig.folder / "a.wav")
    rig.run()
    rig.text("b.txt")
    result = rig.run()
    assert rig.done == ["b.txt"]
    assert (result.new, result.known) == (1, 1)
    assert names(result) == ["a.wav", "b.txt"]


def test_a_file_that_was_renamed_and_moved_is_known_and_shown_by_its_new_name(rig: Rig) -> None:
    path = rig.text("20261101_宏达制造.txt")
    rig.run()
    (rig.folder / "北区").mkdir()
    path.rename(rig.folder / "北区" / "20261101_宏达制造_李经理.txt")
    sheet = rig.folder / "表.csv"  # the title stays, so the report does
    sheet.write_text("file,title,client\n20261101_宏达制造_李经理.txt,宏达制造,新名公司\n", encoding="utf-8")
    result = rig.run()
    assert rig.done == []
    assert [(e.name, e.details.client) for e in result.entries] == [("北区/20261101_宏达制造_李经理.txt", "新名公司")]


def test_another_title_makes_the_report_anew_but_recognises_nothing_again(rig: Rig) -> None:
    sound(rig.folder / "a.wav")
    rig.run()
    (rig.folder / "表.csv").write_text("文件,标题\na,季度拜访\n", encoding="utf-8")
    result = rig.run()
    assert rig.done == ["a.wav"]
    assert rig.heard == 0
    assert result.entries[0].meeting.title == "季度拜访"
    assert "季度拜访" in (rig.output / result.entries[0].folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", ["transcriber", "tagger"])
def test_another_model_analyses_everything_again(rig: Rig, engine: str) -> None:
    sound(rig.folder / "a.wav")
    rig.run()

    def newer(engines: Engines) -> Engines:
        return replace(engines, **{engine: replace(getattr(engines, engine), description="v2")})

    rig.change = newer
    rig.run()
    assert rig.tagged == 1
    assert rig.heard == (1 if engine == "transcriber" else 0)


def test_another_threshold_in_the_catalogue_analyses_everything_again(rig: Rig) -> None:
    rig.text("a.txt")
    rig.run()
    rig.change = lambda e: replace(e, catalogue=e.catalogue.with_thresholds({"rate_cut": 0.123}))
    rig.run()
    assert rig.done == ["a.txt"]


def test_bad_files_are_passed_over_and_told_with_a_remedy_and_tried_again_the_next_time(rig: Rig) -> None:
    (rig.folder).mkdir()
    (rig.folder / "a.wav").write_bytes(b"no sound at all")
    (rig.folder / "b.txt").write_bytes(b"")
    rig.text("c.txt")
    for _ in range(2):
        result = rig.run()
        assert names(result) == ["c.txt"]
        assert [f.name for f in result.failures] == ["a.wav", "b.txt"]
        assert all(f.message and f.remedy for f in result.failures)
    assert rig.done == ["a.wav", "b.txt"]
    assert len([p for p in rig.output.iterdir() if p.is_dir()]) == 1, "a bad file leaves no folder behind"


@dataclass
class Broken(FakeTagger):
    """Fails on one meeting only."""

    error: Exception = field(default_factory=Exception)

    def tag(self, conversation: Conversation) -> tuple[Hit, ...]:
        if any("坏" in t.text for t in conversation.turns):
            raise self.error
        return super().tag(conversation)


@pytest.mark.parametrize(
    "error",
    [KeyError("秘密"), MemoryError(), OSError(errno.EIO, "秘密"), TranscriptionError("x", "识别失败", "请重试")],
)
def test_a_fault_in_one_meeting_leaves_the_others_alone_and_quotes_nothing(rig: Rig, error: Exception) -> None:
    rig.text("a.txt", "客户：坏的\n客户经理：好\n")
    rig.text("b.txt")
    rig.change = lambda e: replace(e, tagger=Broken(error=error))
    result = rig.run()
    assert names(result) == ["b.txt"]
    assert [f.name for f in result.failures] == ["a.txt"]
    assert "秘密" not in result.failures[0].message


def test_a_full_disk_ends_the_run(rig: Rig) -> None:
    rig.text("a.txt", "客户：坏的\n客户经理：好\n")
    rig.text("b.txt")
    rig.change = lambda e: replace(e, tagger=Broken(error=OutputError("disk_full", "磁盘满了", "请清理")))
    with pytest.raises(OutputError):
        rig.run()
    assert rig.done == ["a.txt"]


def test_copies_are_analysed_once_and_a_transcript_beside_its_recording_is_not(rig: Rig) -> None:
    sound(rig.folder / "a.wav")
    sound(rig.folder / "b.wav")
    rig.text("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n客户：好\n")
    result = rig.run()
    assert names(result) == ["a.wav"]
    assert [f.name for f in result.passed_over] == ["a.srt", "b.wav"]
    assert result.failures == ()


def test_a_file_with_other_content_takes_the_place_of_the_former_and_one_that_is_gone_stays(rig: Rig) -> None:
    gone = rig.text("a.txt", MISSED)
    rig.text("b.txt")
    rig.run()
    gone.unlink()
    rig.text("b.txt", "客户经理：我们行的方案\n客户：换了一份\n")
    result = rig.run()
    assert rig.done == ["b.txt"]
    assert sorted(names(result)) == ["a.txt", "b.txt"]


def test_what_a_run_wrote_what_is_hidden_and_what_is_no_file_is_not_taken_for_meetings(rig: Rig) -> None:
    rig.text("a.txt")
    rig.run(output=rig.folder / "结果")
    (rig.folder / "旧.report").mkdir()
    (rig.folder / "旧.report" / "report.json").write_text("{}", encoding="utf-8")
    rig.text(".隐藏.txt")
    os.mkfifo(rig.folder / "管道.wav")
    assert [f.name for f in find_files(rig.folder)] == ["a.txt"]


def test_the_manager_s_channel_that_there_is_not_is_only_a_notice(rig: Rig) -> None:
    sound(rig.folder / "宏达制造 左声道经理.wav")
    result = rig.run()
    assert result.failures == ()
    assert any("声道" in n for n in result.entries[0].meeting.notices)


def test_two_runs_into_one_folder_are_refused(rig: Rig) -> None:
    rig.text("a.txt")
    with rig.batch().alone(), pytest.raises(BatchError, match="另一个"):
        rig.run()


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_folder_and_none_are_errors_with_a_remedy(rig: Rig, there: bool) -> None:
    if there:
        rig.folder.mkdir()
    with pytest.raises(BatchError) as error:
        rig.run()
    assert error.value.remedy


def test_a_file_over_which_the_program_died_twice_comes_last(rig: Rig) -> None:
    deadly = rig.text("a.txt")
    rig.text("b.txt", MISSED)
    state = State(rig.output)
    folder = state.folder(content_hash(deadly), "a.txt")
    state.begin(folder)
    state.begin(folder)
    rig.run()
    assert rig.done == ["b.txt", "a.txt"]
    assert state.broken_off(folder) == 0


def test_a_record_that_was_cut_off_or_lost_its_report_is_made_again(rig: Rig) -> None:
    rig.text("a.txt")
    rig.text("b.txt", MISSED)
    for entry in rig.run().entries:
        folder = rig.output / entry.folder
        if entry.name == "a.txt":
            (folder / "meeting.json").write_bytes((folder / "meeting.json").read_bytes()[:50])
        else:
            (folder / "report.html").unlink()
    rig.run()
    assert rig.done == ["a.txt", "b.txt"]


def test_missed_closings_come_first(rig: Rig) -> None:
    rig.text("20261101_甲.txt")
    rig.text("20261001_乙.txt", MISSED)
    result = rig.run()
    assert names(result) == ["20261001_乙.txt", "20261101_甲.txt"]
    assert result.entries[0].meeting.verdict is Verdict.MISSED


class Enough(Exception):
    """The watching ends."""


def watched(batch: Batch, *happenings: object) -> list[Result | BatchError]:
    """What a watch tells while, pause after pause, this happens."""
    told: list[Result | BatchError] = []
    left = list(happenings)

    def pause() -> None:
        if not left:
            raise Enough
        happening = left.pop(0)
        if callable(happening):
            happening()

    with batch.alone(), pytest.raises(Enough):
        watch(batch, told.append, pause)
    return told


def test_a_watched_folder_does_a_new_file_once_when_it_has_stopped_growing(rig: Rig) -> None:
    growing = rig.text("b.txt", MISSED[:30])
    rig.text("a.txt")

    def grow() -> None:
        growing.write_text(growing.read_text(encoding="utf-8") + "客户：还有\n", encoding="utf-8")

    told = watched(rig.batch(), grow, grow, None, None, None)
    assert [r.new for r in told if isinstance(r, Result)] == [1, 1]
    assert rig.done == ["a.txt", "b.txt"]
    last = told[-1]
    assert isinstance(last, Result)
    assert sorted(names(last)) == ["a.txt", "b.txt"]


def test_a_watched_folder_tells_of_a_bad_sheet_and_goes_on_when_it_is_put_right(rig: Rig) -> None:
    rig.text("a.txt")
    sheet = rig.folder / "表.csv"
    sheet.write_text("名字\nx\n", encoding="utf-8")
    told = watched(
        rig.batch(), None, None, lambda: sheet.write_text("文件,客户\na.txt,甲公司\n", encoding="utf-8"), None
    )
    assert [type(t) for t in told] == [BatchError, Result]


def test_a_watched_folder_does_not_try_a_bad_file_again_until_it_changes(rig: Rig) -> None:
    bad = rig.text("a.txt", "")
    told = watched(rig.batch(), None, lambda: rig.text("b.txt"), None, None)
    assert [len(r.failures) for r in told if isinstance(r, Result)] == [1, 1]
    assert rig.watcher.stages.count("transcripts") == 2
    assert bad.is_file()


def test_nothing_needs_a_model_that_is_not_asked_for_twice(rig: Rig) -> None:
    loaded = []
    rig.text("a.txt")
    plan = Plan(folder=rig.folder, output=rig.output, audio=False)
    made = rig.batch()

    def load(_: object) -> Engines:
        loaded.append(1)
        return made.engines

    batch = Batch(plan, made.settings, FileWatcher(), load)
    with batch.alone():
        batch.round()
        rig.text("b.txt", MISSED)
        batch.round()
    assert loaded == [1]
    assert isinstance(made.engines.transcriber, FakeTranscriber)
