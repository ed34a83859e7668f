"""A report to write: a short meeting, with strings in it that would do harm if they were not escaped."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from signals.closing import analyse
from signals.coaching import talk_statistics
from signals.domain.audio import AudioInfo, ChannelLayout
from signals.domain.catalogue import Catalogue, load_catalogue
from signals.domain.conversation import Conversation, DiarizationMethod, Role, SpeakerRole, Turn
from signals.domain.report import Notice, Report, StageRun
from signals.domain.tags import EvidenceSpan, Hit
from signals.domain.transcript import Coverage, Removal, RemovalReason, SpeechSpan, Word
from signals.resources import catalog_dir

HOSTILE = "</script><script>window.harmed=1</script><img src=x onerror=window.harmed=1>"
_LINES = (
    ("SPEAKER_00", "", "李总，上次说的方案我带来了。"),
    ("SPEAKER_01", "interest", "你先讲讲，我听听这个怎么个用法。"),
    ("SPEAKER_00", "benefit", "这样一年能省下二十多万利息。"),
    ("SPEAKER_01", "approval_time", "材料给你们以后，钱哪天能到账？"),
    ("SPEAKER_00", "", "一般八到十个工作日。"),
    ("SPEAKER_01", "contract_terms", "那合同里的条款先给我们法务看看。"),
    ("SPEAKER_01", "purchase_intent", "没问题的话这个月就先做一笔。"),
    ("SPEAKER_00", "small_talk", "您这幅字写得真有气势。"),
    ("SPEAKER_01", "objection", f"老银行那边不好交代。{HOSTILE}"),
)


@cache
def catalogue() -> Catalogue:
    return load_catalogue(catalog_dir())


def example_report() -> Report:
    turns, hits, at = [], [], 0.5
    for index, (speaker, label, text) in enumerate(_LINES):
        role = Role.MANAGER if speaker == "SPEAKER_00" else Role.CUSTOMER
        end = at + 4.0
        step = 4.0 / len(text)
        words = tuple(
            Word(c, at + i * step, at + (i + 1) * step, 0.2 if i == 1 else 0.9, c) for i, c in enumerate(text)
        )
        turns.append(Turn(index, speaker, role, at, end, text, text, words))
        if label:
            hits.append(Hit(index, label, 0.9, 0.4, at + 0.5, end, text, (EvidenceSpan(1, 4, 0.8),)))
        at = end + 1.0
    roles = (
        SpeakerRole("SPEAKER_00", Role.MANAGER, 0.97, "said"),
        SpeakerRole("SPEAKER_01", Role.CUSTOMER, 0.97, "said"),
    )
    conversation = Conversation(tuple(turns), roles, at)
    return Report(
        title=f"与李总的会谈 {HOSTILE}",
        created="2026-11-20T10:30:00+08:00",
        program_version="0.1.0",
        source=AudioInfo("meeting.wav", "0" * 64, "wav", "pcm_s16le", 16000, 1, at),
        source_name="meeting.wav",
        layout=ChannelLayout.MONO,
        diarization=DiarizationMethod.VOICE,
        conversation=conversation,
        hits=tuple(hits),
        closing=analyse(conversation, hits, catalogue()),
        talk=talk_statistics(conversation, hits),
        coverage=Coverage(40.0, 36.0, (SpeechSpan(10.0, 14.0),)),
        removed=(Removal(10.0, 11.0, f"请不吝点赞 {HOSTILE}", RemovalReason.CREDIT),),
        warnings=(Notice("coverage", "可能有漏听"),),
        stages=(StageRun("asr", "1", (("engine", "fake"),), 12.5),),
    )


def empty_report() -> Report:
    """A meeting in which nobody said anything."""
    conversation = Conversation((), (), 0.0)
    return replace(
        example_report(),
        title="空",
        source=None,
        layout=None,
        conversation=conversation,
        hits=(),
        closing=analyse(conversation, (), catalogue()),
        talk=talk_statistics(conversation, ()),
        coverage=None,
        removed=(),
        warnings=(),
    )
