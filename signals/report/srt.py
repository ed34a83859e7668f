"""report.srt: what was said with who said it, as subtitles for any player."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signals.domain.catalogue import Catalogue
from signals.domain.report import Report
from signals.report import content
from signals.report.files import write_whole


@dataclass(frozen=True)
class SrtReport:
    """One cue a turn: "speaker：text". `signals analyze` reads it again."""

    catalogue: Catalogue
    suffix = ".srt"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        write_whole(path, self.render(report))

    def render(self, report: Report) -> str:
        """The subtitles as text."""
        names = content.speaker_names(report)
        cues = []
        for number, turn in enumerate((t for t in report.conversation.turns if t.text), 1):
            times = f"{_stamp(turn.start)} --> {_stamp(max(turn.end, turn.start + 0.1))}"
            text = " ".join(turn.text.split()).replace("-->", "→")
            cues.append(f"{number}\n{times}\n{names.get(turn.speaker, turn.speaker)}：{text}\n")
        return "\n".join(cues)


def _stamp(seconds: float) -> str:
    milliseconds = round(max(0.0, seconds) * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d},{milliseconds % 1000:03d}"
