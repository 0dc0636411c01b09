from __future__ import annotations

import inspect
import pickle

import pytest

from storage import errors

CLASSES = [
    item
    for _, item in inspect.getmembers(errors, inspect.isclass)
    if issubclass(item, errors.StorageError)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_speaks_both_languages_and_survives_a_process_border(
    kind: type[errors.StorageError],
) -> None:
    error = pickle.loads(pickle.dumps(kind("Hỏng.", "Broken.")))  # noqa: S301  # made here
    assert type(error) is kind
    assert (error.vi, error.en, str(error)) == ("Hỏng.", "Broken.", "Hỏng. (Broken.)")


def test_the_drawn_tree_holds_every_error() -> None:
    assert errors.__doc__ is not None
    assert [kind.__name__ for kind in CLASSES if kind.__name__ not in errors.__doc__] == []
