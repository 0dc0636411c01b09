"""Frozen values to JSON and back, so that a stage's outcome outlives the process."""

from __future__ import annotations

import datetime as dt
import functools
import json
import types
import typing
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")
# Most of what a page is made of; nothing is to be built for them.
_PLAIN = frozenset({str, float, int, bool})


def to_plain(value: Any) -> Any:
    """Turn a frozen value into JSON's own types."""
    if type(value) in _PLAIN:
        return value
    if names := _names_of(type(value)):  # type: ignore[arg-type]  # a class can be hashed
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


@functools.cache
def _names_of(kind: Any) -> tuple[str, ...]:
    """Return the fields of a dataclass; of anything else none."""
    return tuple(item.name for item in fields(kind)) if is_dataclass(kind) else ()


def to_bytes(value: Any) -> bytes:
    """Write a frozen value as compact JSON, UTF-8; equal values give equal bytes."""
    text = json.dumps(to_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def from_plain(kind: type[Value], plain: Any) -> Value:
    """Build a value of a type from what `to_plain` gave."""
    return typing.cast("Value", _build(kind, plain))


def _build(kind: Any, plain: Any) -> Any:
    if plain is None or (kind in _PLAIN and type(plain) is kind):
        return plain
    if is_dataclass(kind):
        # What an older program wrote lacks younger fields: their defaults stand in.
        built = {
            name: _build(hint, plain[name])
            for name, hint in _fields_of(kind)  # type: ignore[arg-type]  # a class can be hashed
            if name in plain
        }
        return kind(**built)  # type: ignore[operator]  # a dataclass is a class
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(item for item in arguments if item is not types.NoneType)
        return _build(inner, plain)
    if origin is tuple:
        return _build_tuple(arguments, plain)
    return _build_simple(kind, plain)


@functools.cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Return names and types of a dataclass's fields; a page has hundreds of words of one kind."""
    hints = typing.get_type_hints(kind)
    return tuple((item.name, hints[item.name]) for item in fields(kind))


def _build_tuple(arguments: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_build(arguments[0], item) for item in plain)
    return tuple(_build(kind, item) for kind, item in zip(arguments, plain, strict=True))


def _build_simple(kind: Any, plain: Any) -> Any:
    if isinstance(kind, type):
        if issubclass(kind, dt.datetime | dt.date):
            return kind.fromisoformat(plain)
        if issubclass(kind, Enum | Path | float):
            return kind(plain)
    return plain
