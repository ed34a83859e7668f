"""What the user says about the speakers: who is on the bank's side, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from signals.domain.conversation import Conversation, Diarization, DiarizationMethod, Role, Turn
from signals.domain.errors import SignalsError


def stated_roles(
    managers: Iterable[str], manager_channel: int | None, diarization: Diarization, turns: Sequence[Turn]
) -> dict[str, Role]:
    """The role of every speaker, empty when the user said nothing.

    Raises `SignalsError` for a speaker or channel that the meeting does not have.
    """
    stated = set(managers)
    known = list(dict.fromkeys(t.speaker for t in turns))
    if manager_channel is not None:
        if diarization.method is not DiarizationMethod.CHANNEL:
            raise SignalsError(
                "no_channels",
                "这段录音不是左右声道各录一方，不能按声道指定客户经理",
                "请去掉 --manager-channel，改用 --manager SPEAKER_00 指定说话人",
            )
        stated.add(diarization.channels[manager_channel])
    if not stated:
        return {}
    if missing := stated - set(known) - set(diarization.channels):
        raise _unknown(missing, known)
    return {s: Role.MANAGER if s in stated else Role.CUSTOMER for s in known}


def named(conversation: Conversation, names: Iterable[tuple[str, str]]) -> Conversation:
    """The same conversation with speakers called by name.

    Raises `SignalsError` for a speaker that the meeting does not have, and for a name that two would share.
    """
    called = dict(names)
    if not called:
        return conversation
    known = list(dict.fromkeys(t.speaker for t in conversation.turns))
    if missing := called.keys() - set(known):
        raise _unknown(missing, known)
    everybody = [called.get(s, s) for s in known]
    if shared := {n for n in everybody if everybody.count(n) > 1}:
        raise SignalsError(
            "shared_name", f"两位说话人不能都叫“{'、'.join(sorted(shared))}”", "请给每位说话人不同的称呼"
        )
    return replace(
        conversation,
        turns=tuple(replace(t, speaker=called.get(t.speaker, t.speaker)) for t in conversation.turns),
        roles=tuple(replace(r, speaker=called.get(r.speaker, r.speaker)) for r in conversation.roles),
    )


def _unknown(missing: Iterable[str], known: Sequence[str]) -> SignalsError:
    return SignalsError(
        "unknown_speaker", f"会谈中没有说话人 {'、'.join(sorted(missing))}", f"可选：{'、'.join(known) or '无'}"
    )
