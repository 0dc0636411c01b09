"""Signing files that a person names, apart from any station's papers (`hoso sign`).

Only revisions are added, so signatures that a file holds already stay as they are: this is also how
an officer counter-signs what came in signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from desk.errors import PathUnusable
from desk.moments import now
from signing.errors import SigningError
from signing.key_names import SignerKey
from signing.model import Level, SignedPdf, SignRequest
from signing.network import Network
from signing.pades import Batch
from signing.signer import open_signer
from signing.structure import inspect
from signing.trust import TrustStore

FIELD_PREFIX = "CB_KySo_"
_SUFFIX = "-da-ky"
# So many papers are prepared before the key is used for them.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What signing takes."""

    key: SignerKey
    trust: TrustStore
    network: Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for."""

    level: Level
    field: str | None
    """Name of the signature field; None takes the first free number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one file."""

    source: Path
    outcome: SignedPdf | SigningError


def sign_files(
    paths: Sequence[Path], out: Path | None, means: Means, wish: Wish
) -> Iterator[Attempt]:
    """Sign files with one opened key, one PIN entry for all.

    Args:
        paths: the PDFs; they are only read.
        out: where the signed file goes, or the folder of all of them; None puts each beside its
            source.
        means: key, anchors, services.
        wish: level and field.

    Raises:
        PathUnusable: a signed file would replace one that is there.
        SigningError: the key cannot be opened, or its certificate must not sign.
    """
    targets = [_target(path, out, alone=len(paths) == 1) for path in paths]
    with (
        open_signer(means.key) as signer,
        Batch(signer, means.trust, means.network) as batch,
    ):
        # Before any paper: a certificate that must not sign is said once, not for each.
        batch.check(now(), wish.level)
        pairs = list(zip(paths, targets, strict=True))
        for start in range(0, len(pairs), _AT_ONCE):
            yield from _sign_part(batch, pairs[start : start + _AT_ONCE], wish)


def attempt_json(attempt: Attempt) -> dict[str, object]:
    """Write what became of a file as docs/json.md says."""
    signed = attempt.outcome
    if isinstance(signed, SigningError):
        error = {"code": type(signed).__name__, "vi": signed.vi, "en": signed.en}
        return {"file": attempt.source, "error": error}
    return {
        "file": attempt.source,
        "pdf": signed.path,
        "sha256": signed.sha256,
        "size": signed.size_bytes,
        "field": signed.field_name,
        "level": signed.level,
        "signer": signed.signer,
        "signed_at": signed.signed_at,
        "timestamp_time": signed.timestamp_time,
        "verdict": signed.verdict.overall,
    }


def _sign_part(batch: Batch, part: Sequence[tuple[Path, Path]], wish: Wish) -> Iterator[Attempt]:
    requests: dict[Path, SignRequest] = {}
    for source, target in part:
        try:
            requests[source] = _request(source, target, wish)
        except SigningError as error:
            yield Attempt(source=source, outcome=error)
    outcomes = batch.sign_all(list(requests.values()))
    for source, outcome in zip(requests, outcomes, strict=True):
        yield Attempt(source=source, outcome=outcome)


def _request(source: Path, target: Path, wish: Wish) -> SignRequest:
    return SignRequest(
        source=source,
        target=target,
        field_name=wish.field or free_field(source),
        level=wish.level,
        block=None,
        reason=None,
        at=now(),
        title=source.name,
    )


def free_field(path: Path) -> str:
    """Return the first name of a numbered signature field that a file does not have.

    Raises:
        UnreadablePdf: it is no PDF that can be read.
    """
    taken = inspect(path).field_names
    return next(name for number in count(1) if (name := f"{FIELD_PREFIX}{number}") not in taken)


def _target(source: Path, out: Path | None, *, alone: bool) -> Path:
    """Name the signed file; nothing that is there is replaced.

    Raises:
        PathUnusable: it is there.
    """
    target = source.with_stem(source.stem + _SUFFIX)
    if out is not None:
        target = out if alone and not out.is_dir() else out / source.name
    if target.exists():
        raise PathUnusable(
            f"Đã có tệp {target}. Hãy chọn tên khác bằng --out.",
            f"{target} is there already; name another file with --out",
        )
    return target
