from __future__ import annotations

import pytest
from closing_meetings import MISSED, NOT_YET, READY_AND_TAKEN
from closing_talk import Meeting, meeting

from signals.domain.closing import ClosingAnalysis, Verdict, WindowOutcome


def the_three() -> list[tuple[Meeting, ClosingAnalysis]]:
    meetings = [meeting(lines) for lines in (READY_AND_TAKEN, MISSED, NOT_YET)]
    return [(m, m.analysed()) for m in meetings]


def test_a_ready_customer_whose_manager_sums_up_is_taken() -> None:
    talk = meeting(READY_AND_TAKEN)
    analysis = talk.analysed()
    assert analysis.verdict is Verdict.TAKEN
    (window,) = analysis.windows
    assert window.outcome is WindowOutcome.TAKEN
    assert window.proposal is not None
    assert window.proposal.label == "close_summarise"
    assert window.advice.strategy == "summarise"
    assert window.start == pytest.approx(talk.end_of("比光说很快要强"), abs=15.0)
    assert window.end == pytest.approx(talk.end_of("那咱们对一遍"), abs=1.0)
    assert not analysis.premature
    assert not analysis.open_objections


def test_a_ready_customer_whose_manager_changes_the_subject_is_missed() -> None:
    talk = meeting(MISSED)
    analysis = talk.analysed()
    assert analysis.verdict is Verdict.MISSED
    (window,) = analysis.windows
    assert window.outcome is WindowOutcome.MISSED
    assert window.proposal is None
    assert window.start == pytest.approx(talk.end_of("比租赁公司的实在"), abs=15.0)
    assert window.end == pytest.approx(talk.end_of("再比较比较"), abs=15.0)
    assert window.advice.strategy in ("direct", "summarise")
    assert "担保那几条怎么写的" in analysis.reason
    assert [h.label for h in analysis.open_objections] == ["objection"]
    assert analysis.next_steps[0].endswith(window.advice.line)


def test_a_customer_who_puts_it_off_is_not_yet_ready() -> None:
    analysis = meeting(NOT_YET).analysed()
    assert analysis.verdict is Verdict.NOT_YET
    assert analysis.windows == ()
    assert "还没有化解" in analysis.reason
    assert "换系统太麻烦" in " ".join(analysis.next_steps)
    assert max(p.value for p in analysis.readiness) < analysis.threshold


def test_every_next_step_quotes_the_meeting() -> None:
    for talk, analysis in the_three():
        said = "".join(t.text for t in talk.conversation.turns)
        assert 1 <= len(analysis.next_steps) <= 4
        for step in analysis.next_steps[1:]:
            quote = step.split("“")[1].split("”")[0]
            assert quote in said


def test_every_reason_quotes_the_customer_verbatim() -> None:
    for talk, analysis in the_three():
        customer = "".join(t.text for t in talk.conversation.turns if t.speaker == "客户")
        for window in analysis.windows:
            quotes = [part.split("”")[0] for part in window.advice.reason.split("“")[1:]]
            assert quotes
            assert all(quote in customer for quote in quotes)


def test_the_same_meeting_gives_the_same_analysis() -> None:
    assert [a for _, a in the_three()] == [a for _, a in the_three()]
