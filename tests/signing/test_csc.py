from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.keys.remote_service import ACCESS, PIN, RemoteService, running
from signing import secrets
from signing.csc import RemoteProvider
from signing.errors import KeyMaterialError, PinRefused, RemoteKeyError, SigningError
from signing.key_names import RemoteKey
from signing.model import Indication, Level, SignedPdf
from signing.pades import Batch
from signing.providers import Padding, ToSign, is_signature_of
from signing.secrets import Secret, SecretPrompt
from signing.signer import open_signer
from tests.signing.workbench import Workbench, free_port, make_pdf

SEVEN = [ToSign(title=f"Giấy {number}", data=bytes([number])) for number in range(7)]
VERSIONS = (1, 2)


@pytest.fixture
def service(bench: Workbench) -> Iterator[RemoteService]:
    with running(bench.key("officer2")) as service:
        yield service


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("padding", Padding)
def test_a_batch_is_signed_in_as_few_calls_as_the_service_allows(
    service: RemoteService, version: int, padding: Padding
) -> None:
    with RemoteProvider(service.remote_key(version, padding=padding)) as provider:
        signatures = list(provider.sign(SEVEN))
        certificate = provider.certificate
    for item, signature in zip(SEVEN, signatures, strict=True):
        assert is_signature_of(item, signature, certificate, padding)
    # Seven, five at a time: the last two do not wait for three more.
    assert service.count("credentials/authorize") == 2
    assert service.count("signatures/signHash") == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_elliptic_curves_too(bench: Workbench, version: int) -> None:
    with (
        running(bench.key("officer3")) as service,
        RemoteProvider(service.remote_key(version)) as provider,
    ):
        (signature,) = provider.sign(SEVEN[:1])
        assert is_signature_of(SEVEN[0], signature, provider.certificate, provider.padding)


@pytest.mark.parametrize(
    ("fault", "kind", "word"),
    [
        ("mixes up", RemoteKeyError, "trả lời sai"),
        ("forgets one", RemoteKeyError, "trả lời sai"),
        ("no json", RemoteKeyError, "không trả lời"),
        ("hangs", RemoteKeyError, "không trả lời"),
        ("disabled", KeyMaterialError, "bị tắt"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_that_fails_signs_nothing(
    service: RemoteService, version: int, fault: str, kind: type[SigningError], word: str
) -> None:
    service.fault = fault
    key = service.remote_key(version, timeout_seconds=0.5 if fault == "hangs" else 30.0)
    with pytest.raises(kind) as caught, RemoteProvider(key) as provider:
        list(provider.sign(SEVEN))
    assert word in caught.value.vi
    assert PIN not in str(caught.value)
    assert ACCESS not in str(caught.value) + repr(key)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_pin_is_sent_once(service: RemoteService, version: int) -> None:
    key = service.remote_key(version, pin=Secret("000000"))
    with pytest.raises(PinRefused) as caught, RemoteProvider(key) as provider:
        list(provider.sign(SEVEN))
    assert "không tự thử lại" in caught.value.vi
    assert service.count("credentials/authorize") == 1


def test_a_wrong_access_token_and_a_service_that_is_down_are_told(service: RemoteService) -> None:
    with (
        pytest.raises(RemoteKeyError) as caught,
        RemoteProvider(service.remote_key(access=Secret("khac"))),
    ):
        pass
    assert "mã truy cập" in caught.value.vi
    down = service.remote_key(url=f"http://127.0.0.1:{free_port()}/csc/v1")
    with pytest.raises(RemoteKeyError) as caught, RemoteProvider(down):
        pass
    assert "mạng" in caught.value.vi


def test_a_one_time_password_is_asked_for_each_authorisation(
    service: RemoteService, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def typing(question: str) -> str:
        asked.append(question)
        return "778899"

    monkeypatch.setattr(secrets, "_has_terminal", lambda: True)
    monkeypatch.setattr("signing.secrets.getpass.getpass", typing)
    described = RemoteService._info

    def with_otp(self: RemoteService, *, is_second: bool) -> dict[str, object]:
        return described(self, is_second=is_second) | {"OTP": {"presence": "true"}}

    monkeypatch.setattr(RemoteService, "_info", with_otp)
    with RemoteProvider(service.remote_key()) as provider:
        assert len(list(provider.sign(SEVEN))) == 7
    assert len(asked) == 2
    sent = [body["OTP"] for path, body in service.calls if path == "credentials/authorize"]
    assert sent == ["778899", "778899"]


def remote(service: RemoteService) -> RemoteKey:
    return service.remote_key(2, pin=Secret(PIN))


def test_pdfs_signed_by_a_remote_service_pass(
    bench: Workbench, service: RemoteService, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("remote")
    service.multisign = 2
    sources = [make_pdf(folder / f"{number}.pdf", pages=1) for number in range(3)]
    requests = [
        bench.request(source, source.with_suffix(".signed.pdf"), Level.B_T) for source in sources
    ]
    with (
        open_signer(remote(service)) as signer,
        Batch(signer, bench.trust, bench.network) as batch,
    ):
        outcomes = batch.sign_all(requests)
    for outcome in outcomes:
        assert isinstance(outcome, SignedPdf)
        assert outcome.verdict.overall is Indication.TOTAL_PASSED
    assert service.count("credentials/authorize") == 2


def test_nobody_is_asked_for_a_pin_that_the_service_does_not_want(
    service: RemoteService, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = RemoteService._info

    def without_pin(self: RemoteService, *, is_second: bool) -> dict[str, object]:
        return described(self, is_second=is_second) | {"PIN": {"presence": "false"}}

    monkeypatch.setattr(RemoteService, "_info", without_pin)
    key = service.remote_key(pin=SecretPrompt(question="PIN"))
    with RemoteProvider(key) as provider:
        assert provider.certificate.subject.native["common_name"].startswith("Trần Thị Hai")
