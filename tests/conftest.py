"""What every test has around it: a cache folder of its own, no settings from the machine, and no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from tiny_corpus import tiny_corpus

from signals.domain.catalogue import Catalogue, load_catalogue
from signals.resources import catalog_dir
from signals.tagging.build import Training, train_all
from signals.tagging.corpus import Corpus
from signals.tagging.lexicon import Lexicon
from signals.tagging.scoring import Scorer
from signals.tagging.tagger import LinearTagger

if TYPE_CHECKING:
    from store_example import Bank
    from web_rig import Web


def pytest_configure(config: pytest.Config) -> None:
    """Set before anything is imported, and inherited by subprocesses.

    The cache is apart from the user's but kept from run to run under .pytest_cache, so that the starter weights are
    joined and jieba's dictionary is read once.
    """
    hypothesis.settings.register_profile("untimed", deadline=None)  # other work may run on the machine
    hypothesis.settings.load_profile("untimed")
    assert config.cache is not None
    os.environ["XDG_CACHE_HOME"] = str(config.cache.mkdir("user_cache"))
    for name in [n for n in os.environ if n.startswith(("SIGNALS_", "HF_"))]:
        del os.environ[name]
    for name in ("http_proxy", "https_proxy", "all_proxy"):  # subprocesses: nobody listens on port 9
        os.environ[name] = os.environ[name.upper()] = "http://127.0.0.1:9"
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1,localhost,::1"


_attempts: list[str] = []


def _is_local(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    return _is_local_host(address[0])


def _is_local_host(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _blocked_sockets() -> Iterator[None]:
    """Refuses every connection to another machine, and every look-up of its name."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    look_up = socket.getaddrinfo

    def refuse(address: Any) -> None:
        _attempts.append(repr(address))
        raise ConnectionRefusedError(f"the tests have no network: {address!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(self.family, address):
            refuse(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(self.family, address):
            refuse(address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        if not _is_local(self.family, rest[-1]):
            refuse(rest[-1])
        return sendto(self, data, *rest)

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        if not _is_local_host(host):
            refuse(host)
        return look_up(host, *rest, **named)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket.socket, "sendto", guarded_sendto)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def network_attempts() -> Iterator[list[str]]:
    """Fails the test that tried to reach another machine, also where the code under test swallowed the refusal."""
    _attempts.clear()
    yield _attempts
    assert not _attempts, f"reached for the network: {_attempts}"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue that ships."""
    return load_catalogue(catalog_dir())


@pytest.fixture(scope="session")
def small() -> Corpus:
    """A made-up corpus that a model learns in a second."""
    return tiny_corpus()


@pytest.fixture(scope="session")
def training(small: Corpus, catalogue: Catalogue) -> Training:
    """What was learnt from the made-up corpus, of words alone."""
    return train_all(small, catalogue)


@pytest.fixture(scope="session")
def lexicon(training: Training) -> Lexicon:
    """jieba's dictionary with the glossary."""
    return training.bundle.lexicon


@pytest.fixture(scope="session")
def tagger(training: Training, catalogue: Catalogue) -> LinearTagger:
    """Learnt from the made-up corpus, of words alone, with the thresholds that were chosen on it."""
    return LinearTagger(Scorer(training.bundle), catalogue.with_thresholds(training.thresholds))


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 is slow on purpose; the tests' passwords need no such care."""
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    from signals.store import accounts

    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(accounts, "_hasher", lambda: quick)


@pytest.fixture
def bank(tmp_path: Path, quick_hashes: None) -> Iterator[Bank]:
    """A small bank in SQLite."""
    from store_example import small_bank

    from signals.store.database import Database

    database = Database(f"sqlite:///{tmp_path / 'signals.db'}")
    yield small_bank(database, tmp_path)
    database.close()


@pytest.fixture
def web(bank: Bank, tmp_path: Path) -> Web:
    """The service on a small bank."""
    from web_rig import small_web

    return small_web(bank, tmp_path)
