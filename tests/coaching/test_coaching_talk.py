from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.coaching import talk_statistics
from signals.domain.coaching import SpeakerShare, TalkStatistics
from signals.domain.conversation import Conversation, Role, SpeakerRole, Turn
from signals.domain.tags import Hit

Spoken = tuple[str, float, float, str]
LONG = "我把这个方案从头给您讲一遍"


def talk(*spoken: Spoken, duration: float | None = None, estimated: bool = False) -> Conversation:
    """Who (经理, 客户 or a stranger), from, to, what."""
    roles = {"经理": Role.MANAGER, "客户": Role.CUSTOMER}
    turns = tuple(
        Turn(i, who, roles.get(who, Role.UNKNOWN), start, end, text, text)
        for i, (who, start, end, text) in enumerate(spoken)
    )
    end = duration if duration is not None else max((t.end for t in turns), default=0.0)
    return Conversation(turns, (), end, times_estimated=estimated)


def measured(*spoken: Spoken, duration: float | None = None) -> TalkStatistics:
    return talk_statistics(talk(*spoken, duration=duration), ())


def of(statistics: TalkStatistics, speaker: str) -> SpeakerShare:
    return next(s for s in statistics.speakers if s.speaker == speaker)


def hit(turn: int, label: str, score: float = 0.9) -> Hit:
    return Hit(turn, label, score, 0.5, 0.0, 1.0, "")


def test_shares_are_of_all_talking_time() -> None:
    found = measured(("经理", 0, 30, LONG), ("客户", 31, 41, LONG), duration=60.0)
    assert [(s.speaker, s.seconds, s.turns) for s in found.speakers] == [("经理", 30, 1), ("客户", 10, 1)]
    assert [s.share for s in found.speakers] == [0.75, 0.25]
    assert found.manager_share == 0.75
    assert found.silence_seconds == 20.0


def test_two_managers_share_the_manager_s_part() -> None:
    turns = talk(("甲", 0, 10, LONG), ("乙", 10, 20, LONG), ("丙", 20, 40, LONG))
    roles = [("甲", Role.MANAGER), ("乙", Role.MANAGER), ("丙", Role.CUSTOMER)]
    given_roles = tuple(SpeakerRole(name, role, 1.0, "given") for name, role in roles)
    found = talk_statistics(Conversation(turns.turns, given_roles, 40.0), ())
    assert found.manager_share == 0.5
    assert of(found, "乙").role is Role.MANAGER


def test_without_a_known_manager_there_is_no_manager_share() -> None:
    assert measured(("SPEAKER_00", 0, 10, LONG)).manager_share is None


def test_an_empty_conversation_has_no_figures() -> None:
    found = measured(duration=0.0)
    assert found == TalkStatistics(
        (), 0.0, None, None, 0.0, tuple((k, 0) for k in ("q_closed", "q_open", "q_clarify", "q_lead"))
    )


def test_talking_at_once_counts_for_both_but_is_silence_for_nobody() -> None:
    found = measured(("经理", 0, 10, LONG), ("客户", 5, 15, LONG), duration=20.0)
    assert found.silence_seconds == 5.0
    assert sum(s.seconds for s in found.speakers) == 20.0


@pytest.mark.parametrize("sound", ["嗯", "嗯。", "好的，", "是这样的。"])
def test_a_backchannel_does_not_break_a_monologue(sound: str) -> None:
    found = measured(("经理", 0, 20, LONG), ("客户", 20.2, 21.0, sound), ("经理", 21.2, 40, LONG))
    assert of(found, "经理").longest_monologue == 40.0
    assert of(found, "客户").longest_monologue == pytest.approx(0.8)
    assert found.switches_per_minute == 0.0


@pytest.mark.parametrize(("seconds", "said"), [(0.8, "那利率是多少呢"), (4.0, "嗯")])
def test_a_real_turn_or_a_drawn_out_sound_breaks_it(seconds: float, said: str) -> None:
    found = measured(("经理", 0, 20, LONG), ("客户", 20, 20 + seconds, said), ("经理", 25, 40, LONG))
    assert of(found, "经理").longest_monologue == 20.0


def test_a_short_pause_belongs_to_the_monologue_and_a_long_silence_ends_it() -> None:
    assert of(measured(("经理", 0, 20, LONG), ("经理", 24, 40, LONG)), "经理").longest_monologue == 40.0
    assert of(measured(("经理", 0, 20, LONG), ("经理", 60, 75, LONG)), "经理").longest_monologue == 20.0


def test_patience_is_the_median_wait_after_the_customer() -> None:
    found = measured(
        ("客户", 0, 10, LONG),
        ("经理", 11, 20, LONG),
        ("客户", 20, 30, LONG),
        ("经理", 32, 40, LONG),
        ("客户", 40, 50, LONG),
        ("经理", 56, 60, LONG),
    )
    assert found.patience == 2.0


def test_cutting_in_is_no_patience_and_a_backchannel_is_no_answer() -> None:
    assert measured(("客户", 0, 10, LONG), ("经理", 8, 20, LONG)).patience == 0.0
    assert measured(("客户", 0, 10, LONG), ("经理", 10, 10.5, "嗯"), ("经理", 14, 20, LONG)).patience == 4.0


def test_patience_is_not_told_without_pairs_or_from_estimated_times() -> None:
    pair: list[Spoken] = [("客户", 0, 10, LONG), ("经理", 12, 20, LONG)]
    assert measured(("经理", 0, 10, LONG), ("客户", 12, 20, LONG)).patience is None
    assert talk_statistics(talk(*pair), ()).patience == 2.0
    assert talk_statistics(talk(*pair, estimated=True), ()).patience is None


def test_changes_of_speaker_are_counted_per_minute() -> None:
    found = measured(("经理", 0, 30, LONG), ("客户", 30, 60, LONG), ("经理", 60, 90, LONG), duration=120.0)
    assert found.switches_per_minute == 1.0


def test_only_the_manager_s_questions_are_counted_once_a_turn() -> None:
    conversation = talk(("经理", 0, 10, LONG), ("客户", 10, 20, LONG), ("经理", 20, 30, LONG))
    hits = [
        hit(0, "q_open"),
        hit(0, "q_open", 0.6),
        hit(1, "q_open"),
        hit(2, "q_open"),
        hit(2, "q_lead"),
        hit(9, "q_lead"),
    ]
    found = talk_statistics(conversation, hits)
    assert found.questions == (("q_closed", 0), ("q_open", 2), ("q_clarify", 0), ("q_lead", 1))


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    time, spoken = 0.0, list[Spoken]()
    for _ in range(draw(st.integers(0, 25))):
        start = max(0.0, time + draw(st.floats(-2.0, 20.0)))
        time = start + draw(st.floats(0.0, 30.0))
        spoken.append(
            (draw(st.sampled_from(["经理", "客户", "某人"])), start, time, draw(st.sampled_from(["", "嗯", LONG])))
        )
    return talk(*spoken)


@given(conversations(), st.integers())
def test_figures_stay_in_their_ranges_whatever_was_said(conversation: Conversation, seed: int) -> None:
    found = talk_statistics(conversation, ())
    assert 0.0 <= found.silence_seconds <= conversation.duration
    assert found.manager_share is None or 0.0 <= found.manager_share <= 1.0
    assert found.patience is None or found.patience >= 0.0
    assert found.switches_per_minute >= 0.0
    if found.speakers:
        assert sum(s.share for s in found.speakers) == pytest.approx(1.0)
    for share in found.speakers:
        longest_turn = max(t.end - t.start for t in conversation.turns if t.speaker == share.speaker)
        assert longest_turn - 1e-9 <= share.longest_monologue <= conversation.duration
    hits = [hit(t.index, "q_open") for t in conversation.turns]
    shuffled = list(hits)
    Random(seed).shuffle(shuffled)  # noqa: S311
    assert talk_statistics(conversation, shuffled) == talk_statistics(conversation, hits)
