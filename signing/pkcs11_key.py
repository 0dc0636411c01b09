"""Keys on tokens and in security modules, through the vendor's PKCS#11 module.

One session on a token, opened by us and closed whatever happens; one login a human entry. After any
error of the driver this provider signs no more: going on is a person's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import pkcs11
from asn1crypto import algos, x509
from pkcs11 import MGF, Attribute, KeyType, Mechanism, ObjectClass, Session, Token
from pkcs11 import exceptions as failures
from pkcs11.util.ec import encode_ecdsa_signature

from signing.errors import KeyDeviceError, KeyMaterialError, PinRefused, TokenAbsent
from signing.key_names import Pkcs11Key
from signing.providers import DIGEST, DIGEST_BYTES, Padding, ToSign
from signing.secrets import Secret, SecretPrompt, SecretSource, obtain
from signing.token_lock import TokenLock, hold_token
from signing.tokens import (
    TokenState,
    explain_login,
    lost,
    present_tokens,
    refuse_by_state,
    state_of,
    warning_of,
)

LOCK_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Open:
    """A logged-in session with the key and certificate that will sign."""

    session: Session
    state: TokenState
    private: Any
    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    mechanisms: frozenset[Mechanism]
    pin: Secret | None
    """For a key that wants it before each signature (CKA_ALWAYS_AUTHENTICATE); else None."""


class TokenProvider:
    """The key of a token; the token is locked for other programs while it is open.

    Args:
        key: Which token and key.
    """

    def __init__(self, key: Pkcs11Key) -> None:
        self._key = key
        self._exits = ExitStack()
        self._open: _Open | None = None
        self._ended: KeyDeviceError | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self._opened.certificate

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """Other certificates on the token."""
        return self._opened.issuers

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        return self._key.padding

    @property
    def _opened(self) -> _Open:
        assert self._open is not None, "the provider is open"
        return self._open

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            state = state_of(_find_token(self._key))
            lock = stack.enter_context(
                hold_token(state.identity, LOCK_WAIT_SECONDS, self._key.lock_folder)
            )
            # Flags may have changed while another program had the token: read them again.
            token = _find_token(self._key)
            state = state_of(token)
            session, pin = _login(token, state, self._key, lock)
            stack.callback(_close, session)
            found = _find_key(session, state, self._key)
            self._open = replace(found, pin=pin) if _wants_pin_each_time(found.private) else found
            self._exits = stack.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        self._open = None
        self._exits.close()

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order.

        Raises:
            TokenLost: The token or its session is gone, now or in an earlier call.
            PinRefused: The key wants the PIN before each signature, and takes it no more.
        """
        for item in wanted:
            if self._ended is not None:
                raise self._ended
            try:
                yield _sign(self._opened, item, self.padding)
            except failures.PKCS11Error as error:
                self._ended = explain_login(error, self._opened.state.label)
                raise self._ended from error


def _find_token(key: Pkcs11Key) -> Token:
    tokens = present_tokens(key.module)
    fitting = [token for token in tokens if state_of(token).is_meant(key.token, key.serial)]
    if len(fitting) == 1:
        return fitting[0]
    seen = ", ".join(f"«{token.label}»" for token in tokens) or "không có token nào"
    if not fitting:
        raise TokenAbsent(
            f"Không thấy token «{key.token or ''}» (đang cắm: {seen}). Hãy cắm đúng token rồi thử "
            "lại.",
            f"token {key.token!r} is not there (present: {seen}); plug it in and try again",
        )
    raise TokenAbsent(
        f"Có nhiều token phù hợp ({seen}). Hãy rút bớt, hoặc ghi serial= vào khóa ký.",
        f"several tokens fit ({seen}); remove some, or name the serial number",
    )


def _login(
    token: Token, state: TokenState, key: Pkcs11Key, lock: TokenLock
) -> tuple[Session, Secret | None]:
    by_person = isinstance(key.pin, SecretPrompt) or state.has_pin_pad
    refuse_by_state(state, by_person=by_person, refused_before=lock.was_refused())
    pin = None if state.has_pin_pad else _pin(state, key.pin)
    try:
        session: Session = token.open(
            user_pin=pkcs11.PROTECTED_AUTH if pin is None else pin.reveal()
        )
    except failures.PKCS11Error as error:
        told = explain_login(error, state.label)
        if isinstance(told, PinRefused):
            lock.remember(refused=True)
        raise told from error
    lock.remember(refused=False)
    return session, pin


def _wants_pin_each_time(private: Any) -> bool:
    """Tell whether a key wants the PIN before each signature, as many for qualified ones do."""
    try:
        return bool(private[Attribute.ALWAYS_AUTHENTICATE])
    except failures.PKCS11Error:
        return False  # older modules do not know the question


def _pin(state: TokenState, source: SecretSource) -> Secret:
    if isinstance(source, SecretPrompt):
        question = f"{warning_of(state)}{source.question} «{state.label}»"
        return obtain(SecretPrompt(question=question))
    return obtain(source)


def _close(session: Session) -> None:
    try:
        session.close()
    except failures.PKCS11Error:
        # Nothing is left to close on a token that was pulled out.
        return


def _find_key(session: Session, state: TokenState, key: Pkcs11Key) -> _Open:
    try:
        keys = {
            item[Attribute.ID]: item
            for item in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        }
        found = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
        stored = [
            (item[Attribute.ID], item[Attribute.LABEL], item[Attribute.VALUE]) for item in found
        ]
        mechanisms = frozenset(session.token.slot.get_mechanisms())
    except failures.PKCS11Error as error:
        raise lost(error, state.label) from error
    certificates = [
        (identifier, label, x509.Certificate.load(value)) for identifier, label, value in stored
    ]
    own = [
        (identifier, certificate)
        for identifier, label, certificate in certificates
        if identifier in keys
        and key.object_id in (None, identifier)
        and key.object_label in (None, label)
    ]
    if len(own) != 1:
        raise _no_single_key(state, [certificate for _, certificate in own])
    identifier, certificate = own[0]
    return _Open(
        session=session,
        state=state,
        private=keys[identifier],
        certificate=certificate,
        issuers=tuple(other for _, _, other in certificates if other != certificate),
        mechanisms=mechanisms,
        pin=None,
    )


def _no_single_key(state: TokenState, own: Sequence[x509.Certificate]) -> KeyMaterialError:
    if not own:
        return KeyMaterialError(
            f"Token «{state.label}» không có khóa kèm chứng thư như đã khai báo. Hãy kiểm tra tên "
            "(object=) và số (id=) của khóa ký.",
            f"token «{state.label}» holds no such key with its certificate; check object= and id=",
        )
    names = ", ".join(f"«{item.subject.human_friendly}»" for item in own)
    return KeyMaterialError(
        f"Token «{state.label}» có nhiều khóa ký: {names}. Hãy ghi rõ id= của khóa cần dùng.",
        f"token «{state.label}» holds several keys: {names}; name one with id=",
    )


def _sign(opened: _Open, item: ToSign, padding: Padding) -> bytes:
    pin = None if opened.pin is None else opened.pin.reveal()
    sign = partial(opened.private.sign, pin=pin)
    if opened.private.key_type == KeyType.EC:
        # On the digest: tokens seldom offer the mechanism that hashes by itself.
        raw = sign(item.digest, mechanism=Mechanism.ECDSA)
        return encode_ecdsa_signature(bytes(raw))
    if padding is Padding.PSS:
        return _sign_pss(opened.mechanisms, item, sign)
    if Mechanism.SHA256_RSA_PKCS in opened.mechanisms:
        return bytes(sign(item.data, mechanism=Mechanism.SHA256_RSA_PKCS))
    info = algos.DigestInfo(
        {"digest_algorithm": {"algorithm": DIGEST}, "digest": item.digest}
    ).dump()
    return bytes(sign(info, mechanism=Mechanism.RSA_PKCS))


def _sign_pss(mechanisms: frozenset[Mechanism], item: ToSign, sign: Callable[..., bytes]) -> bytes:
    scheme = (Mechanism.SHA256, MGF.SHA256, DIGEST_BYTES)
    if Mechanism.SHA256_RSA_PKCS_PSS in mechanisms:
        mechanism, data = Mechanism.SHA256_RSA_PKCS_PSS, item.data
    else:
        mechanism, data = Mechanism.RSA_PKCS_PSS, item.digest
    return bytes(sign(data, mechanism=mechanism, mechanism_param=scheme))
