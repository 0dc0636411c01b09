from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import KeyMaterialError
from signing.key_names import (
    KeySecrets,
    Pkcs11Key,
    RemoteKey,
    SignerKey,
    name_key,
    needs_person,
    shown_name,
)
from signing.keyholder import key_from_plain, key_to_plain
from signing.pkcs12 import Pkcs12Key
from signing.providers import Padding
from signing.secrets import Secret, SecretFile, SecretPrompt

FILE = SecretFile(path=Path("/run/credentials/pin"))
SECRETS = KeySecrets(pin=FILE, access=FILE, padding=Padding.PSS)


def named(name: str) -> SignerKey:
    return name_key(name, Path("/srv/tram"), SECRETS)


def test_a_path_is_a_file_beside_the_settings() -> None:
    key = named("keys/co-quan.p12")
    assert key == Pkcs12Key(
        path=Path("/srv/tram/keys/co-quan.p12"), passphrase=FILE, padding=Padding.PSS
    )
    assert named("/etc/a.p12") == Pkcs12Key(
        path=Path("/etc/a.p12"), passphrase=FILE, padding=Padding.PSS
    )


def test_an_address_of_rfc_7512_is_a_key_on_a_token() -> None:
    key = named(
        "pkcs11:token=U%E1%BB%B7%20ban;serial=00af;id=%01%ff;object=k%C3%BD;type=private"
        "?module-path=/usr/lib/token%20moi.so"
    )
    assert key == Pkcs11Key(
        module=Path("/usr/lib/token moi.so"),
        pin=FILE,
        token="Uỷ ban",
        serial="00af",
        object_id=b"\x01\xff",
        object_label="ký",
        padding=Padding.PSS,
    )
    assert "Uỷ ban" in shown_name(key)


def test_an_https_address_with_a_credential_is_a_remote_key() -> None:
    key = named("csc+https://ky.example:8443/dich-vu/csc/v2/?credential=A%2FB")
    assert isinstance(key, RemoteKey)
    assert (key.url, key.credential) == ("https://ky.example:8443/dich-vu/csc/v2", "A/B")
    assert named("csc+http://127.0.0.1:1/csc/v1?credential=a") != key


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("pkcs11:token=a", "module-path"),
        ("pkcs11:tokn=a?module-path=/a.so", "pkcs11:"),
        ("pkcs11:token=a?module-path=/a.so&pin-value=1234", "PIN"),
        ("pkcs11:token=a?module-path=/a.so&pin-source=file:/a", "PIN"),
        ("csc+https://ky.example/csc/v1", "credential"),
        ("csc+https://nguoi:mat-khau@ky.example/csc/v1?credential=a", "csc+https"),
        ("csc+http://ky.example/csc/v1?credential=a", "https"),
    ],
)
def test_what_cannot_be_understood_or_holds_a_secret_is_refused(name: str, word: str) -> None:
    with pytest.raises(KeyMaterialError) as caught:
        named(name)
    assert word in caught.value.vi
    for secret in ("1234", "mat-khau"):
        assert secret not in str(caught.value)


def test_a_remote_key_needs_its_access_token() -> None:
    with pytest.raises(KeyMaterialError) as caught:
        name_key("csc+https://a/csc/v1?credential=a", Path(), KeySecrets(pin=FILE))
    assert "access" in caught.value.vi


secrets = st.one_of(
    st.text(min_size=1).map(Secret),
    st.text(min_size=1).map(lambda question: SecretPrompt(question=question)),
    st.just(FILE),
)
maybe_text = st.none() | st.text()
keys = st.one_of(
    st.builds(Pkcs12Key, path=st.just(Path("/a.p12")), passphrase=secrets),
    st.builds(
        Pkcs11Key,
        module=st.just(Path("/a.so")),
        pin=secrets,
        token=maybe_text,
        serial=maybe_text,
        object_id=st.none() | st.binary(),
        object_label=maybe_text,
        padding=st.sampled_from(Padding),
        lock_folder=st.none() | st.just(Path("/run/lock")),
    ),
    st.builds(RemoteKey, url=st.text(), credential=st.text(), access=secrets, pin=secrets),
)


def visible(key: SignerKey) -> object:
    """Everything of a key; secrets do not compare, so their text stands in."""
    plain = key_to_plain(key)
    return plain["kind"], plain["fields"]


@given(keys)
def test_a_key_reaches_the_process_that_holds_it_unchanged(key: SignerKey) -> None:
    again = key_from_plain(key_to_plain(key))
    assert visible(again) == visible(key)
    assert type(again) is type(key)
    assert needs_person(again) == needs_person(key)
