"""Logging in to a station's pages with the key at this computer: signing a challenge, no paper.

What is signed is made here of the station's name, its address, a number and a time; nothing that
comes from outside is signed as it is, so no station and no page gets a paper signed this way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desk.agent import messages
from desk.agent.calls import Gone, StationCalls
from desk.agent.identity import client_context
from desk.agent.messages import BadMessage, LoginAsked, LoginSigned, LoginWanted
from desk.agent.run import name_agent_key, open_apart
from desk.agent.settings import AgentFolder, host_and_port, load_agent
from desk.errors import AnswerRefused, StationDistrusted
from desk.moments import show
from signing.errors import KeyMaterialError
from signing.key_names import SignerKey
from signing.login_challenge import (
    LoginAnswer,
    LoginChallenge,
    read_challenge,
    require_challenge,
    sign_challenge,
)
from signing.providers import SignerProvider

LOGIN_QUESTION = "Nhập mã PIN để ĐĂNG NHẬP (không ký giấy tờ)"

Tell = Callable[[str], None]
OpenKey = Callable[[SignerKey], SignerProvider]


def log_in_at_station(
    folder: AgentFolder, code: str, tell: Tell, open_key: OpenKey = open_apart
) -> LoginChallenge:
    """Sign the login that waits under a code at the station this computer is paired with.

    Args:
        folder: where the agent lies.
        code: what the page shows, as it was typed.
        tell: says something to the officer.
        open_key: how the key is opened.

    Raises:
        AnswerRefused: nobody waits with this code.
        SigningError: the key cannot be opened, or failed.
        DeskError: the station cannot be reached, is another, or does not know this computer.
    """
    settings = load_agent(folder)
    context = client_context(folder.identity, folder.station.read_text(encoding="utf-8"))
    calls = StationCalls(host_and_port(settings.station), context)
    try:
        challenge, is_elsewhere = _wanted(calls, code)
        show_challenge(challenge, tell)
        if is_elsewhere:
            tell(
                "CHÚ Ý: trình duyệt đó gọi từ địa chỉ KHÁC với máy này. Nếu nó không ở trước mặt "
                "ông/bà thì có người đang mượn tay ông/bà: ĐỪNG nhập PIN, hãy báo người quản trị."
            )
        with open_key(name_agent_key(settings, folder.root, LOGIN_QUESTION)) as provider:
            answer = sign_challenge(challenge, provider)
        signed = LoginSigned(answer=answer.to_text())
        _ask(calls, messages.LOGIN_SIGNED, messages.to_bytes(signed))
    finally:
        calls.close()
    return challenge


def log_in_by_hand(
    text: str, now: datetime, tell: Tell, key: SignerProvider, address: str = ""
) -> LoginAnswer:
    """Sign a challenge that was carried over by hand.

    Args:
        text: what the page shows.
        now: aware.
        tell: says something to whoever signs, before the key is opened.
        key: the key, not open yet.
        address: the only pages that may be logged in to; empty for any.

    Raises:
        AnswerRefused: the challenge is over, or that of other pages.
        SigningError: it is none, or the key failed.
    """
    challenge = read_challenge(text)
    if now >= challenge.until:
        raise AnswerRefused(
            "Thử thách này đã hết giờ. Hãy bắt đầu lại trên trang đăng nhập.",
            "this challenge is over; begin again on the page",
        )
    if address and challenge.address.rstrip("/") != address.rstrip("/"):
        raise AnswerRefused(
            f"Thử thách này là của trang {challenge.address or '(không rõ)'}, không phải "
            f"{address}. KHÔNG ký; hãy báo người quản trị.",
            f"this challenge is of {challenge.address or 'no address'}, not {address}; not signed",
        )
    show_challenge(challenge, tell)
    with key as provider:
        return sign_challenge(challenge, provider)


def show_challenge(challenge: LoginChallenge, tell: Tell) -> None:
    """Say what is about to be signed, before anybody types a PIN."""
    tell(f"ĐĂNG NHẬP vào trạm «{challenge.station}»")
    tell(f"Trang: {challenge.address or 'chỉ trên máy của trạm'}")
    tell(f"Trình duyệt đang chờ: {challenge.asked_from or 'không rõ'}")
    tell(f"Có hiệu lực đến {show(challenge.until)}. Đây KHÔNG phải ký giấy tờ.")
    tell("Chỉ ký khi đó là trình duyệt trước mặt ông/bà; không ký mã hay dòng chữ người khác gửi.")


def _wanted(calls: StationCalls, code: str) -> tuple[LoginChallenge, bool]:
    """Return what is to be signed, and whether the browser that waits is elsewhere."""
    asked = messages.to_bytes(LoginAsked(code=code))
    try:
        wanted = messages.read(LoginWanted, _ask(calls, messages.LOGIN, asked))
        words = (wanted.station, wanted.address, wanted.nonce, wanted.until, wanted.asked_from)
        return require_challenge(*words), wanted.is_elsewhere
    except (BadMessage, KeyMaterialError) as error:
        raise StationDistrusted(
            "Trạm gửi thử thách đăng nhập sai dạng nên chưa ký gì. Hãy báo người quản trị trạm.",
            f"the station's challenge is none ({error}); nothing was signed",
        ) from error


def _ask(calls: StationCalls, path: str, body: bytes) -> bytes:
    try:
        return calls.ask(path, body)
    except Gone as gone:
        raise AnswerRefused(str(gone), "nobody waits with this code, or no longer") from gone
