"""What a token is and says of itself, before anybody logs in; and its errors in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pkcs11
from pkcs11 import Slot, Token, TokenFlag
from pkcs11 import exceptions as failures

from signing.errors import (
    KeyDeviceError,
    PinLocked,
    PinNearlyLocked,
    PinRefused,
    TokenAbsent,
    TokenBusy,
    TokenLost,
)

# What a driver says when the token is gone, or what was opened on it.
_GONE = (
    failures.DeviceRemoved,
    failures.DeviceError,
    failures.TokenNotPresent,
    failures.TokenNotRecognised,
    failures.SlotIDInvalid,
    failures.SessionHandleInvalid,
    failures.SessionClosed,
    failures.ObjectHandleInvalid,
    failures.KeyHandleInvalid,
    failures.UserNotLoggedIn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenState:
    """A token in a slot, as it shows itself without a PIN.

    Attributes:
        label: Its name.
        serial: Its serial number.
        maker: Who made it.
        is_locked: No PIN is taken any more.
        is_last_try: One wrong PIN more locks it.
        is_low: A wrong PIN was entered since the last right one.
        has_pin_pad: The PIN is typed on the device itself.
    """

    label: str
    serial: str
    maker: str
    is_locked: bool
    is_last_try: bool
    is_low: bool
    has_pin_pad: bool

    @property
    def identity(self) -> str:
        """What tells this token from all others."""
        return f"{self.maker}/{self.serial}/{self.label}"

    def is_meant(self, label: str | None, serial: str | None) -> bool:
        """Tell whether a label and a serial number mean this token; None means any."""
        return label in (None, self.label) and serial in (None, self.serial)


def state_of(token: Token) -> TokenState:
    """Read what a token says of itself; a fresh `Token` must be taken for fresh flags."""
    flags = token.flags
    return TokenState(
        label=token.label,
        serial=token.serial.decode("ascii", errors="replace").strip(),
        maker=token.manufacturer_id,
        is_locked=bool(flags & TokenFlag.USER_PIN_LOCKED),
        is_last_try=bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
        is_low=bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
        has_pin_pad=bool(flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH),
    )


def list_tokens(module: Path) -> list[TokenState]:
    """List the tokens that a vendor's module sees; nobody logs in.

    Raises:
        TokenAbsent: The module cannot be loaded.
    """
    return [state_of(token) for token in present_tokens(module)]


def present_tokens(module: Path) -> list[Token]:
    """Open the initialised tokens that a vendor's module sees.

    Raises:
        TokenAbsent: The module cannot be loaded.
    """
    try:
        library = pkcs11.lib(str(module))
        slots: list[Slot] = library.get_slots(token_present=True)
        tokens = [slot.get_token() for slot in slots]
        return [token for token in tokens if token.flags & TokenFlag.TOKEN_INITIALIZED]
    except (failures.PKCS11Error, OSError, RuntimeError) as error:
        raise TokenAbsent(
            f"Không nạp được phần mềm token {module}. Hãy cài phần mềm của hãng token và kiểm tra "
            "đường dẫn module-path.",
            f"cannot load the PKCS#11 module {module}: {error}; install the vendor's software and "
            "check module-path",
        ) from error


def refuse_by_state(state: TokenState, *, by_person: bool, refused_before: bool) -> None:
    """Refuse a login that would lock the token, or that only a person may risk.

    Args:
        state: What the token says.
        by_person: Whether a person is at hand who is asked for the PIN now.
        refused_before: Whether the last PIN given from this machine was wrong.

    Raises:
        PinLocked: The token takes no PIN.
        PinNearlyLocked: A PIN was wrong before, and this one comes from a file.
    """
    if state.is_locked:
        raise locked(state.label)
    if by_person or not (state.is_last_try or state.is_low or refused_before):
        return
    if state.is_last_try:
        raise PinNearlyLocked(
            f"Token «{state.label}» chỉ còn MỘT lần nhập PIN trước khi bị khóa, nên máy không tự "
            "nhập. Hãy để người giữ token nhập PIN bằng tay: hoso sign … (lệnh sẽ hỏi).",
            f"token «{state.label}» has one PIN try left; its holder must type the PIN",
        )
    raise PinNearlyLocked(
        f"Lần trước PIN của token «{state.label}» bị nhập sai, nên máy không tự nhập lại. Hãy sửa "
        "tệp PIN rồi để người giữ token nhập đúng một lần bằng tay: hoso sign … (lệnh sẽ hỏi).",
        f"the last PIN of token «{state.label}» was wrong; its holder must type it right once",
    )


def warning_of(state: TokenState) -> str:
    """Say in Vietnamese what a person must know before typing the PIN; empty for nothing."""
    if state.is_last_try:
        return "CHÚ Ý: chỉ còn MỘT lần nhập, nhập sai là token bị khóa. "
    if state.is_low:
        return "Chú ý: lần trước PIN đã bị nhập sai. "
    return ""


def locked(label: str) -> PinLocked:
    """Make the error for a token that takes no PIN."""
    return PinLocked(
        f"Token «{label}» đã bị khóa vì nhập sai PIN nhiều lần. Hãy liên hệ đơn vị quản lý "
        "chứng thư để mở khóa; đừng thử lại.",
        f"token «{label}» is locked after wrong PINs; call the unit that manages certificates",
    )


def explain_login(error: failures.PKCS11Error, label: str) -> KeyDeviceError:
    """Say what a refused login means."""
    if isinstance(error, failures.PinLocked):
        return locked(label)
    if isinstance(error, failures.PinIncorrect | failures.PinInvalid | failures.PinLenRange):
        return PinRefused(
            f"Sai mã PIN của token «{label}». Máy không tự thử lại; hãy xem lại PIN rồi chạy lại "
            "lệnh. Nhập sai nhiều lần token sẽ bị khóa.",
            f"wrong PIN for token «{label}»; nothing is tried again by itself",
        )
    if isinstance(error, failures.PinExpired):
        return PinRefused(
            f"Mã PIN của token «{label}» đã hết hạn. Hãy đổi PIN bằng phần mềm của hãng token.",
            f"the PIN of token «{label}» has expired; change it with the vendor's software",
        )
    if isinstance(error, failures.UserPinNotInitialized):
        return PinRefused(
            f"Token «{label}» chưa đặt mã PIN. Hãy đặt PIN bằng phần mềm của hãng token.",
            f"token «{label}» has no PIN yet; set one with the vendor's software",
        )
    if isinstance(error, failures.UserAlreadyLoggedIn | failures.AnotherUserAlreadyLoggedIn):
        return TokenBusy(
            f"Token «{label}» đang mở ở chương trình khác. Hãy đóng chương trình đó rồi thử lại.",
            f"token «{label}» is open elsewhere; close that program and try again",
        )
    return lost(error, label)


def lost(error: failures.PKCS11Error, label: str) -> TokenLost:
    """Say that a token ended in mid-work."""
    name = type(error).__name__
    if isinstance(error, _GONE):
        return TokenLost(
            f"Token «{label}» đã bị rút ra hoặc ngắt kết nối; giấy tờ đang ký chưa được ký. Hãy "
            "cắm lại token rồi duyệt ký lại.",
            f"token «{label}» was removed or its session ended ({name}); plug it in and release "
            "the batch again",
        )
    return TokenLost(
        f"Token «{label}» báo lỗi ({name}); giấy tờ đang ký chưa được ký. Hãy rút ra, cắm lại "
        "token rồi duyệt ký lại.",
        f"token «{label}» failed ({name}: {error}); plug it in again and release the batch again",
    )
