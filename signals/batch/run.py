"""The work on a folder: what is new is analysed, what is bad is passed over, and everything is summed up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from signals import __version__
from signals.api import load_catalogue, load_engines, run, write_reports
from signals.batch.files import Found, content_hash, find_files
from signals.batch.page import write_page
from signals.batch.sheet import Details, Row, details_of, read_sheet, sheet_in
from signals.batch.state import Record, State
from signals.batch.summary import Entry, Failure, Result, most_urgent_first, summed_up
from signals.batch.workbook import write_workbook
from signals.domain.errors import BatchError, Cancelled, OutputError, SignalsError
from signals.pipeline import Engines, Request, Watcher, unless_no_channels
from signals.settings import Settings

EngineLoader = Callable[[Settings], Engines]
PAGE, WORKBOOK = "index.html", "meetings.xlsx"
_DEADLY = 2
"""A file over which the program died so often comes last, so that the others are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the user wants done."""

    folder: Path
    output: Path
    sheet: Path | None = None
    """None takes the one that lies in the folder, if any."""
    use_sheet: bool = True
    audio: bool = True
    """Put the sound inside the reports."""


class BatchWatcher(Watcher, Protocol):
    """Also told which file the stages are about."""

    def file(self, number: int, of: int, name: str, done: float, share: float) -> None:
        """The work on a file begins. `done` and `share` 0..1: of all work, what is behind and what this file is."""


@dataclass(frozen=True, slots=True)
class _Job:
    found: Found
    sha256: str
    details: Details
    key: str
    folder: Path


def load(settings: Settings) -> Engines:
    """The product's own engines; tests bring others."""
    return load_engines(settings, load_catalogue())


class Batch:
    """One folder and its output. `alone` holds the output folder while `round` is called once or again and again."""

    def __init__(self, plan: Plan, settings: Settings, watcher: BatchWatcher, load: EngineLoader = load) -> None:
        self.plan, self.settings, self.watcher = plan, settings, watcher
        self._load, self._state = load, State(plan.output)
        self._hashes: dict[Found, str] = {}
        self._failed: dict[tuple[Found, str], Failure] = {}

    @cached_property
    def engines(self) -> Engines:
        """Loaded once, for all files."""
        return self._load(self.settings)

    def alone(self) -> AbstractContextManager[None]:
        """Makes the output folder and keeps other runs out. Raises `BatchError` when one is at work."""
        return self._state.alone()

    def sheet(self) -> Path | None:
        """The sheet that is used. Raises `BatchError` where it is not clear which."""
        if self.plan.sheet is not None or not self.plan.use_sheet:
            return self.plan.sheet
        return sheet_in(self.plan.folder)

    def round(self, found: Sequence[Found] | None = None) -> Result:
        """Analyses what is new among `found` (None: all files) and writes the summary, also when it is stopped.

        Raises `BatchError` for a bad sheet, `OutputError` where nothing can be written, `ModelError` without models.
        """
        found = find_files(self.plan.folder) if found is None else found
        if not found:
            raise BatchError(
                "no_files", f"“{self.plan.folder}”里没有录音或文字稿", "请检查路径；支持的格式见 signals analyze --help"
            )
        rows, failures = self._rows(found)
        new = 0
        jobs, passed_over = self._jobs(found, rows, failures)
        todo = [j for j in jobs if not self._is_done(j)]
        todo.sort(key=lambda j: self._state.broken_off(j.folder) >= _DEADLY)
        whole, behind = sum(j.found.work for j in todo) or 1.0, 0.0
        try:
            for number, job in enumerate(todo, 1):
                share = job.found.work / whole
                self.watcher.file(number, len(todo), job.found.name, behind, share)
                failure = self._failed.get((job.found, job.key)) or self._attempt(job)
                behind += share
                if failure is None:
                    new += 1
                else:
                    self._failed[job.found, job.key] = failure
                    failures.append(failure)
        finally:
            result = Result(
                entries=most_urgent_first(self._entries(jobs, found, rows)),
                failures=tuple(failures),
                new=new,
                known=len(jobs) - len(todo),
                passed_over=tuple(passed_over),
            )
            write_page(result, self.plan.folder.resolve().name, self.plan.output / PAGE)
            write_workbook(result, self.plan.output / WORKBOOK)
        return result

    def _rows(self, found: Sequence[Found]) -> tuple[Mapping[str, Row], list[Failure]]:
        """The sheet's row of each file, also of files that were analysed and are gone."""
        path = self.sheet()
        if path is None:
            return {}, []
        names = {f.name for f in found} | {r.name for r in self._state.records.values()}
        rows, missing = read_sheet(path).match(names)
        remedy = "请检查表格里的文件名，或把文件放进文件夹后再运行一次"
        return rows, [Failure(r.file, f"表格“{path.name}”第 {r.number} 行的文件没有找到", remedy) for r in missing]

    def _jobs(
        self, found: Sequence[Found], rows: Mapping[str, Row], failures: list[Failure]
    ) -> tuple[list[_Job], list[Failure]]:
        jobs: dict[str, _Job] = {}
        passed_over = []
        recordings = {str(PurePosixPath(f.name).with_suffix("")): f for f in found if f.is_recording}
        for file in found:
            same = recordings.get(str(PurePosixPath(file.name).with_suffix("")))
            if same and not file.is_recording:
                passed_over.append(
                    Failure(file.name, f"与录音“{same.name}”同名，只分析了录音", "要分析文字稿请改名或移开录音")
                )
                continue
            try:
                digest = self._hash(file)
            except OSError:
                failures.append(Failure(file.name, "读不出文件", "请检查权限，或把文件复制到本机后重试"))
                continue
            if digest in jobs:
                passed_over.append(
                    Failure(file.name, f"内容与“{jobs[digest].found.name}”完全相同，只分析了一次", "可以删去其中一份")
                )
                continue
            details = details_of(file.name, rows.get(file.name))
            folder = self._state.folder(digest, file.name)
            jobs[digest] = _Job(file, digest, details, self._key(details), folder)
        return list(jobs.values()), passed_over

    def _hash(self, file: Found) -> str:
        if file not in self._hashes:
            self._hashes[file] = content_hash(file.path)
        return self._hashes[file]

    def _key(self, details: Details) -> str:
        """Of all that the report depends on beside the file's content."""
        parts = [*self._versions, details.title, str(details.speakers), str(details.manager_channel)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @cached_property
    def _versions(self) -> tuple[str, ...]:
        e = self.engines
        used = (e.transcriber, e.rewriter, e.by_voice, e.by_channel, e.tagger)
        return __version__, *(x.description for x in used), e.catalogue.model_dump_json(), str(self.plan.audio)

    def _is_done(self, job: _Job) -> bool:
        record = self._state.records.get(job.sha256)
        return record is not None and record.key == job.key

    def _attempt(self, job: _Job) -> Failure | None:
        """Analyses one file. Only what concerns every file is raised: the user's wish to stop, a full disk."""
        self._state.begin(job.folder)
        try:
            self._analyse(job)
        except (Cancelled, OutputError):
            raise
        except SignalsError as error:
            return Failure(job.found.name, error.message, error.remedy)
        except MemoryError:
            return Failure(job.found.name, "内存不足，分析中断", "请关闭其他程序，或换内存更大的机器后再运行一次")
        except OSError:
            return Failure(job.found.name, "读写文件时出错，分析中断", "请检查磁盘空间和文件权限后再运行一次")
        except Exception as error:
            alone = f"请用 SIGNALS_DEBUG=1 signals analyze “{job.found.name}” 单独运行，把输出发给维护人员"
            return Failure(job.found.name, f"程序内部错误（{type(error).__name__}），很抱歉", alone)
        finally:
            self._state.end(job.folder)
        return None

    def _analyse(self, job: _Job) -> None:
        request = Request(
            path=job.found.path,
            speakers=job.details.speakers,
            manager_channel=job.details.manager_channel,
            title=job.details.title,
            work_dir=self.settings.work_dir,
            keep=job.folder / "stages",
        )
        report = unless_no_channels(lambda asked: run(asked, self.settings, self.watcher, self.engines), request)
        self.watcher.stage("report")
        write_reports(report, job.found.path, job.folder, with_audio=self.plan.audio)
        meeting = summed_up(report, self.engines.catalogue)
        self._state.save(job.folder, Record(job.found.name, job.sha256, job.key, meeting))

    def _entries(self, jobs: Sequence[_Job], found: Sequence[Found], rows: Mapping[str, Row]) -> list[Entry]:
        """Every meeting that is done. One whose file is gone stays; one whose file has other content now does not."""
        here = {j.sha256: j for j in jobs}
        names = {f.name for f in found}
        entries = []
        for digest, record in self._state.records.items():
            job = here.get(digest)
            if job is None and record.name in names:
                continue
            name = job.found.name if job else record.name
            details = job.details if job else details_of(name, rows.get(name))
            folder = self._state.folder(digest, name).name
            entries.append(Entry(name, folder, details, record.meeting))
        return entries


def watch(batch: Batch, tell: Callable[[Result | BatchError], None], pause: Callable[[], None]) -> None:
    """Goes on for ever: after each `pause` looks for files that are as they were at the look before, and does them.

    `tell` hears of every round that had something to do, and of a sheet that can't be read, once.
    """
    before: dict[str, Found] = {}
    done: object = None
    while True:
        now = {f.name: f for f in find_files(batch.plan.folder)}
        settled = [f for f in now.values() if before.get(f.name) == f]
        before = now
        state = (settled, _stamp(batch))
        if settled and state != done:
            done = state
            try:
                tell(batch.round(settled))
            except BatchError as error:
                tell(error)
        pause()


def _stamp(batch: Batch) -> object:
    """Changes when the sheet does."""
    try:
        path = batch.sheet()
        return path and (path, path.stat().st_mtime_ns)
    except BatchError as error:
        return str(error)
    except OSError:
        return None
