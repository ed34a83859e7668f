"""What an output folder knows: one folder a meeting with its report, its stages and a record of what it was made from.

OUTPUT/NAME-HASH/report.html …   the reports
OUTPUT/NAME-HASH/stages/         results of stages, so that a run that was stopped goes on
OUTPUT/NAME-HASH/meeting.json    the record, written last: where it is whole, the meeting is done
OUTPUT/NAME-HASH/begun           how often the work was begun and never ended
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter, ValidationError

from signals.batch.files import MARKER
from signals.batch.summary import Meeting
from signals.domain.errors import BatchError, OutputError
from signals.report import write_whole

_HASH = 12
_LONGEST = 60
_RECORD, _BEGUN = "meeting.json", "begun"


@dataclass(frozen=True, slots=True)
class Record:
    """A meeting that is done."""

    name: str
    """Of the file, below the folder, when it was analysed."""
    sha256: str
    key: str
    """Of everything else that the result depends on: models, catalogue, what was known beforehand."""
    meeting: Meeting


_RECORD_JSON = TypeAdapter(Record)


@dataclass
class State:
    """The records in an output folder. Raises `OutputError` where it can't be written."""

    output: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Makes the folder and keeps other runs out of it. Raises `BatchError` when one is at work."""
        from filelock import FileLock, Timeout

        try:
            self.output.mkdir(parents=True, exist_ok=True)
            (self.output / MARKER).touch()
            lock = FileLock(self.output / ".lock", timeout=0)
            lock.acquire()
        except Timeout:
            raise BatchError(
                "busy", f"另一个 signals batch 正在写“{self.output}”", "请等它结束，或用 --output 换一个文件夹"
            ) from None
        except OSError:
            raise OutputError("cannot_write", f"无法写入输出文件夹“{self.output}”", "请用 --output 换一个") from None
        try:
            yield
        finally:
            lock.release()

    @cached_property
    def records(self) -> dict[str, Record]:
        """By the file's hash. A record that is cut off or of another version counts for nothing."""
        found = {}
        for path in self.output.glob(f"*/{_RECORD}"):
            try:
                record = _RECORD_JSON.validate_json(path.read_bytes())
            except (OSError, ValidationError):
                continue
            if (path.parent / "report.html").is_file():
                found[record.sha256] = record
        return found

    def folder(self, sha256: str, name: str) -> Path:
        """Where a meeting's report lies: the folder with its hash, whatever the file is called now."""
        stem = re.sub(r"[^\w.-]+", "_", PurePosixPath(name).stem)[:_LONGEST].strip("._-") or "meeting"
        mark = sha256[:_HASH]
        return self._folders.setdefault(mark, self.output / f"{stem}-{mark}")

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """By the hash at the end of their names."""
        return {p.name.rpartition("-")[2]: p for p in sorted(self.output.glob(f"*-{'?' * _HASH}"))}

    def begin(self, folder: Path) -> None:
        """Counts a beginning; what ends, well or not, is taken back by `end`."""
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _BEGUN, str(self.broken_off(folder) + 1))

    def end(self, folder: Path) -> None:
        """The work ended by itself or by the user's wish."""
        (folder / _BEGUN).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()  # where nothing came of it

    def broken_off(self, folder: Path) -> int:
        """How often the program died over this meeting."""
        try:
            return int((folder / _BEGUN).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def save(self, folder: Path, record: Record) -> None:
        """The meeting is done."""
        write_whole(folder / _RECORD, _RECORD_JSON.dump_json(record).decode())
        self.records[record.sha256] = record
