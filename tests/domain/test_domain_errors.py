"""The error tree."""

from __future__ import annotations

import inspect

import signals.domain.errors as errors
from signals.domain.errors import Cancelled, SignalsError


def test_every_error_of_the_tree_is_drawn_in_its_documentation() -> None:
    kinds = {n for n, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, SignalsError)}
    assert kinds
    assert all(name in (errors.__doc__ or "") for name in kinds)


def test_an_error_says_what_happened_and_what_to_do() -> None:
    error = SignalsError("code", "出了问题", "请重试")
    assert str(error) == "出了问题（请重试）"
    assert str(SignalsError("code", "出了问题", "")) == "出了问题"


def test_cancelling_is_an_error_of_the_tree_and_says_that_finished_stages_stay() -> None:
    assert isinstance(Cancelled(), SignalsError)
    assert "保留" in Cancelled().remedy
