"""One test for many cases: all of them in a loop that names each that fails, or some of them drawn."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy


def for_each(
    names: str | Sequence[str], cases: Iterable[Any], slow: Iterable[Any] = ()
) -> Callable[[Callable], Callable]:
    """What pytest.mark.parametrize is, in one test: it tries all cases, then names all that failed and why.

    A second test, marked slow, tries the slow cases. A fixture is the same for all cases. Raises AssertionError from
    the first case's error.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    these = "_".join([*names, "cases"])
    cases, slow = ([case if len(names) > 1 else (case,) for case in some] for some in (cases, slow))

    def wrap(test: Callable) -> Callable:
        @wraps(test)
        def all_of_them(**others: Any) -> None:
            failed: list[tuple[str, BaseException]] = []
            tried = others.pop(these, cases)
            for case in tried:
                values = dict(zip(names, case, strict=True))
                try:
                    test(**values, **others)
                except (Exception, pytest.fail.Exception) as error:
                    failed.append((", ".join(f"{name}={value!r:.200}" for name, value in values.items()), error))
            if failed:
                offenders = "\n".join(f"{case}: {error}" for case, error in failed)
                raise AssertionError(f"{len(failed)} of {len(tried)} cases:\n{offenders}") from failed[0][1]

        others = [part for part in inspect.signature(test).parameters.values() if part.name not in names]
        if slow:
            others.append(inspect.Parameter(these, inspect.Parameter.KEYWORD_ONLY))
        all_of_them.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]
        return quick_and_slow(these, cases, slow)(all_of_them) if slow else all_of_them

    return wrap


def drawn(quick: int, slow: int, **strategies: SearchStrategy) -> Callable[[Callable], Callable]:
    """The test with arguments drawn: `quick` times, the same in every run, and `slow` times where slow tests run."""

    def wrap(test: Callable) -> Callable:
        @wraps(test)
        def some(examples: int) -> None:
            settings(max_examples=examples, derandomize=True, deadline=None)(given(**strategies)(test))()

        some.__signature__ = inspect.Signature([inspect.Parameter("examples", inspect.Parameter.KEYWORD_ONLY)])  # type: ignore[attr-defined]
        return quick_and_slow("examples", quick, slow)(some)

    return wrap


def quick_and_slow(name: str, quick: object, slow: object) -> pytest.MarkDecorator:
    """The argument of that name for `make test`, and for `make test-slow`."""
    slow = pytest.param(slow, id="slow", marks=pytest.mark.slow)
    return pytest.mark.parametrize(name, [pytest.param(quick, id="quick"), slow])
