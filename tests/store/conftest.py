"""A bank in SQLite; the same tests run on PostgreSQL in tests/faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from store_example import Bank, small_bank

from signals.store import accounts
from signals.store.database import Database


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 is slow on purpose; the tests' passwords need no such care."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(accounts, "_hasher", lambda: quick)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    database = Database(f"sqlite:///{tmp_path / 'signals.db'}")
    yield small_bank(database, tmp_path)
    database.close()
