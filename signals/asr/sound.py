"""How Chinese characters sound: syllables without tones, and how far two readings are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a character."""

    syllable: str
    """Toneless pinyin: zhang."""
    tone: str
    """"1" to "4"; empty for the neutral tone."""

    @property
    def loose(self) -> str:
        """The syllable with what speakers and recognisers confuse made one: zh/z, ch/c, sh/s, ng/n."""
        start = self.syllable[0] + self.syllable[2:] if self.syllable[:2] in ("zh", "ch", "sh") else self.syllable
        return start[:-1] if start.endswith("ng") else start


_SEVERAL = {
    "行": "hang2 xing2", "还": "huan2 hai2", "重": "zhong4 chong2", "长": "chang2 zhang3", "率": "lv4 shuai4",
    "调": "diao4 tiao2", "降": "jiang4 xiang2", "会": "hui4 kuai4", "应": "ying1 ying4", "为": "wei2 wei4",
    "供": "gong1 gong4", "处": "chu3 chu4", "便": "bian4 pian2", "传": "chuan2 zhuan4", "背": "bei4 bei1",
    "担": "dan1 dan4", "转": "zhuan3 zhuan4", "正": "zheng4 zheng1", "量": "liang4 liang2", "差": "cha1 chai1 cha4",
    "中": "zhong1 zhong4", "分": "fen1 fen4", "相": "xiang1 xiang4", "数": "shu4 shu3", "给": "gei3 ji3",
}  # fmt: skip
"""Characters that are often read in more ways than one. pypinyin's own lists hold readings that nobody uses today."""


@lru_cache(maxsize=8192)
def readings(character: str) -> tuple[Reading, ...]:
    """The readings of a Chinese character in use; what is none stands for itself."""
    from pypinyin import Style, pinyin

    if character in _SEVERAL:
        return tuple(_reading(x) for x in _SEVERAL[character].split())
    return tuple(_reading(x) for x in pinyin(character, style=Style.TONE3)[0])


def read_term(term: str) -> tuple[Reading, ...]:
    """The readings of a term's characters as the term has them."""
    from pypinyin import Style, pinyin

    return tuple(_reading(x[0]) for x in pinyin(term, style=Style.TONE3))


def distance(heard: Sequence[tuple[Reading, ...]], term: Sequence[Reading]) -> float:
    """0 for the very same sounds; each other tone and each confused sound adds 1. Both are of the same length."""
    return sum(min(_apart(one, wanted) for one in ways) for ways, wanted in zip(heard, term, strict=True))


def _apart(one: Reading, other: Reading) -> float:
    tone = float(one.tone != other.tone and bool(one.tone and other.tone))
    return tone + float(one.syllable != other.syllable)


def _reading(written: str) -> Reading:
    return Reading(written.rstrip("012345"), written[-1] if written[-1:] in "1234" else "")
