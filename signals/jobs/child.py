"""One piece of work in a process of its own, so that a crash of a decoder or engine takes nobody else along.

Started as `python -m signals.jobs.child`. Reads one JSON order from its standard input, answers with JSON lines on
standard output: {"stage": …}, {"progress": 0..1}, and last {"done": …} or {"error": {code, message, remedy}}. Ends at
once when its input is closed: then whoever started it has died or wants it to stop.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from signals.domain.errors import AudioError, JobError, SignalsError
from signals.domain.report import REPORT_JSON
from signals.pipeline import Engines, Request
from signals.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EngineLoader = Callable[[Settings], Engines]
SOUND, PEAKS, REPORT, WORDS, VECTORS = "sound.mp3", "peaks.json", "report.json", "words.json", "vectors.bin"
"""What the work leaves in its folder."""


class _Enough(Exception):
    """What was asked for is done; the stage that would begin now is another order's."""


class Line:
    """Tells progress by a line; more than 100 steps a stage are nobody's need."""

    def __init__(self, sink: TextIO, before: str = "") -> None:
        self._sink, self._before, self._told = sink, before, -1

    def stage(self, name: str) -> None:
        if name == self._before:
            raise _Enough
        self._told = -1
        self.say(stage=name)

    def progress(self, done: float) -> None:
        if (step := int(done * 100)) > self._told:
            self._told = step
            self.say(progress=round(done, 4))

    def say(self, **line: Any) -> None:
        self._sink.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._sink.flush()


def main(load: EngineLoader | None = None) -> int:
    """Does one order. `load` gives the engines; the product's own unless a test brings others."""
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # a library that prints must not speak in our name
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    line = Line(sink, order.get("before", ""))
    try:
        done = _WORK[order["work"]](order, line, load or _engines)
    except SignalsError as error:
        line.say(error={"code": error.code, "message": error.message, "remedy": error.remedy})
    except MemoryError:
        line.say(error=_error("out_of_memory", "内存不足，分析中断", "请关闭其他程序，或换内存更大的机器后重试"))
    except OSError as error:
        line.say(error=os_error(error))
    else:
        line.say(done=done)
    return 0


def _die_with_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(3)


def _engines(settings: Settings) -> Engines:
    from signals.api import load_catalogue, load_engines

    return load_engines(settings, load_catalogue())


def _inspect(order: Mapping[str, Any], _: Line, __: EngineLoader) -> dict[str, Any]:
    """What an upload is: a recording with its duration (None when not stated), or a transcript."""
    from signals.audio import probe
    from signals.transcripts import read_transcript

    path = Path(order["path"])
    try:
        return {"kind": "recording", "duration": probe(path).duration}
    except AudioError as not_sound:
        try:
            return {"kind": "transcript", "duration": read_transcript(path).duration}
        except SignalsError as not_text:
            raise (not_text if _looks_like_text(path) else not_sound) from None


def _looks_like_text(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _hear(order: Mapping[str, Any], line: Line, load: EngineLoader) -> None:
    """Runs the pipeline up to the stage `before`; results of stages stay in the folder, each as soon as it is done."""
    from signals.pipeline import analyse_recording

    try:
        analyse_recording(_request(order), load(_settings(order)), line)
    except _Enough:
        return


def _understand(order: Mapping[str, Any], line: Line, load: EngineLoader) -> dict[str, Any]:
    """The whole pipeline, earlier stages from the folder; leaves the report as JSON beside them."""
    from signals.corrected import judged_by
    from signals.pipeline import analyse_recording, analyse_transcript, unless_no_channels

    engines, request = load(_settings(order)), _request(order)
    run = analyse_transcript if order["kind"] == "transcript" else analyse_recording
    report = unless_no_channels(lambda asked: run(asked, engines, line), request)
    (Path(order["folder"]) / REPORT).write_bytes(REPORT_JSON.dump_json(report))
    words = engines.tagger.search_words([t.text for t in report.conversation.turns])
    (Path(order["folder"]) / WORDS).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    ((_, kept),) = engines.tagger.tag_again([report.conversation], [report.hits], [None])
    (Path(order["folder"]) / VECTORS).write_bytes(kept.data if kept else b"")
    signals = sum(engines.catalogue.label(h.label).is_signal for h in report.hits)
    return {
        "verdict": report.closing.verdict.value,
        "signals": signals,
        "duration": report.conversation.duration,
        "tagger": judged_by(engines.tagger, engines.catalogue),
        "encoder": kept.encoder if kept else "",
    }


def _publish(order: Mapping[str, Any], line: Line, _: EngineLoader) -> None:
    """The sound as browsers play it and its waveform's peaks."""
    from signals.audio import compress, peaks

    folder, path = Path(order["folder"]), Path(order["path"])
    line.stage("publish")
    (folder / SOUND).write_bytes(compress(path))
    line.progress(0.6)
    (folder / PEAKS).write_text(json.dumps(peaks(folder / SOUND)), encoding="ascii")
    line.progress(1.0)


def _retag(order: Mapping[str, Any], line: Line, load: EngineLoader) -> None:
    """All history anew; writes to the database itself, meeting by meeting, as long as the chore is the worker's."""
    from signals.jobs.retag import Options, Outcome, retag
    from signals.store import retag as store
    from signals.store.database import Database

    engines, database = load(_settings(order)), Database(order["database"])
    chore, worker = order["chore"], order["worker"]
    line.stage("retag")
    with database.session() as session:
        so_far = Outcome.of(store.result(session, chore))

    def keep(session: Session, outcome: Outcome) -> None:
        store.keep_result(session, chore, worker, outcome.plain())

    def tell(done: int, total: int) -> None:
        line.progress(done / max(1, total))

    with suppress(store.Taken):
        outcome = retag(database, engines.tagger, engines.catalogue, Options(outcome=so_far, keep=keep, tell=tell))
        with database.session() as session:
            keep(session, outcome)


def _settings(order: Mapping[str, Any]) -> Settings:
    return Settings(**order["settings"])


def _request(order: Mapping[str, Any]) -> Request:
    folder = Path(order["folder"])
    return Request(
        path=Path(order["path"]),
        speakers=order["speakers"],
        manager_channel=order["manager_channel"],
        title=order["title"],
        work_dir=folder,
        keep=folder / "stages",
    )


_WORK: Mapping[str, Callable[[Mapping[str, Any], Line, EngineLoader], Any]] = {
    "inspect": _inspect,
    "hear": _hear,
    "understand": _understand,
    "publish": _publish,
    "retag": _retag,
}


def _error(code: str, message: str, remedy: str) -> dict[str, str]:
    error = JobError(code, message, remedy)
    return {"code": error.code, "message": error.message, "remedy": error.remedy}


def os_error(error: OSError) -> dict[str, str]:
    """A fault of the disk in words for a manager."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _error("disk_full", "磁盘空间不足，分析中断", "请联系管理员清理磁盘后点“重试”，已完成的步骤会保留")
    return _error("cannot_read", "读写文件时出错，分析中断", "请点“重试”；仍然失败请联系管理员检查数据文件夹")


if __name__ == "__main__":
    sys.exit(main())
