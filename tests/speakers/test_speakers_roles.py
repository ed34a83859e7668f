"""Who is the manager: from what is said, or as the user says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from signals.domain.conversation import Role, SpeakerRole, Turn
from signals.speakers.roles import apply_roles, assign_roles

A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"


@dataclass(frozen=True)
class WrittenOdds:
    """The log-odds stand in the text itself."""

    def manager_log_odds(self, texts: Sequence[str]) -> list[float]:
        return [float(t) for t in texts]


def turns(*said: tuple[str, float]) -> tuple[Turn, ...]:
    """Turns by speaker and log-odds."""
    return tuple(Turn(i, s, Role.UNKNOWN, i, i + 1.0, str(odds), str(odds)) for i, (s, odds) in enumerate(said))


def judged(*said: tuple[str, float], given: Mapping[str, Role] | None = None) -> dict[str, SpeakerRole]:
    return {r.speaker: r for r in assign_roles(turns(*said), WrittenOdds(), given)}


def test_the_one_who_speaks_like_a_manager_is_the_manager() -> None:
    roles = judged((A, -1.0), (B, 2.0), (A, -0.5), (B, 1.0))
    assert (roles[A].role, roles[B].role) == (Role.CUSTOMER, Role.MANAGER)
    assert roles[A].source == roles[B].source == "said"


@pytest.mark.parametrize("odds", [2.0, -2.0], ids=["both sound like managers", "both sound like customers"])
def test_of_two_speakers_one_is_the_manager_and_one_the_customer(odds: float) -> None:
    roles = judged((A, odds), (B, odds * 1.5))
    assert {roles[A].role, roles[B].role} == {Role.MANAGER, Role.CUSTOMER}


def test_more_evidence_gives_more_confidence() -> None:
    little, much = judged((A, 0.5), (B, -0.5)), judged((A, 3.0), (B, -3.0), (A, 3.0), (B, -3.0))
    assert 0.5 < little[A].confidence < much[A].confidence < 1.0


def test_one_sentence_alone_does_not_decide() -> None:
    roles = judged((A, 50.0), *[(A, -2.0)] * 5, (B, 1.0))
    assert roles[A].role is Role.CUSTOMER


def test_no_evidence_is_a_coin_toss_and_says_so() -> None:
    roles = judged((A, 0.0), (B, 0.0))
    assert roles[A].confidence == roles[B].confidence == 0.5


def test_what_the_user_said_is_never_overruled() -> None:
    roles = judged((A, 3.0), (B, -3.0), given={A: Role.CUSTOMER, B: Role.MANAGER})
    assert (roles[A].role, roles[B].role) == (Role.CUSTOMER, Role.MANAGER)
    assert (roles[A].confidence, roles[A].source) == (1.0, "given")


@pytest.mark.parametrize(("said", "follows"), [(Role.MANAGER, Role.CUSTOMER), (Role.CUSTOMER, Role.MANAGER)])
def test_with_one_of_two_given_the_other_follows(said: Role, follows: Role) -> None:
    roles = judged((A, 0.0), (B, 0.0), given={A: said})
    assert roles[B].role is follows


def test_a_role_for_somebody_who_never_speaks_changes_nothing() -> None:
    said = ((A, 2.0), (B, -2.0))
    assert judged(*said, given={"SPEAKER_07": Role.MANAGER}) == judged(*said)


def test_of_three_speakers_the_two_others_are_judged_each_alone() -> None:
    roles = judged((A, 2.0), (B, 2.5), (C, 0.0), given={C: Role.CUSTOMER})
    assert (roles[A].role, roles[B].role) == (Role.MANAGER, Role.MANAGER)
    assert roles[A].confidence > 0.5


def test_a_speaker_alone_gets_the_likelier_role() -> None:
    assert judged((A, 2.0))[A].role is Role.MANAGER
    assert judged((A, -2.0))[A].role is Role.CUSTOMER


def test_nobody_speaks() -> None:
    assert assign_roles((), WrittenOdds()) == ()


_said = st.lists(st.tuples(st.sampled_from([A, B, C]), st.floats(-1000, 1000)), min_size=1, max_size=30)
_given = st.dictionaries(st.sampled_from([A, B, C, "SPEAKER_09"]), st.sampled_from(list(Role)))


@with_any(said=_said, given=_given)
def test_everybody_gets_a_role_with_a_confidence(said: list[tuple[str, float]], given: dict[str, Role]) -> None:
    roles = assign_roles(turns(*said), WrittenOdds(), given)
    assert [r.speaker for r in roles] == list(dict.fromkeys(s for s, _ in said))
    assert all(0.0 <= r.confidence <= 1.0 for r in roles)
    assert all(r.role is given[r.speaker] and r.confidence == 1.0 for r in roles if r.speaker in given)


@with_any(said=_said)
def test_with_two_or_more_speakers_both_roles_are_there(said: list[tuple[str, float]]) -> None:
    roles = assign_roles(turns(*said), WrittenOdds())
    if len(roles) > 1:
        assert {Role.MANAGER, Role.CUSTOMER} == {r.role for r in roles}


@with_any(said=_said)
def test_turns_take_their_speakers_role(said: list[tuple[str, float]]) -> None:
    before = turns(*said)
    roles = assign_roles(before, WrittenOdds())
    by_speaker = {r.speaker: r.role for r in roles}
    after = apply_roles(before, roles)
    assert [t.role for t in after] == [by_speaker[t.speaker] for t in before]
    assert [(t.index, t.text) for t in after] == [(t.index, t.text) for t in before]
