"""One object with every setting, built at the entry point and passed down."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from environment variables SIGNALS_… ; command-line options overrule them."""

    model_config = SettingsConfigDict(env_prefix="SIGNALS_", extra="ignore", frozen=True)

    model: str = "auto"
    """Speech model: a folder, a name, or "auto" for the best one on this machine."""
    model_store: Path | None = None
    """Folder of speech models; None is the user's cache folder."""
    device: str = "auto"
    """"auto", "cpu" or "cuda"."""
    threads: int = Field(default=0, ge=0)
    """CPU threads of the speech engine; 0 lets it choose."""
    plain_tagger: bool = False
    """Tag by words alone, without the sentence encoder: a hundred times as fast, and more signals are missed."""
    offline: bool = False
    """Refuse everything that would use the network, `signals models pull` included."""
    work_dir: Path | None = None
    """Where decoded sound is kept while a meeting is worked on; None is the system's temporary folder."""

    data_dir: Path | None = None
    """Folder of the service: database, uploads, worker's work; None is the user's data folder."""
    database_url: str = ""
    """postgresql://… for several machines; empty is SQLite in `data_dir`."""
    blob_url: str = ""
    """Where uploads lie: a folder or s3://bucket/prefix; empty is `data_dir`/blobs."""
    upload_limit_mb: int = Field(default=2048, ge=1)
    """Largest recording, MB."""
    upload_files: int = Field(default=30, ge=1)
    """Most files in one upload."""
    session_hours: int = Field(default=12, ge=1)
    """Hours after which a login ends."""
    https: bool = False
    """The service is reached by HTTPS: cookies are marked secure and browsers told to stay on HTTPS."""
    worker_silence: float = Field(default=30.0, gt=0.0)
    """Seconds without a sign of life after which a worker's meetings are taken over."""
    webhook_url: str = ""
    """Called when a report is ready or a meeting failed; empty calls nobody."""
    webhook_secret: SecretStr = SecretStr("")
    """Key of the webhook's signature (HMAC-SHA256)."""
    metrics_token: SecretStr = SecretStr("")
    """Bearer token for /metrics; empty lets only this machine read it."""

    @property
    def data_folder(self) -> Path:
        """`data_dir`, or the user's data folder."""
        if self.data_dir is not None:
            return self.data_dir
        from platformdirs import user_data_path

        return user_data_path("buying-signals", appauthor=False)

    @property
    def database_address(self) -> str:
        """`database_url`, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_folder / 'signals.db'}"

    @property
    def blob_address(self) -> str:
        """`blob_url`, or a folder in the data folder."""
        return self.blob_url or str(self.data_folder / "blobs")
