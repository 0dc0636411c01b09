"""For the administrator: people and scopes, anchors with fingerprints, settings, health; no papers.

An administrator adds and closes people; nobody sees another's secret but the one to whom the new
one is shown, once.
"""

from __future__ import annotations

import secrets
from base64 import b32encode

from starlette.datastructures import UploadFile
from starlette.responses import Response

from config.codec import to_plain
from config.settings import SECTIONS
from config.vocabulary import EventType
from desk.errors import AnswerRefused
from desk.status import measure_status
from desk.web.answers import go_to, page
from desk.web.certificates import add_certificate, can_use_certificates, remove_certificate
from desk.web.house import Asked
from desk.web.people import (
    Asking,
    Place,
    add_person,
    close_person,
    list_people,
    place_person,
    renew_secrets,
)
from desk.web.routing import ADMINISTRATORS, Page, Queue
from signing.anchor_files import describe_anchors
from signing.login import MOST_CERTIFICATE_BYTES
from storage.accounts import EVERYWHERE, WebRole

_PEOPLE = "/nguoi-dung"
_PASSWORD_BYTES = 16


def show_people(asked: Asked) -> Response:
    """Show everybody."""
    people = list_people(asked.house)
    asked.tell(EventType.VIEW, "people")
    return page(
        asked,
        "people.html",
        people=people,
        roles=list(WebRole),
        me=asked.person.login,
        can_use_certificates=can_use_certificates(asked.house),
    )


def add(asked: Asked) -> Response:
    """Add a person with a password that is drawn, shown once together with the secret."""
    place = _place(asked)
    asking = Asking(
        login=asked.said("login"),
        name=asked.said("name"),
        role=place.role,
        agencies=place.agencies,
        by=asked.actor,
        is_drawn=True,
    )
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    return _shown(asked, asking.login, password, *add_person(asked.house, asking, password))


def _place(asked: Asked) -> Place:
    """Return the role and the agencies that were chosen; no agency is all of them."""
    if asked.said("role") not in [role.value for role in WebRole]:
        raise AnswerRefused("Chưa chọn vai trò.", "no role was chosen")
    agencies = tuple(asked.said("agencies").replace(",", " ").split()) or (EVERYWHERE,)
    return Place(role=WebRole(asked.said("role")), agencies=agencies)


def place(asked: Asked) -> Response:
    """Give a person another role and scope; nobody changes their own."""
    login = asked.said("login")
    if login.casefold() == asked.person.login.casefold():
        raise AnswerRefused(
            "Không đổi được vai trò của chính mình; hãy nhờ người quản trị khác.",
            "nobody changes their own role; ask another administrator",
        )
    place_person(asked.house, login, _place(asked), asked.actor)
    return go_to(_PEOPLE)


def renew(asked: Asked) -> Response:
    """Give a person new secrets."""
    login, password = asked.said("login"), secrets.token_urlsafe(_PASSWORD_BYTES)
    renewed = renew_secrets(asked.house, login, password, asked.actor, is_drawn=True)
    return _shown(asked, login, password, *renewed)


def close(asked: Asked) -> Response:
    """Close an account; nobody locks themselves out."""
    login = asked.said("login")
    if login.casefold() == asked.person.login.casefold():
        raise AnswerRefused(
            "Không đóng được tài khoản của chính mình; hãy nhờ người quản trị khác.",
            "nobody closes their own account; ask another administrator",
        )
    close_person(asked.house, login, asked.actor)
    return go_to(_PEOPLE)


def give_certificate(asked: Asked) -> Response:
    """Let a certificate log a person in."""
    sent = asked.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise AnswerRefused("Chưa chọn tệp chứng thư.", "no file of a certificate was chosen")
    content = sent.file.read(MOST_CERTIFICATE_BYTES + 1)
    add_certificate(asked.house, asked.said("login"), content, asked.actor)
    return go_to(_PEOPLE)


def take_certificate(asked: Asked) -> Response:
    """Let a certificate log a person in no more."""
    remove_certificate(asked.house, asked.said("login"), asked.said("sha256"), asked.actor)
    return go_to(_PEOPLE)


def _shown(asked: Asked, login: str, password: str, secret: bytes, address: str) -> Response:
    return page(
        asked,
        "secrets.html",
        login=login,
        password=password,
        secret=b32encode(secret).decode(),
        address=address,
    )


def show_system(asked: Asked) -> Response:
    """Show health, anchors and settings; what a setting hides stays hidden."""
    station = asked.house.station
    asked.tell(EventType.VIEW, "web", outcome="system")
    sections = {name: to_plain(getattr(station.settings, name)) for name in SECTIONS}
    return page(
        asked,
        "system.html",
        station_status=measure_status(station, asked.house.archive),
        anchors=describe_anchors(station.trust),
        sections=sections,
    )


PAGES = (
    Page(path=_PEOPLE, view=show_people, roles=ADMINISTRATORS),
    Page(path=_PEOPLE, view=add, roles=ADMINISTRATORS, method="POST"),
    Page(path=f"{_PEOPLE}/moi", view=renew, roles=ADMINISTRATORS, method="POST"),
    Page(path=f"{_PEOPLE}/vai-tro", view=place, roles=ADMINISTRATORS, method="POST"),
    Page(path=f"{_PEOPLE}/dong", view=close, roles=ADMINISTRATORS, method="POST"),
    Page(
        path=f"{_PEOPLE}/chung-thu",
        view=give_certificate,
        roles=ADMINISTRATORS,
        method="POST",
        most_files=1,
        queue=Queue.CERTIFY,
    ),
    Page(
        path=f"{_PEOPLE}/chung-thu/go", view=take_certificate, roles=ADMINISTRATORS, method="POST"
    ),
    Page(path="/he-thong", view=show_system, roles=ADMINISTRATORS),
)
