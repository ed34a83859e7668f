"""Where the data and model files that ship with the product lie, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    bundled = _PACKAGE / "_bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def catalog_dir() -> Path:
    """Folder of the catalogue's YAML files."""
    return _folder("data/catalog")


def corpus_dir() -> Path:
    """Folder of the labelled corpus. Only a checkout has it."""
    return _folder("data/corpus")


def models_dir() -> Path:
    """Folder of the models that ship with the product (tagger, roles, speaker embedding)."""
    return _folder("models")
