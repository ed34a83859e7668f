"""Corrections over what the machine said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from fakes import FakeTagger
from hypothesis import given
from hypothesis import strategies as st
from report_example import C, M, catalogue, example_report, imported_report

from signals.corrected import Corrected, check, correct
from signals.domain.conversation import Conversation, Role
from signals.domain.corrections import CHANGE, Change, Numbered
from signals.domain.errors import RequestError
from signals.domain.realign import realign
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.domain.transcript import Word

TAGGER = FakeTagger(
    {
        "提前还": "early_repayment",
        "这笔先办": "purchase_intent",
        "利息是怎么算": "detail_rate",
        "现在就签": "close_direct",
    }
)


def numbered(*changes: dict[str, object]) -> list[Numbered]:
    return [Numbered(i, CHANGE.validate_python(c)) for i, c in enumerate(changes, 1)]


def corrected(*changes: dict[str, object], report: Report | None = None) -> Corrected:
    return correct(report or example_report(), numbered(*changes), catalogue(), lambda: TAGGER)


def labels(view: Corrected, turn: int) -> dict[str, str]:
    return {m.hit.label: m.status for m in view.hits if m.hit.turn == turn}


def test_without_corrections_the_view_is_the_machines_report() -> None:
    view = corrected()
    assert view.report == example_report()
    assert {m.status for m in view.hits} == {"machine"}


def test_a_rejected_signal_is_out_of_the_report_but_can_still_be_seen() -> None:
    view = corrected({"kind": "judge_hit", "turn": 32, "label": "purchase_intent", "verdict": "rejected"})
    assert (32, "purchase_intent") not in {(h.turn, h.label) for h in view.report.hits}
    assert labels(view, 32) == {"purchase_intent": "rejected"}


def test_a_rejected_signal_lowers_readiness_and_a_confirmed_one_raises_it_at_once() -> None:
    def readiness(view: Corrected) -> float:
        end = view.report.conversation.turns[32].end
        return max(p.value for p in view.report.closing.readiness if abs(p.time - end) < 12)

    judged = {"kind": "judge_hit", "turn": 32, "label": "purchase_intent"}
    rejected, confirmed = corrected(judged | {"verdict": "rejected"}), corrected(judged | {"verdict": "confirmed"})
    assert readiness(rejected) < readiness(confirmed)
    hit = next(m for m in confirmed.hits if m.hit.label == "purchase_intent" and m.hit.turn == 32)
    assert hit.hit.score == 1.0
    assert hit.machine_score == pytest.approx(0.96 - 0.01 * (32 % 9))


def test_swapping_two_speakers_swaps_roles_and_tags_anew() -> None:
    view = corrected({"kind": "swap_speakers", "first": M, "second": C})
    before, after = example_report().conversation.turns, view.report.conversation.turns
    assert all(a.speaker != b.speaker and a.role != b.role for a, b in zip(before, after, strict=True))
    assert [t.text for t in after] == [t.text for t in before]
    assert (19, "early_repayment") not in {(h.turn, h.label) for h in view.report.hits}, "now the manager said it"
    swap: dict[str, object] = {"kind": "swap_speakers", "first": M, "second": C}
    twice = corrected(swap, swap)
    assert twice.report.conversation == example_report().conversation


def test_merged_speakers_are_one() -> None:
    view = corrected({"kind": "merge_speakers", "speaker": C, "into": M})
    assert {t.speaker for t in view.report.conversation.turns} == {M}
    assert [r.speaker for r in view.report.conversation.roles] == [M]
    assert "one_speaker" in {w.code for w in view.report.warnings}


def test_a_name_is_shown_everywhere_and_the_speaker_keeps_the_id() -> None:
    from signals.report.content import speaker_names

    view = corrected({"kind": "rename_speaker", "speaker": C, "name": "陈总"})
    assert speaker_names(view.report) == {M: "客户经理", C: "陈总（客户）"}
    assert {t.speaker for t in view.report.conversation.turns} == {M, C}


def test_a_corrected_role_is_certain_and_of_all_turns() -> None:
    view = corrected({"kind": "set_role", "speaker": C, "role": "manager"})
    assert {t.role for t in view.report.conversation.turns} == {Role.MANAGER}
    assert {r.source for r in view.report.conversation.roles if r.speaker == C} == {"given"}


def test_fixed_words_are_tagged_again_with_their_times() -> None:
    text = "中间回款快了，提前还行不行，会不会罚？"
    view = corrected({"kind": "fix_text", "turn": 19, "text": text})
    turn = view.report.conversation.turns[19]
    assert turn.text == text
    assert "".join(w.text for w in turn.words) == text
    assert labels(view, 19) == {"early_repayment": "machine"}
    assert turn.raw == example_report().conversation.turns[19].raw, "what the recogniser wrote is kept"


def test_a_signal_is_changed_added_and_taken_back() -> None:
    changed = corrected({"kind": "change_hit", "turn": 13, "label": "detail_rate", "to": "detail_fee"})
    assert labels(changed, 13) == {"detail_rate": "rejected", "detail_fee": "changed"}
    added = corrected({"kind": "add_hit", "turn": 13, "label": "interest", "start": 0, "end": 4})
    hit = next(m.hit for m in added.hits if m.status == "added")
    turn = added.report.conversation.turns[13]
    assert (hit.start, hit.end) == (turn.words[0].start, turn.words[3].end)
    back = corrected(
        {"kind": "add_hit", "turn": 13, "label": "interest"},
        {"kind": "judge_hit", "turn": 13, "label": "interest", "verdict": "rejected"},
    )
    assert labels(back, 13)["interest"] == "rejected"


def test_what_was_seen_in_the_room_counts_as_a_signal_at_its_time() -> None:
    view = corrected({"kind": "observe", "label": "nod", "time": 50.0, "note": "听到利率时"})
    seen = next(h for h in view.report.hits if h.label == "nod")
    assert (seen.start, seen.end, seen.quote) == (50.0, 50.0, "（现场看到）频频点头：听到利率时")
    assert view.report.conversation.turns[seen.turn].role is Role.CUSTOMER
    at = [p.value for p in view.report.closing.readiness if p.time == 50.0]
    assert at, "the curve has a step there"


def test_the_same_behaviour_may_be_seen_twice_near_one_turn() -> None:
    seen: list[dict[str, object]] = [{"kind": "observe", "label": "nod", "time": t} for t in (50.0, 50.5)]
    view = corrected(*seen)
    assert sum(m.hit.label == "nod" for m in view.hits) == 2


def test_a_turn_is_given_to_another_speaker() -> None:
    view = corrected({"kind": "assign_turn", "turn": 7, "speaker": M})
    assert view.report.conversation.turns[7].role is Role.MANAGER


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "rename_speaker", "speaker": "SPEAKER_09", "name": "x"},
        {"kind": "swap_speakers", "first": M, "second": M},
        {"kind": "merge_speakers", "speaker": M, "into": "nobody"},
        {"kind": "fix_text", "turn": 999, "text": "x"},
        {"kind": "judge_hit", "turn": 0, "label": "rate_cut", "verdict": "confirmed"},
        {"kind": "add_hit", "turn": 0, "label": "rate_cut"},
        {"kind": "add_hit", "turn": 1, "label": "nod"},
        {"kind": "change_hit", "turn": 13, "label": "detail_rate", "to": "no_such"},
        {"kind": "observe", "label": "rate_cut", "time": 1.0},
        {"kind": "observe", "label": "nod", "time": 1e9},
    ],
)
def test_a_correction_without_effect_is_refused_with_a_remedy(change: dict[str, object]) -> None:
    with pytest.raises(RequestError) as error:
        check(CHANGE.validate_python(change), corrected(), catalogue())
    assert error.value.remedy


_TURN = st.integers(0, 45)
_SPEAKER = st.sampled_from([M, C, "客户经理小林", "SPEAKER_07"])
_LABEL = st.sampled_from([*catalogue().by_id, "unknown"])
_CHANGES = st.one_of(
    st.builds(lambda s, n: {"kind": "rename_speaker", "speaker": s, "name": n}, _SPEAKER, st.just("某人")),
    st.builds(lambda s, r: {"kind": "set_role", "speaker": s, "role": r}, _SPEAKER, st.sampled_from(["manager", "customer"])),
    st.builds(lambda a, b: {"kind": "swap_speakers", "first": a, "second": b}, _SPEAKER, _SPEAKER),
    st.builds(lambda a, b: {"kind": "merge_speakers", "speaker": a, "into": b}, _SPEAKER, _SPEAKER),
    st.builds(lambda t, s: {"kind": "assign_turn", "turn": t, "speaker": s}, _TURN, _SPEAKER),
    st.builds(lambda t, x: {"kind": "fix_text", "turn": t, "text": x + "好"}, _TURN, st.text(max_size=40)),
    st.builds(
        lambda t, x, v: {"kind": "judge_hit", "turn": t, "label": x, "verdict": v},
        _TURN, _LABEL, st.sampled_from(["confirmed", "rejected"]),
    ),
    st.builds(lambda t, x, y: {"kind": "change_hit", "turn": t, "label": x, "to": y}, _TURN, _LABEL, _LABEL),
    st.builds(
        lambda t, x, a, b: {"kind": "add_hit", "turn": t, "label": x, "start": a, "end": b},
        _TURN, _LABEL, st.integers(0, 60), st.integers(0, 60),
    ),
    st.builds(lambda x, t: {"kind": "observe", "label": x, "time": t}, _LABEL, st.floats(0, 400)),
)  # fmt: skip


@given(st.lists(_CHANGES, max_size=12))
def test_any_corrections_leave_a_consistent_report(changes: Sequence[dict[str, object]]) -> None:
    before = example_report()
    view = corrected(*changes)
    turns = {t.index: t for t in view.report.conversation.turns}
    assert [t.index for t in view.report.conversation.turns] == [t.index for t in before.conversation.turns]
    assert {r.speaker for r in view.report.conversation.roles} == {t.speaker for t in turns.values()}
    for hit in view.report.hits:
        assert turns[hit.turn].role.value == catalogue().label(hit.label).speaker
        assert hit.quote
        assert hit.start <= hit.end
    for turn in turns.values():
        times = [t for w in turn.words for t in (w.start, w.end)]
        assert times == sorted(times)
    assert all(0 <= p.value <= 1 for p in view.report.closing.readiness)
    assert corrected(*changes) == view


@dataclass
class PreviousTagger(FakeTagger):
    """Labels a turn by its own text, its role and what the other side said before, as the shipped tagger does."""

    def tag(self, conversation: Conversation) -> tuple[Hit, ...]:
        hits = []
        for turn in conversation.turns:
            other = [t.text for t in conversation.turns[: turn.index] if t.role not in (turn.role, Role.UNKNOWN)]
            label = "interest" if turn.role is Role.CUSTOMER else "benefit"
            score = len(turn.text + (other[-1] if other else "")) % 89 / 100
            hits.append(Hit(turn.index, label, score, 0.0, turn.start, turn.end, turn.text))
        return tuple(hits)


@given(st.lists(_CHANGES, max_size=6))
def test_tagging_only_what_changed_gives_what_tagging_everything_gives(changes: Sequence[dict[str, object]]) -> None:
    tagger = PreviousTagger()
    report = replace(example_report(), hits=tagger.tag(example_report().conversation))
    spoken = [c for c in changes if c["kind"] not in ("judge_hit", "change_hit", "add_hit", "observe")]
    view = correct(report, numbered(*spoken), catalogue(), lambda: tagger)
    whole = {(h.turn, h.label, h.score) for h in tagger.tag(view.report.conversation)}
    assert {(h.turn, h.label, h.score) for h in view.report.hits} == whole


@given(st.lists(_CHANGES, max_size=6))
def test_corrections_of_an_imported_transcript_work_without_word_times(changes: Sequence[dict[str, object]]) -> None:
    assert corrected(*changes, report=imported_report()).report.conversation.times_estimated


@given(st.lists(st.tuples(st.text(max_size=4), st.floats(0, 2)), max_size=8), st.text(max_size=30))
def test_realigned_words_spell_the_text_within_the_old_times(old: Sequence[tuple[str, float]], text: str) -> None:
    words, at = [], 1.0
    for spelled, length in old:
        words.append(Word(spelled, at, at + length, 0.5, spelled))
        at += length
    made = realign(words, text)
    if not words:
        assert made == ()
        return
    assert "".join(w.text for w in made) == text
    times = [t for w in made for t in (w.start, w.end)]
    assert times == sorted(times)
    assert all(1.0 <= t <= at + 1e-9 for t in times)


def test_a_change_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="extra"):
        CHANGE.validate_python({"kind": "fix_text", "turn": 1, "text": "x", "speaker": "y"})


def test_every_change_survives_json() -> None:
    change: Change = CHANGE.validate_python({"kind": "observe", "label": "nod", "time": 1.5})
    assert CHANGE.validate_json(CHANGE.dump_json(change)) == change
