"""What the customer's own words tell about how he decides. Judged from wording; the tagger has no labels for it.

The deck names the conditions (open and quick, group customer, first trial); the words that show them are our choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median

from signals.closing.talk import Talk
from signals.domain.conversation import Role, Turn

_GROUP = re.compile(
    r"子公司|分公司|分店|门店|连锁|成员企业|二级网点|二网|下属|下面[^，。？]{0,4}(店|厂|公司|单位)|集团"
)
_TRYING = re.compile(
    r"头一回|头一次|第一单|第一次(合作|做|办|用|找|跟)|没(做|办|用|弄)过|没打过交道|(先|拿|来|再)[^，。？]{0,8}试试|试试水|试一|试水|试点"
    r"|先(做|来|弄|整|拿|办|上|用)(一|两|这|个|点)|一(样|步|件)一(样|步|件)"
)
_UPWARD = re.compile(
    r"没(有)?决定权|做不了主|作不了主|拍不了板|说了不算|(要|得|先)上会|党委会|董事会|股东会(?!不会)|跟[^，。？]{0,6}(商量|汇报)|请示"
    r"|给[^，。？]{1,6}的报告|向[^，。？]{1,6}汇报|(报|问)(一下)?(总部|老板|领导|上面)"
)
_QUICK = re.compile(
    r"就这么(定|办|着)|说定|定了|现在就|今天就|马上|别等|赶紧|一次(弄|办)完|痛快|爽快|爽气|干脆|拍板|(开|填|签|申请)去?(吧|嘛|呗)"
)
_RISK = re.compile(r"换(过来|银行|系统|成|到|一家)|折腾|没底|不放心|信不过|风险|担心|就怕|打鼓|保守|老银行|(太|这么)大")
_RECENT = 180.0
"""Seconds over which the customer's manner is judged."""
_SHORT = 10
"""Characters; turns of a median length up to this are short."""
_WHOLE = 24
"""Characters up to which a clause is quoted whole."""


@dataclass(frozen=True, slots=True)
class Cue:
    """The words that showed it, verbatim; empty when it was the manner."""

    quote: str


@dataclass(frozen=True, slots=True)
class Manner:
    """What is known at a moment of how the customer decides; None where nothing shows it."""

    group: Cue | None
    """Speaks of branches, subsidiaries or the group."""
    trying: Cue | None
    """A first cooperation, or wants to try first."""
    upward: Cue | None
    """Must ask others first."""
    quick: Cue | None
    """Decides quickly: says so, or speaks in short turns."""


def manner(talk: Talk, time: float, memory: float) -> Manner:
    """From what the customer said in the last `memory` seconds before a time; a group is a group all along."""
    said = [t for t in talk.turns if t.role is Role.CUSTOMER and t.end <= time]
    lately = [t for t in said if t.end >= time - memory]
    last = [t for t in lately if t.end >= time - _RECENT]
    return Manner(
        _find(_GROUP, said), _find(_TRYING, lately), _find(_UPWARD, lately), _find(_QUICK, last) or _short(last)
    )


def doubts_the_step(text: str) -> bool:
    """Whether an objection is about the risk, the switching or the size of the step rather than about the offer."""
    return _RISK.search(text) is not None


def _find(words: re.Pattern[str], turns: list[Turn]) -> Cue | None:
    """The latest clause that holds the words."""
    for turn in reversed(turns):
        for clause in re.split(r"[，。？！；,.?!;\s]", turn.text):
            if found := words.search(clause):
                whole = len(clause) <= _WHOLE
                return Cue(clause if whole else clause[max(0, found.start() - 10) : found.end() + 6])
    return None


def _short(turns: list[Turn]) -> Cue | None:
    lengths = [len(t.text) for t in turns]
    return Cue("") if len(lengths) >= 4 and median(lengths) <= _SHORT else None
