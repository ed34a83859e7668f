"""The API keeps to its OpenAPI description, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from schemathesis.specs.openapi.checks import positive_data_acceptance
from store_example import small_bank
from web_rig import Web, small_web

from signals.store import accounts
from signals.store.database import Database
from signals.web import create_app


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, dict[str, str]]]:
    patch = pytest.MonkeyPatch()
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    patch.setattr(accounts, "_hasher", lambda: quick)
    folder: Path = tmp_path_factory.mktemp("contract")
    database = Database(f"sqlite:///{folder / 'signals.db'}")
    web = small_web(small_bank(database, folder), folder)
    web.finished("wang 1")
    yield web, web.token("wang")
    patch.undo()
    database.close()


def test_every_operation_answers_as_described(served: tuple[Web, dict[str, str]]) -> None:
    web, token = served
    app = create_app(web.service.settings, web.service)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    operations = [cast(Any, found).ok() for found in schema.get_all_operations()]
    assert len(operations) >= 14
    for operation in operations:
        _call(operation, web.bank.meetings["wang 1"], token)


def _call(operation: Any, id: str, token: dict[str, str]) -> None:
    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), real=st.booleans())
    def answers_as_described(case: Any, real: bool) -> None:
        if "id" in (case.path_parameters or {}) and real and case.method != "DELETE":
            case.path_parameters["id"] = id  # not only meetings that there are not
        # What a file holds, and whether a turn is there, no schema says: 400 is a right answer to a well-formed request.
        case.call_and_validate(headers=token, excluded_checks=[positive_data_acceptance])

    answers_as_described()
