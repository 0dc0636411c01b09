"""Tokens: SoftHSM for what it does, and what a token says of itself for what it never does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import exceptions as failures

from desk import checkup
from fixtures.keys.soft_token import (
    KEYS,
    MODULE,
    PIN,
    STRICT,
    WRONG_PIN,
    SoftToken,
    add_strict_key,
    configured,
    copy_of,
    make_token,
)
from signing import pkcs11_key, secrets
from signing.apart import ApartProvider
from signing.errors import (
    KeyMaterialError,
    PinLocked,
    PinNearlyLocked,
    PinRefused,
    SigningError,
    TokenAbsent,
    TokenBusy,
    TokenLost,
)
from signing.key_names import Pkcs11Key
from signing.model import Indication, Level, SignedPdf
from signing.pades import Batch, sign_pdf
from signing.pkcs11_key import TokenProvider
from signing.providers import Padding, ToSign, is_signature_of
from signing.secrets import Secret, SecretFile, SecretPrompt
from signing.signer import open_signer, signer_behind
from signing.token_lock import hold_token
from signing.tokens import TokenState, list_tokens, refuse_by_state, state_of, warning_of
from tests.signing.workbench import Workbench, make_pdf

TITLE = "Đơn đăng ký THỬ NGHIỆM"
PKCS1 = Padding.PKCS1


@pytest.fixture(scope="module")
def made(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    folder = tmp_path_factory.mktemp("token")
    with configured(folder) as tokens:
        yield make_token(folder, tokens, "Token THỬ NGHIỆM", bench.folder)


@pytest.fixture
def token(made: SoftToken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftToken]:
    """A copy of the token for each test: wrong PINs and pulled-out sticks leave traces."""
    spoilt = copy_of(made, tmp_path / "own")
    monkeypatch.setenv("SOFTHSM2_CONF", str(spoilt.folder.parent / "softhsm2.conf"))
    yield spoilt
    pkcs11.unload(str(MODULE))


def wanted(*data: bytes) -> list[ToSign]:
    return [ToSign(title=TITLE, data=item) for item in data]


def provider(token: SoftToken, key: Pkcs11Key | None = None) -> TokenProvider:
    return TokenProvider(key or token.key())


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("padding", Padding)
def test_each_key_signs_on_the_token(token: SoftToken, name: str, padding: Padding) -> None:
    with provider(token, token.key(name, padding=padding)) as opened:
        first, second = opened.sign(wanted(b"one", b"two"))
        certificate = opened.certificate
    assert is_signature_of(ToSign(title="", data=b"one"), first, certificate, padding)
    assert is_signature_of(ToSign(title="", data=b"two"), second, certificate, padding)
    assert not is_signature_of(ToSign(title="", data=b"two"), first, certificate, padding)
    assert "THỬ NGHIỆM" in certificate.subject.native["common_name"]


def test_a_pdf_signed_on_a_token_passes(bench: Workbench, token: SoftToken, tmp_path: Path) -> None:
    request = bench.request(make_pdf(tmp_path / "a.pdf", 1), tmp_path / "b.pdf", Level.B_LTA)
    with open_signer(token.key("officer2", padding=Padding.PSS)) as signer:
        signed = sign_pdf(request, signer, bench.trust, bench.network)
    assert signed.verdict.overall is Indication.TOTAL_PASSED
    run = subprocess.run(
        ["pdfsig", "-nocert", request.target], capture_output=True, text=True, check=True
    )
    assert "Signature is Valid" in run.stdout


def test_a_token_without_the_hashing_mechanism_signs_the_digest(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    for padding in Padding:
        with provider(token, token.key("officer2", padding=padding)) as opened:
            bare = replace(opened._opened, mechanisms=frozenset())
            monkeypatch.setattr(opened, "_open", bare)
            (signature,) = opened.sign(wanted(b"one"))
            item = ToSign(title="", data=b"one")
            assert is_signature_of(item, signature, opened.certificate, padding)


def test_a_key_that_wants_the_pin_before_each_signature_gets_it(
    bench: Workbench, token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CKA_ALWAYS_AUTHENTICATE: typed once, given again by the process that holds the key."""
    add_strict_key(token, bench.folder)
    with provider(token, token.key(STRICT)) as opened:
        first, second = opened.sign(wanted(b"one", b"two"))
        assert is_signature_of(ToSign(title="", data=b"two"), second, opened.certificate, PKCS1)
        assert first != second
        # Without it the token refuses; nothing is tried again.
        monkeypatch.setattr(opened, "_open", replace(opened._opened, pin=None))
        for _ in range(2):
            with pytest.raises(TokenLost) as caught:
                list(opened.sign(wanted(b"three")))
        assert "chưa được ký" in caught.value.vi


def test_a_wrong_pin_is_told_and_never_tried_again_by_a_program(token: SoftToken) -> None:
    with pytest.raises(PinRefused) as caught, provider(token, token.with_pin(Secret(WRONG_PIN))):
        pass
    assert "Sai mã PIN" in caught.value.vi
    assert "không tự thử lại" in caught.value.vi
    assert WRONG_PIN not in str(caught.value) + repr(caught.value)
    # Even the right PIN: a program cannot know that it is right.
    for pin in (Secret(PIN), Secret(WRONG_PIN)):
        with pytest.raises(PinNearlyLocked), provider(token, token.with_pin(pin)):
            pass


def test_a_token_that_says_nothing_of_wrong_pins_is_remembered_by_its_lock(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(found: pkcs11.Token) -> TokenState:
        return replace(state_of(found), is_low=False, is_last_try=False)

    monkeypatch.setattr(pkcs11_key, "state_of", silent)
    with pytest.raises(PinRefused), provider(token, token.with_pin(Secret(WRONG_PIN))):
        pass
    with pytest.raises(PinNearlyLocked), provider(token):
        pass


def person(monkeypatch: pytest.MonkeyPatch, types: str) -> list[str]:
    asked: list[str] = []

    def typing(question: str) -> str:
        asked.append(question)
        return types

    monkeypatch.setattr(secrets, "_has_terminal", lambda: True)
    monkeypatch.setattr("signing.secrets.getpass.getpass", typing)
    return asked


def test_a_person_may_go_on_after_a_wrong_pin_knowing_of_it(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = token.with_pin(SecretPrompt(question="Nhập mã PIN"))
    asked = person(monkeypatch, WRONG_PIN)
    with pytest.raises(PinRefused), provider(token, prompt):
        pass
    assert len(asked) == 1
    assert "nhập sai" not in asked[0]
    asked = person(monkeypatch, PIN)
    with provider(token, prompt) as opened:
        assert len(list(opened.sign(wanted(b"one")))) == 1
    assert len(asked) == 1
    assert "lần trước PIN đã bị nhập sai" in asked[0]
    # The right PIN takes the warning away, for programs too.
    with provider(token) as opened:
        assert len(list(opened.sign(wanted(b"one")))) == 1


@pytest.mark.parametrize("types", ["", PIN])
def test_without_a_pin_the_token_is_not_asked(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch, types: str
) -> None:
    person(monkeypatch, types)
    if types:
        monkeypatch.setattr(secrets, "_has_terminal", lambda: False)
    with (
        pytest.raises(PinRefused) as caught,
        provider(token, token.with_pin(SecretPrompt(question="PIN"))),
    ):
        pass
    assert "chưa ký" in caught.value.vi or "dòng lệnh" in caught.value.vi
    assert not list_tokens(MODULE)[0].is_low


STATE = TokenState(
    label="T",
    serial="1",
    maker="M",
    is_locked=False,
    is_last_try=False,
    is_low=False,
    has_pin_pad=False,
)


def test_what_a_token_says_of_its_pin_decides_who_may_try() -> None:
    locked = replace(STATE, is_locked=True, is_last_try=True, is_low=True)
    for by_person in (True, False):
        with pytest.raises(PinLocked) as caught:
            refuse_by_state(locked, by_person=by_person, refused_before=False)
        assert "bị khóa" in caught.value.vi
    for state in (replace(STATE, is_low=True), replace(STATE, is_last_try=True)):
        with pytest.raises(PinNearlyLocked) as caught_low:
            refuse_by_state(state, by_person=False, refused_before=False)
        assert "hoso sign" in caught_low.value.vi
        refuse_by_state(state, by_person=True, refused_before=True)
    refuse_by_state(STATE, by_person=False, refused_before=False)
    assert "MỘT lần" in warning_of(replace(STATE, is_last_try=True))
    assert warning_of(STATE) == ""


def test_missing_modules_tokens_and_keys_are_told(token: SoftToken, tmp_path: Path) -> None:
    cases: list[tuple[Pkcs11Key, type[SigningError], str]] = [
        (token.key(module=tmp_path / "khong-co.so"), TokenAbsent, "khong-co.so"),
        (token.key(token="Khác"), TokenAbsent, token.label),
        (token.key(serial="0000"), TokenAbsent, token.label),
        (token.key(object_id=b"nobody"), KeyMaterialError, "không có khóa"),
        (token.key(object_id=None), KeyMaterialError, "nhiều khóa ký"),
        (token.key(object_label="nobody"), KeyMaterialError, "không có khóa"),
    ]
    for key, kind, word in cases:
        with pytest.raises(kind) as caught, provider(token, key):
            pass
        assert word in caught.value.vi
    # A failed opening leaves nobody logged in: the next one works.
    with provider(token, token.key(object_id=None, object_label="officer1")) as opened:
        assert opened.certificate.subject.native["common_name"].startswith("Nguyễn Văn Một")


def test_one_program_at_a_time_holds_a_token(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = list_tokens(MODULE)[0].identity
    holder = (
        "import sys; from pathlib import Path; from signing.token_lock import hold_token\n"
        "with hold_token(sys.argv[1], 0, Path(sys.argv[2])): print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", holder, identity, str(token.locks)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        monkeypatch.setattr(pkcs11_key, "LOCK_WAIT_SECONDS", 0.0)
        with pytest.raises(TokenBusy) as caught, provider(token):
            pass
        assert "chương trình khác" in caught.value.vi
        # However the other one ends, the lock ends with it.
        other.kill()
    with provider(token) as opened:
        assert len(list(opened.sign(wanted(b"one")))) == 1


def test_a_lock_remembers_across_programs(tmp_path: Path) -> None:
    with hold_token("a", 0, tmp_path) as lock:
        assert not lock.was_refused()
        lock.remember(refused=True)
    with hold_token("a", 0, tmp_path) as lock, hold_token("b", 0, tmp_path) as another:
        assert (lock.was_refused(), another.was_refused()) == (True, False)
        lock.remember(refused=False)
        assert not lock.was_refused()


class PulledToken(TokenProvider):
    """A token that is pulled out after its first signature."""

    def __init__(self, token: SoftToken) -> None:
        super().__init__(token.key())
        self._token = token

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        for number, signature in enumerate(super().sign(wanted)):
            yield signature
            if number == 0 and self._token.folder.exists():
                self._token.pull()


def test_a_token_pulled_out_in_mid_batch_loses_no_signature_and_signs_no_more(
    bench: Workbench, token: SoftToken, tmp_path: Path
) -> None:
    sources = [make_pdf(tmp_path / f"{number}.pdf", pages=1) for number in range(3)]
    requests = [
        bench.request(source, source.with_suffix(".signed.pdf"), Level.B_B) for source in sources
    ]
    with (
        PulledToken(token) as held,
        Batch(signer_behind(held), bench.trust, bench.network) as batch,
    ):
        first, second, third = batch.sign_all(requests)
        assert isinstance(first, SignedPdf)
        for lost in (second, third):
            assert isinstance(lost, TokenLost)
            assert "cắm lại token" in lost.vi
        token.plug()
        # Back in its slot: still only a person starts again.
        with pytest.raises(TokenLost):
            batch.sign(requests[1])
    assert [request.target.exists() for request in requests] == [True, False, False]
    with (
        open_signer(token.key()) as signer,
        Batch(signer, bench.trust, bench.network) as batch,
    ):
        assert all(isinstance(item, SignedPdf) for item in batch.sign_all(requests[1:]))


def test_a_key_in_a_process_that_dies_is_told(token: SoftToken) -> None:
    with ApartProvider(token.key()) as held:
        (signature,) = held.sign(wanted(b"one"))
        assert is_signature_of(wanted(b"one")[0], signature, held.certificate, held.padding)
        assert held._child is not None
        os.kill(held._child.pid, signal.SIGKILL)
        with pytest.raises(TokenLost) as caught:
            list(held.sign(wanted(b"two")))
        assert token.label in caught.value.vi
        with pytest.raises(TokenLost):
            list(held.sign(wanted(b"two")))


def test_a_driver_that_never_answers_is_ended(token: SoftToken) -> None:
    with ApartProvider(token.key(), signature_seconds=0.2) as held:
        assert held._child is not None
        child = held._child
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(TokenLost):
            list(held.sign(wanted(b"one")))
        assert child.has_ended


def test_errors_of_the_token_come_through_the_process(token: SoftToken, tmp_path: Path) -> None:
    wrong = tmp_path / "pin"
    wrong.write_text(WRONG_PIN + "\n", encoding="utf-8")
    wrong.chmod(0o600)
    with pytest.raises(PinRefused), ApartProvider(token.with_pin(SecretFile(path=wrong))):
        pass
    with pytest.raises(PinNearlyLocked), ApartProvider(token.with_pin(SecretFile(path=wrong))):
        pass


def test_the_pin_is_in_no_place_that_others_can_read(token: SoftToken, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text(PIN, encoding="utf-8")
    pin.chmod(0o600)
    key = token.with_pin(SecretFile(path=pin))
    with ApartProvider(key) as held:
        assert held._child is not None
        child = Path(f"/proc/{held._child.pid}")
        shown = (child / "cmdline").read_bytes() + (child / "limits").read_bytes()
        assert PIN.encode() not in shown + (Path("/proc/self/environ").read_bytes())
        (core,) = [line for line in shown.splitlines() if b"Max core file size" in line]
        assert core.split()[4:6] == [b"0", b"0"]
    assert PIN not in repr(key) + repr(token.key()) + str(token.key())


def test_the_checkup_looks_at_a_token_without_a_pin(token: SoftToken) -> None:
    """`hoso doctor`: what is plugged in and how its PIN stands; no try is spent."""
    seen = checkup._token(token.key())
    assert seen.ok
    assert token.label in seen.found
    assert not checkup._token(token.key(token="Khác")).ok
    with pytest.raises(PinRefused), provider(token, token.with_pin(Secret(WRONG_PIN))):
        pass
    worried = checkup._token(token.key())
    assert not worried.ok
    assert "hoso sign" in worried.advice


def test_a_second_session_of_one_program_is_refused_not_disturbed(token: SoftToken) -> None:
    library = pkcs11.lib(str(MODULE))
    with library.get_token(token_label=token.label).open(user_pin=PIN) as first:
        with pytest.raises(TokenBusy) as caught, provider(token):
            pass
        assert "chương trình khác" in caught.value.vi
        assert first.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=b"agency")


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (failures.PinIncorrect(), PinRefused, "Sai mã PIN"),
        (failures.PinLenRange(), PinRefused, "Sai mã PIN"),
        (failures.PinExpired(), PinRefused, "hết hạn"),
        (failures.UserPinNotInitialized(), PinRefused, "chưa đặt mã PIN"),
        (failures.PinLocked(), PinLocked, "mở khóa"),
        (failures.DeviceRemoved(), TokenLost, "cắm lại"),
        (failures.TokenNotPresent(), TokenLost, "cắm lại"),
        (failures.SessionHandleInvalid(), TokenLost, "cắm lại"),
        (failures.GeneralError(), TokenLost, "GeneralError"),
    ],
)
def test_what_drivers_say_is_told_in_words(
    token: SoftToken,
    monkeypatch: pytest.MonkeyPatch,
    error: failures.PKCS11Error,
    kind: type[SigningError],
    word: str,
) -> None:
    """What SoftHSM never says, a token that refuses so."""

    class RefusingToken:
        slot = None
        label = "Token THỬ"
        serial = b"1"
        manufacturer_id = "THỬ"
        flags = pkcs11.TokenFlag.TOKEN_INITIALIZED

        def open(self, **_: object) -> None:
            raise error

    monkeypatch.setattr(pkcs11_key, "present_tokens", lambda _module: [RefusingToken()])
    with pytest.raises(kind) as caught, provider(token, token.key(token="Token THỬ")):
        pass
    assert word in caught.value.vi
    assert "Token THỬ" in caught.value.vi
