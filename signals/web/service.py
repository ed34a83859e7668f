"""What the routes work with: one object an application, built at its start."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock

from signals.domain.catalogue import Catalogue
from signals.domain.protocols import Tagger
from signals.jobs.process import CHILD
from signals.settings import Settings
from signals.store.blobs import BlobStore
from signals.store.database import Database


@dataclass
class Service:
    """Settings with the database, the files and the models that they lead to."""

    settings: Settings
    child: Sequence[str] = CHILD
    """Command of the process that probes uploads."""
    tagger: Tagger | None = None
    """For corrected words and roles; None loads the shipped one when it is first needed."""

    def __post_init__(self) -> None:
        self.settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.database = Database(self.settings.database_address)
        self.blobs = BlobStore(self.settings.blob_address)
        self._lock = Lock()

    @cached_property
    def catalogue(self) -> Catalogue:
        from signals.api import load_catalogue

        return load_catalogue()

    @property
    def upload_limit(self) -> int:
        """Bytes."""
        return self.settings.upload_limit_mb * 1024 * 1024

    def load_tagger(self) -> Tagger:
        """The tagger, loaded once."""
        with self._lock:
            if self.tagger is None:
                from signals.api import load_tagger

                self.tagger = load_tagger(self.catalogue)
            return self.tagger

    def work_folder(self) -> tempfile.TemporaryDirectory[str]:
        """A folder on the data disk that is deleted when it is closed."""
        parent = self.settings.data_folder / "work"
        parent.mkdir(exist_ok=True, mode=0o700)
        return tempfile.TemporaryDirectory(prefix="request-", dir=parent)

    def upload_folder(self) -> Path:
        """Where bodies of requests are kept while they arrive."""
        folder = self.settings.data_folder / "work" / "incoming"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder
