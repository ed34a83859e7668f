"""The order of the stages. The only file that knows it.

file → decode → transcribe → wording → diarize → turns and roles → tag → close → report
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from signals.alongside import ENOUGH_CORES, Alongside
from signals.domain.audio import AudioInfo, ChannelLayout, Waveform
from signals.domain.catalogue import Catalogue
from signals.domain.conversation import Conversation, Diarization, DiarizationMethod, Role, Turn
from signals.domain.errors import DiarizationError, ModelError, SignalsError
from signals.domain.machine import cores
from signals.domain.protocols import Diarizer, Progress, Rewriter, RoleScorer, Tagger, Transcriber
from signals.domain.report import Notice, Report
from signals.domain.transcript import Removal, SpeechSpan, Transcript
from signals.stages import StageStore

_LOW_COVERAGE = 0.9
_UNSURE_ROLE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user wants done with one file."""

    path: Path
    speakers: int | None = None
    """Known number of speakers; None estimates it."""
    manager_speakers: tuple[str, ...] = ()
    """Speakers whom the user names as the bank's side; everybody else is then a customer."""
    manager_channel: int | None = None
    """0 for left, 1 for right, when the user says on which side the manager is."""
    names: tuple[tuple[str, str], ...] = ()
    """What to call speakers: pairs of a speaker and a name."""
    title: str = ""
    work_dir: Path | None = None
    keep: Path | None = None
    """Folder for the results of stages; None keeps none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The capabilities that the stages use; tests put fakes here."""

    transcriber: Transcriber
    rewriter: Rewriter
    by_voice: Diarizer
    by_channel: Diarizer
    roles: RoleScorer
    tagger: Tagger
    catalogue: Catalogue


class Watcher(Protocol):
    """Told what is going on."""

    def stage(self, name: str) -> None:
        """A stage begins: audio, asr, wording, speakers (or transcripts), tagging, closing."""

    def progress(self, done: float) -> None:
        """`done` 0..1 of the running stage; may raise `Cancelled`."""


class Unwatched:
    """Nobody looks on, and nobody cancels."""

    def stage(self, name: str) -> None: ...

    def progress(self, done: float) -> None: ...


def analyse_recording(request: Request, engines: Engines, watcher: Watcher) -> Report:
    """From a recording to a report. Raises `SignalsError`; a failed separation of speakers is only a notice."""
    from signals.audio import probe

    watcher.stage("audio")
    info = probe(request.path)
    store = StageStore(request.keep)
    with tempfile.TemporaryDirectory(prefix="signals-", dir=request.work_dir) as folder:
        heard = _hear(request, engines, watcher, store, info, Path(folder) / "sound.raw")
    report = _understand(request, engines, watcher, store, heard)
    return replace(report, source=info, layout=heard.layout, coverage=heard.transcript.coverage)


def analyse_transcript(request: Request, engines: Engines, watcher: Watcher) -> Report:
    """From a finished transcript (SRT, VTT, JSON, text) to the same report."""
    from signals.transcripts import read_transcript

    watcher.stage("transcripts")
    conversation = read_transcript(request.path)
    store = StageStore(request.keep)
    given = {r.speaker: r.role for r in conversation.roles if r.source == "given"}
    diarization = Diarization((), DiarizationMethod.GIVEN)
    roles = _stated(request, diarization, conversation.turns) or given
    heard = _Attributed(
        conversation=_with_roles(conversation, engines, roles),
        diarization=diarization,
        removed=(),
        notices=[],
        key="transcript",
    )
    return _report(request, engines, watcher, store, heard)


def unless_no_channels(run: Callable[[Request], Report], request: Request) -> Report:
    """`run`, and where the manager's channel was a guess or a slip, once more without it and with a notice that says so."""
    try:
        return run(request)
    except SignalsError as error:
        if error.code != "no_channels":
            raise
    report = run(replace(request, manager_channel=None))
    notice = Notice("no_channels", "这段录音不是左右声道各录一方，没有按声道认定客户经理；如有误请在报告中对调说话人")
    return replace(report, warnings=(*report.warnings, notice))


@dataclass(frozen=True, slots=True)
class _Heard:
    layout: ChannelLayout
    transcript: Transcript
    diarization: Diarization
    notices: list[Notice]
    duration: float
    key: str


@dataclass(frozen=True, slots=True)
class _Attributed:
    conversation: Conversation
    diarization: Diarization
    removed: tuple[Removal, ...]
    notices: list[Notice]
    key: str


@dataclass(frozen=True, slots=True)
class _Decoded:
    """What of decoding is worth keeping; the sound itself is not."""

    layout: ChannelLayout
    duration: float
    broken: bool


def _hear(
    request: Request, engines: Engines, watcher: Watcher, store: StageStore, info: AudioInfo, sound: Path
) -> _Heard:
    decoded: list[Waveform] = []

    def waveform() -> Waveform:
        """Decodes once, and not at all when every later stage is on disk."""
        if not decoded:
            from signals.audio import decode

            decoded.append(decode(request.path, info, sound, lambda _: None)[0])
        return decoded[0]

    def first_decoding() -> _Decoded:
        from signals.audio import channel_layout, decode

        wave, broken = decode(request.path, info, sound, watcher.progress)
        decoded.append(wave)
        return _Decoded(channel_layout(wave), wave.duration, broken)

    basis, key = store.run("audio", _Decoded, {"version": "1"}, info.sha256, first_decoding)
    watcher.stage("asr")
    diarizer = _diarizer(request, engines, basis.layout)

    def diarize(speech: Sequence[SpeechSpan], progress: Progress) -> Diarization:
        return diarizer.diarize(waveform(), speech, request.speakers, progress)

    with Alongside[Diarization]() as early:
        both = cores() >= ENOUGH_CORES
        transcript, asr_key = store.run(
            "asr",
            Transcript,
            {"version": "1", "engine": engines.transcriber.description},
            key,
            lambda: engines.transcriber.transcribe(
                waveform(), watcher.progress, (lambda found: early.start(partial(diarize, found))) if both else None
            ),
        )
        watcher.stage("wording")
        rewriter = engines.rewriter
        wording = store.timed("wording", rewriter.description, partial(rewriter.rewrite, transcript))
        watcher.stage("speakers")
        notices = _sound_notices(basis, transcript)
        try:
            diarization, speaker_key = store.run(
                "speakers",
                Diarization,
                {"version": "1", "engine": diarizer.description, "speakers": str(request.speakers or "auto")},
                asr_key,
                lambda: early.result(watcher.progress, lambda: diarize(transcript.speech, watcher.progress)),
            )
        except (DiarizationError, ModelError) as error:
            diarization, speaker_key = Diarization((), DiarizationMethod.NONE, note=str(error)), asr_key
    if diarization.note:
        notices.append(Notice("speakers", f"说话人区分：{diarization.note}"))
    return _Heard(basis.layout, wording, diarization, notices, basis.duration, speaker_key)


def _diarizer(request: Request, engines: Engines, layout: ChannelLayout) -> Diarizer:
    if layout is ChannelLayout.SPLIT and request.speakers in (None, 2):
        return engines.by_channel
    return engines.by_voice


def _understand(request: Request, engines: Engines, watcher: Watcher, store: StageStore, heard: _Heard) -> Report:
    from signals.speakers.turns import build_turns

    turns = build_turns(heard.transcript, heard.diarization)
    given = _stated(request, heard.diarization, turns)
    conversation = _with_roles(Conversation(turns, (), heard.duration), engines, given)
    attributed = _Attributed(conversation, heard.diarization, heard.transcript.removed, heard.notices, heard.key)
    return _report(request, engines, watcher, store, attributed)


def _with_roles(conversation: Conversation, engines: Engines, given: Mapping[str, Role]) -> Conversation:
    from signals.speakers.roles import apply_roles, assign_roles

    roles = assign_roles(conversation.turns, engines.roles, given)
    return replace(conversation, turns=apply_roles(conversation.turns, roles), roles=roles)


def _stated(request: Request, diarization: Diarization, turns: Sequence[Turn]) -> dict[str, Role]:
    from signals.speakers.stated import stated_roles

    return stated_roles(request.manager_speakers, request.manager_channel, diarization, turns)


def _report(request: Request, engines: Engines, watcher: Watcher, store: StageStore, attributed: _Attributed) -> Report:
    import signals
    from signals.closing import analyse
    from signals.coaching import talk_statistics
    from signals.speakers.stated import named

    conversation = named(attributed.conversation, request.names)
    watcher.stage("tagging")
    hits = store.timed("tagging", engines.tagger.description, lambda: engines.tagger.tag(conversation))
    watcher.stage("closing")
    closing = store.timed("closing", "", lambda: analyse(conversation, hits, engines.catalogue))
    return Report(
        title=request.title or request.path.stem,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        program_version=signals.__version__,
        source=None,
        source_name=request.path.name,
        layout=None,
        diarization=attributed.diarization.method,
        conversation=conversation,
        hits=hits,
        closing=closing,
        talk=talk_statistics(conversation, hits),
        coverage=None,
        removed=attributed.removed,
        warnings=(*attributed.notices, *role_notices(conversation)),
        stages=tuple(store.runs),
    )


def _sound_notices(decoded: _Decoded, transcript: Transcript) -> list[Notice]:
    notices = []
    if decoded.broken:
        notices.append(Notice("broken_file", "录音文件有损坏或没有录完，只分析了能读出的部分"))
    if not transcript.segments:
        notices.append(Notice("no_text", "没有识别出任何文字，请确认录音里有人说话"))
    elif (ratio := transcript.coverage.ratio) < _LOW_COVERAGE:
        notices.append(Notice("coverage", f"检测到的说话声中只有 {ratio:.0%} 得到了文字，可能有漏听，见“如何得出”一节"))
    if transcript.removed:
        notices.append(
            Notice("removed", f"去掉了 {len(transcript.removed)} 处并非会谈内容的文字，原文见“如何得出”一节")
        )
    return notices


def role_notices(conversation: Conversation) -> list[Notice]:
    """What is doubtful about the speakers."""
    notices = []
    if conversation.times_estimated:
        notices.append(Notice("times", "导入的文字稿没有时间，时间按文字长度估算"))
    if len(conversation.roles) == 1 and conversation.turns:
        notices.append(Notice("one_speaker", "只有一个说话人，无法区分客户和客户经理，信号可能不全或归错人"))
    unsure = [r.speaker for r in conversation.roles if r.confidence < _UNSURE_ROLE]
    if unsure and len(conversation.roles) > 1:
        notices.append(Notice("roles", f"{'、'.join(unsure)} 的角色把握不大，如有误请用 --manager 指定客户经理"))
    return notices
