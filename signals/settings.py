"""One object with every setting, built at the entry point and passed down."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
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
