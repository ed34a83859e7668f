"""Reports to write: a meeting of forty turns, and the odd cases, with strings that would do harm unescaped."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from signals.domain.audio import AudioInfo, ChannelLayout
from signals.domain.catalogue import Catalogue, load_catalogue
from signals.domain.closing import (
    ClosingAnalysis,
    ClosingWindow,
    PrematureClose,
    ReadinessPoint,
    StageSpan,
    StrategyAdvice,
    Verdict,
    WindowOutcome,
)
from signals.domain.coaching import SpeakerShare, TalkStatistics
from signals.domain.conversation import Conversation, DiarizationMethod, Role, SpeakerRole, Turn
from signals.domain.report import Notice, Report, StageRun
from signals.domain.tags import EvidenceSpan, Hit
from signals.domain.transcript import Coverage, Removal, RemovalReason, SpeechSpan, Word
from signals.resources import catalog_dir

HOSTILE = "</script><script>window.harmed=1</script><img src=x onerror=window.harmed=1>"
LONG_WORD = "ERP" + "对账系统接口" * 3 + "https://erp.example.invalid/" + "x" * 120
M, C = "SPEAKER_00", "SPEAKER_01"
CHARACTERS_PER_SECOND = 4.5

# speaker, text, and {label: the words that carry it}
LINES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (M, "陈总，好久不见，您这新车间真气派。", {"small_talk": "真气派"}),
    (C, "哪里哪里，刚搬过来，还乱着呢，坐坐坐。", {}),
    (M, "上次您提到旺季要备货，这块资金今年是怎么打算的？", {"q_open": "怎么打算"}),
    (C, "往年都是自己垫，今年单子多，垫不过来了。", {}),
    (M, "您说的垫不过来，是缺三五百万，还是更多？", {"q_clarify": "是缺三五百万"}),
    (C, "五百万左右吧，主要是原料要现款。", {}),
    (M, "那我们现在就签一笔流动资金贷款怎么样？", {"close_direct": "现在就签"}),
    (C, "先别急，你们那个东西我还没弄明白呢。", {"objection": "先别急"}),
    (M, "是我着急了，您说得对。", {"listening": "您说得对"}),
    (C, "你先讲讲，这个额度是随借随还的吗？", {"product_question": "随借随还的吗", "interest": "你先讲讲"}),
    (M, "对，额度一年有效，用多少天算多少天的利息，一年能替您省下十几万。", {"benefit": "省下十几万"}),
    (C, "嗯，这个倒是合我们的路子。", {"interest": "合我们的路子"}),
    (M, "隔壁园区做轴承的那家去年就是这么用的。", {"evidence": "做轴承的那家"}),
    (C, "那你们现在利息是怎么算的，年化多少？", {"detail_rate": "年化多少"}),
    (M, "目前这一档是三点八五，看您的结算量还能再谈。", {}),
    (C, "隔壁行给我们三点五，你们能不能也往下走走？", {"rate_cut": "往下走走"}),
    (M, "结算放过来的话，我去申请，尽量往下靠。", {}),
    (C, "要是资料都给你们，钱最快哪天能到账？", {"approval_time": "哪天能到账"}),
    (M, "资料齐了一般八到十个工作日。", {}),
    (C, "中间回款快了，提前还行不行，罚不罚？", {"early_repayment": "提前还行不行"}),
    (M, "满三个月以后提前还不收费用，合同里写着的。", {}),
    (M, "那利率、到账时间、提前还款这三条您都认可的话，我们先把申请填起来，您看行吗？",
     {"close_summarise": "这三条您都认可的话", "q_closed": "您看行吗"}),
    (C, "可以，先填着，我让财务配合你。", {"purchase_intent": "先填着"}),
    (M, "好嘞，财务那边我联系谁？", {"q_closed": "我联系谁"}),
    (C, "找我们王会计，电话我等下发你。", {}),
    (M, "王会计那边平时用网银多吗？", {"q_closed": "用网银多吗"}),
    (C, f"她用{LONG_WORD}，天天抱怨。", {}),
    (M, "这个接口我们做过，可以对接。", {}),
    (C, "能对接啊，那以后谁来维护，出问题找谁？", {"detail_service": "能对接", "detail_after_sales": "出问题找谁"}),
    (M, "我们有专门的小组，随叫随到。", {}),
    (C, "那合同文本先发我看看，违约那条能不能改松一点？",
     {"contract_terms": "违约那条能不能改", "materials_review": "先发我看看"}),
    (M, "包您满意，这个我说了算，肯定给您批下来。", {"over_promise": "我说了算"}),
    (C, "没问题的话，这个月就把这笔先办了。", {"purchase_intent": "先办了"}),
    (M, "对了，您儿子今年是不是高考啊？", {"q_closed": "是不是高考", "small_talk": "您儿子"}),
    (C, "是啊，天天熬夜，愁死我了。", {}),
    (M, "现在的孩子都不容易，我们家那个也是。", {"small_talk": "不容易"}),
    (C, "老的那家银行跟了十几年，一下子换也不好交代。", {"objection": "不好交代"}),
    (M, "理解理解，这个慢慢来。", {"listening": "理解理解"}),
    (C, f"行，那你回头发我吧，我还有个会。{HOSTILE}", {}),
    (M, "好的陈总，我回去就发您。", {}),
)  # fmt: skip


HEARD = {(index, "利"): "力" for index, (_, text, _) in enumerate(LINES) if "利率" in text}
"""What the recogniser wrote, by turn and character, where a word was put right."""


@cache
def catalogue() -> Catalogue:
    return load_catalogue(catalog_dir())


def _turns() -> tuple[Turn, ...]:
    turns, at = [], 0.6
    for index, (speaker, text, _) in enumerate(LINES):
        length = min(12.0, len(text) / CHARACTERS_PER_SECOND)
        step = length / len(text)
        unsure = {3, 4} if index % 6 == 5 else set()
        words = tuple(
            Word(
                c,
                round(at + i * step, 3),
                round(at + (i + 1) * step, 3),
                0.18 if i in unsure else 0.93,
                c,
                HEARD.get((index, c), ""),
            )
            for i, c in enumerate(text)
        )
        role = Role.MANAGER if speaker == M else Role.CUSTOMER
        turns.append(Turn(index, speaker, role, round(at, 3), round(at + length, 3), text, text, words))
        at += length + (4.0 if index % 9 == 8 else 0.7)
    return tuple(turns)


def _hits(turns: Sequence[Turn]) -> tuple[Hit, ...]:
    hits = []
    for turn, (_, text, labels) in zip(turns, LINES, strict=True):
        for place, (label, carried) in enumerate(labels.items()):
            at = text.index(carried)
            start = turn.words[at].start
            end = turn.words[at + len(carried) - 1].end
            span = EvidenceSpan(at, at + len(carried), 0.82)
            score = round(0.96 - 0.07 * place - 0.01 * (turn.index % 9), 3)
            hits.append(Hit(turn.index, label, score, catalogue().label(label).threshold, start, end, text, (span,)))
    return tuple(hits)


def _closing(turns: Sequence[Turn], hits: Sequence[Hit]) -> ClosingAnalysis:
    def hit(turn: int, label: str) -> Hit:
        return next(h for h in hits if (h.turn, h.label) == (turn, label))

    length = turns[-1].end
    curve = []
    value, before = 0.0, 0.0
    for h in sorted(hits, key=lambda h: h.start):
        value = value * math.exp(-(h.start - before) / 90) + catalogue().label(h.label).weight * h.score * 0.6
        value, before = min(1.0, max(0.0, value)), h.start
        curve.append(ReadinessPoint(h.start, round(value, 4)))
    curve.append(ReadinessPoint(length, round(value * 0.7, 4)))
    taken = ClosingWindow(
        start=turns[15].end,
        end=hit(21, "close_summarise").start,
        peak=ReadinessPoint(turns[19].end, 0.81),
        outcome=WindowOutcome.TAKEN,
        evidence=(hit(15, "rate_cut"), hit(17, "approval_time"), hit(19, "early_repayment")),
        advice=StrategyAdvice(
            "summarise",
            "双方已经就几个要点谈拢。这里：利率、审批时间、提前还款都已说清。",
            "咱们把今天谈到的利率、审批时间逐条对一遍，您看哪一条还有出入？都对得上的话，就按这个往下办，可以吗？",
        ),
        proposal=hit(21, "close_summarise"),
    )
    missed = ClosingWindow(
        start=turns[30].end,
        end=turns[35].end,
        peak=ReadinessPoint(turns[32].end, 0.93),
        outcome=WindowOutcome.MISSED,
        evidence=(hit(32, "purchase_intent"), hit(30, "contract_terms"), hit(28, "detail_after_sales")),
        advice=StrategyAdvice(
            "direct",
            "客户已经产生购买愿望，而且能拍板。这里：客户说“这个月就把这笔先办了”。",
            "您既然定了，那咱们就办手续。材料清单我现在写给您，您看签约安排在上午还是下午？",
            ("先答清楚客户问的“违约那条能不能改松一点”，会谈里还没有得到回答",),
        ),
    )
    return ClosingAnalysis(
        verdict=Verdict.MISSED,
        reason=f"{_clock(missed.start)} 到 {_clock(missed.end)} 是提出成交的时机，客户说“这个月就把这笔先办了”，客户经理没有提出。话题转开以后，客户的成交意愿降了下来。",
        readiness=tuple(curve),
        threshold=0.55,
        windows=(taken, missed),
        premature=(PrematureClose(hit(6, "close_direct"), 0.04),),
        stages=(
            StageSpan(0.0, turns[8].end, 1),
            StageSpan(turns[8].end, turns[10].end, 2, (hit(9, "interest"),)),
            StageSpan(turns[10].end, turns[14].end, 3, (hit(11, "interest"),)),
            StageSpan(turns[14].end, turns[21].end, 5, (hit(15, "rate_cut"),)),
            StageSpan(turns[21].end, turns[29].end, 6, (hit(22, "purchase_intent"),)),
            StageSpan(turns[29].end, length, 7, (hit(30, "contract_terms"), hit(32, "purchase_intent"))),
        ),
        next_steps=(
            "尽快回访，补上错过的成交建议，用“直接请求”：您既然定了，那咱们就办手续。",
            "回应客户的顾虑“不好交代”：先理解再澄清，用事实和案例回应，不急于成交。",
            "补答客户的问题“违约那条能不能改松一点”，会谈里没有答清。",
        ),
        open_objections=(hit(36, "objection"),),
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _talk(turns: Sequence[Turn], hits: Sequence[Hit]) -> TalkStatistics:
    total = sum(t.end - t.start for t in turns)
    shares = []
    for speaker, role in ((M, Role.MANAGER), (C, Role.CUSTOMER)):
        own = [t.end - t.start for t in turns if t.speaker == speaker]
        shares.append(SpeakerShare(speaker, role, sum(own), sum(own) / total, len(own), max(own) + 4.5))
    kinds = ("q_closed", "q_open", "q_clarify", "q_lead")
    return TalkStatistics(
        speakers=tuple(shares),
        silence_seconds=turns[-1].end - total,
        manager_share=shares[0].share,
        patience=0.7,
        switches_per_minute=60 * (len(turns) - 2) / turns[-1].end,
        questions=tuple((kind, sum(h.label == kind for h in hits)) for kind in kinds),
    )


@cache
def example_report() -> Report:
    """Forty turns; two windows, one taken and one missed; an early proposal; an objection left open."""
    turns = _turns()
    hits = _hits(turns)
    roles = (SpeakerRole(M, Role.MANAGER, 0.97, "said"), SpeakerRole(C, Role.CUSTOMER, 0.94, "said"))
    length = round(turns[-1].end + 1.0, 3)
    return Report(
        title=f"与陈总的会谈 {HOSTILE}",
        created="2026-11-20T10:30:00+08:00",
        program_version="0.1.0",
        source=AudioInfo("20261120_陈总.m4a", "0123456789abcdef" * 4, "mov,mp4,m4a", "aac", 44100, 1, length),
        source_name="20261120_陈总.m4a",
        layout=ChannelLayout.MONO,
        diarization=DiarizationMethod.VOICE,
        conversation=Conversation(turns, roles, length),
        hits=hits,
        closing=_closing(turns, hits),
        talk=_talk(turns, hits),
        coverage=Coverage(190.0, 179.0, (SpeechSpan(turns[8].end + 0.5, turns[9].start),)),
        removed=(
            Removal(turns[8].end, turns[9].start, f"请不吝点赞订阅 {HOSTILE}", RemovalReason.CREDIT),
            Removal(turns[17].end, turns[18].start, "好的好的好的好的好的好的", RemovalReason.LOOP),
        ),
        warnings=(Notice("coverage", "检测到的说话声中只有 94% 得到了文字，可能有漏听，见“说明”一节"),),
        stages=(
            StageRun("audio", "1", (), 1.2),
            StageRun("asr", "1", (("engine", "faster-whisper 1.2.1 base int8 beam=5"),), 46.1),
            StageRun("speakers", "1", (("engine", "campplus.onnx"), ("speakers", "auto")), 5.4, reused=True),
            StageRun("tagging", "tagger 1 (2026-11-20)", (), 0.1),
            StageRun("closing", "1", (), 0.02),
        ),
    )


def empty_report() -> Report:
    """A meeting in which nobody said anything."""
    closing = ClosingAnalysis(Verdict.NOT_YET, "会谈没有文字，无法判断成交时机。", (), 0.55, (), (), (), ())
    return replace(
        example_report(),
        title="空",
        source=None,
        layout=None,
        conversation=Conversation((), (), 0.0),
        hits=(),
        closing=closing,
        talk=TalkStatistics((), 0.0, None, None, 0.0, ()),
        coverage=None,
        removed=(),
        warnings=(Notice("no_text", "没有识别出任何文字，请确认录音里有人说话"),),
    )


def no_customer_report() -> Report:
    """One speaker only, of the bank's side: nothing can be a signal, no window can open."""
    report = example_report()
    turns = tuple(replace(t, speaker=M, role=Role.MANAGER) for t in report.conversation.turns)
    closing = ClosingAnalysis(
        Verdict.NOT_YET, "没有识别出客户的发言，无法判断成交时机。", (ReadinessPoint(0.0, 0.0),), 0.55, (), (), (), ()
    )
    share = SpeakerShare(M, Role.MANAGER, 180.0, 1.0, len(turns), 180.0)
    return replace(
        report,
        diarization=DiarizationMethod.NONE,
        conversation=Conversation(turns, (SpeakerRole(M, Role.MANAGER, 0.6, "said"),), report.conversation.duration),
        hits=tuple(h for h in report.hits if catalogue().label(h.label).speaker == "manager"),
        closing=closing,
        talk=TalkStatistics((share,), 12.0, 1.0, None, 0.0, ()),
        warnings=(Notice("one_speaker", "只有一个说话人，无法区分客户和客户经理，信号可能不全或归错人"),),
    )


def imported_report() -> Report:
    """A transcript without sound or times, its speakers named, the window still open at its end."""
    report = example_report()
    called = {M: "客户经理小林", C: "陈总"}
    turns = tuple(replace(t, speaker=called[t.speaker], words=()) for t in report.conversation.turns)
    roles = (
        SpeakerRole(called[M], Role.MANAGER, 1.0, "given"),
        SpeakerRole(called[C], Role.CUSTOMER, 0.9, "said"),
    )
    last = replace(report.closing.windows[-1], outcome=WindowOutcome.OPEN, end=report.conversation.duration)
    closing = replace(
        report.closing, verdict=Verdict.PROPOSE_NOW, reason="客户已有成交意愿，尽快提出。", windows=(last,)
    )
    shares = tuple(replace(s, speaker=called[s.speaker]) for s in report.talk.speakers)
    return replace(
        report,
        source=None,
        layout=None,
        source_name="minutes.txt",
        diarization=DiarizationMethod.GIVEN,
        conversation=Conversation(turns, roles, report.conversation.duration, times_estimated=True),
        closing=closing,
        talk=replace(report.talk, speakers=shares),
        coverage=None,
        removed=(),
        warnings=(Notice("times", "导入的文字稿没有时间，时间按文字长度估算"),),
        stages=report.stages[3:],
    )


ALL = {
    "example": example_report,
    "empty": empty_report,
    "no_customer": no_customer_report,
    "imported": imported_report,
}


def tone(seconds: float) -> bytes:
    """A WAV file of a quiet tone, 8 kHz mono."""
    sink = io.BytesIO()
    with wave.open(sink, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        second = b"".join(struct.pack("<h", int(900 * math.sin(2 * math.pi * 220 * i / 8000))) for i in range(8000))
        sound.writeframes(second * math.ceil(seconds))
    return sink.getvalue()
