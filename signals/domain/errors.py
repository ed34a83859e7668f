"""Every error the product raises on purpose.

    SignalsError
    ├── AudioError          the recording cannot be used (stage "audio")
    ├── ModelError          a model file is missing, damaged or cannot run (stage "models")
    ├── TranscriptionError  speech recognition failed (stage "asr")
    ├── DiarizationError    the speakers could not be told apart (stage "speakers")
    ├── TranscriptError     an imported transcript cannot be read (stage "transcripts")
    ├── CatalogueError      a catalogue file is invalid (stage "catalogue")
    ├── CorpusError         a corpus file is invalid (stage "tagging")
    ├── OutputError         the results cannot be written (stage "report")
    ├── StoreError          the service's database or files cannot be used (stage "store")
    ├── JobError            the work on an uploaded meeting failed (stage "jobs")
    ├── BatchError          a folder of meetings or the sheet beside it cannot be used (stage "batch")
    ├── RequestError        what a user of the service asked for cannot be done (stage "web")
    └── Cancelled           the user stopped the work

`message` and `remedy` are simplified Chinese for the manager who reads them and never quote what was
said in a meeting. `code` is a stable English identifier for programs.
"""

from __future__ import annotations


class SignalsError(Exception):
    """Base of the tree: what went wrong, where, and what the user can do about it."""

    stage = "signals"

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}（{self.remedy}）" if self.remedy else self.message


class AudioError(SignalsError):
    """The recording cannot be used."""

    stage = "audio"


class ModelError(SignalsError):
    """A model file is missing, damaged or cannot run."""

    stage = "models"


class TranscriptionError(SignalsError):
    """Speech recognition failed."""

    stage = "asr"


class DiarizationError(SignalsError):
    """The speakers could not be told apart."""

    stage = "speakers"


class TranscriptError(SignalsError):
    """An imported transcript cannot be read."""

    stage = "transcripts"


class CatalogueError(SignalsError):
    """A catalogue file is invalid."""

    stage = "catalogue"


class CorpusError(SignalsError):
    """A corpus file is invalid."""

    stage = "tagging"


class OutputError(SignalsError):
    """The results cannot be written."""

    stage = "report"


class StoreError(SignalsError):
    """The service's database or files cannot be used."""

    stage = "store"


class JobError(SignalsError):
    """The work on an uploaded meeting failed."""

    stage = "jobs"


class BatchError(SignalsError):
    """A folder of meetings or the sheet beside it cannot be used."""

    stage = "batch"


class RequestError(SignalsError):
    """What a user of the service asked for cannot be done."""

    stage = "web"


class Cancelled(SignalsError):
    """The user stopped the work."""

    stage = "cancelled"

    def __init__(self) -> None:
        super().__init__("cancelled", "已取消", "已完成的步骤会保留，再次运行同一命令即可继续")
