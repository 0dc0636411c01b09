"""The newest statement of each authority: what is asked whether a certificate stands today.

A file that was signed again and again carries a list for each time. Every certificate of every
chain would be looked up in all of them; the older ones matter only where the past is proven.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from signing.policy import CLOCK_TOLERANCE

# Lists of one authority differ by what they speak of; each of these tells one series from another.
_SCOPES = ("authority_key_identifier", "issuing_distribution_point")
_Statement = TypeVar("_Statement", CRLContainer, OCSPContainer)


def newest(known: LocalKnowledge, at: datetime) -> LocalKnowledge:
    """Keep the newest list or response of each series that was issued by a moment.

    Args:
        known: Everything at hand; what cannot be read is left out.
        at: The moment, aware.
    """
    return replace(
        known,
        known_crls=_latest(known.known_crls, _series_of_list, at),
        known_ocsps=_latest(known.known_ocsps, _series_of_response, at),
    )


def _latest(
    statements: Iterable[_Statement], series: Callable[[_Statement], Hashable], at: datetime
) -> list[_Statement]:
    kept: dict[Hashable, tuple[datetime, _Statement]] = {}
    for one in statements:
        # What a hostile file calls a list shows its faults only when it is read.
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            issued, name = one.issuance_date, series(one)
            is_known = issued is not None and issued <= at + CLOCK_TOLERANCE
            if issued and is_known and (name not in kept or kept[name][0] < issued):
                kept[name] = issued, one
    return [one for _, one in kept.values()]


def _series_of_list(listing: CRLContainer) -> Hashable:
    body = listing.crl_data["tbs_cert_list"]
    extensions = {one["extn_id"].native: one.dump() for one in body["crl_extensions"]}
    scopes = (extensions.get(name) for name in _SCOPES)
    # Each delta names another base: only whether it is one tells its series.
    return body["issuer"].dump(), *scopes, "delta_crl_indicator" in extensions


def _series_of_response(response: OCSPContainer) -> Hashable:
    single: Any = response.extract_single_response()
    basic = response.ocsp_response_data.basic_ocsp_response
    return single["cert_id"].dump(), basic["tbs_response_data"]["responder_id"].dump()
