"""Asking the station: HTTP over TLS, on which each side believes the other's certificate only."""

from __future__ import annotations

import http.client
import ssl
from http import HTTPStatus

from desk.agent.messages import MOST_BYTES
from desk.errors import AgentNotPaired, StationDistrusted, StationUnreachable

# Longer than the station holds a question open for want of work.
TIMEOUT_SECONDS = 40.0
# As OpenSSL names the alerts of TLS that speak of the certificate of whom they are sent to.
_REFUSALS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")


class Gone(Exception):
    """The station does not know the batch any more; what it said of that is the message."""


class StationCalls:
    """A connection to a station, made anew when it breaks; a failed call may be repeated.

    Args:
        address: host and port.
        context: whom to believe, and what to show.
    """

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext) -> None:
        self._address, self._context = address, context
        self._line: http.client.HTTPSConnection | None = None

    @property
    def station_certificate(self) -> bytes:
        """The certificate that the other side shows, DER.

        Raises:
            StationUnreachable, StationDistrusted: there is no connection.
        """
        line = self._connected()
        assert isinstance(line.sock, ssl.SSLSocket)
        return line.sock.getpeercert(binary_form=True) or b""

    def ask(self, path: str, body: bytes = b"{}") -> bytes:
        """Ask something; return the answer.

        Raises:
            StationUnreachable: no answer; it may be asked again.
            StationDistrusted: it is another station, or what it says cannot be.
            AgentNotPaired: it does not know this computer.
            Gone: it does not know what is spoken of.
        """
        status, content = self._exchange(path, body)
        if status == HTTPStatus.OK:
            return content
        if status == HTTPStatus.FORBIDDEN:
            raise not_paired(self._address[0])
        if status in (HTTPStatus.GONE, HTTPStatus.CONFLICT):
            raise Gone(content.decode("utf-8", errors="replace"))
        raise StationDistrusted(
            f"Trạm {self._address[0]} trả lời lạ ({status}); chưa ký gì thêm. Hãy báo người quản "
            "trị trạm.",
            f"the station {self._address[0]} answers {status}; nothing more was signed",
        )

    def close(self) -> None:
        """Let the connection go."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _exchange(self, path: str, body: bytes) -> tuple[int, bytes]:
        line = self._connected()
        try:
            line.request("POST", path, body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            content = _whole(answer)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if is_refusal(error):
                raise not_paired(self._address[0]) from error
            raise _unreachable(self._address[0], error) from error
        if len(content) > MOST_BYTES:
            self.close()
            raise StationDistrusted(
                f"Trạm {self._address[0]} gửi quá nhiều; chưa ký. Hãy báo người quản trị trạm.",
                f"the station {self._address[0]} sends too much; nothing was signed",
            )
        return answer.status, content

    def _connected(self) -> http.client.HTTPSConnection:
        if self._line is not None and self._line.sock is not None:
            return self._line
        host, port = self._address
        line = http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_SECONDS, context=self._context
        )
        try:
            line.connect()
        except ssl.SSLCertVerificationError as error:
            line.close()
            raise StationDistrusted(
                f"Máy ở địa chỉ {host} KHÔNG phải trạm đã ghép (chứng thư khác); chưa gửi, chưa "
                "ký gì. Hãy hỏi người quản trị; nếu trạm được lập lại thì ghép lại: hoso agent "
                "join.",
                f"{host} is not the station that this computer was paired with (its certificate "
                "is another); nothing was sent or signed",
            ) from error
        except (OSError, http.client.HTTPException) as error:
            line.close()
            raise _unreachable(host, error) from error
        self._line = line
        return line


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """Read an answer, or one byte more than it may have."""
    content = answer.read(MOST_BYTES + 1)
    if answer.length and len(content) <= MOST_BYTES:
        # Asked for a number of bytes, `http.client` gives fewer without a word.
        raise http.client.IncompleteRead(content, answer.length)
    return content


def is_refusal(error: Exception) -> bool:
    """Tell whether the other side said that it does not accept the certificate shown to it.

    In TLS 1.3 (RFC 8446 6.2) that is heard with the first answer. A line that is cut raises an
    `SSLError` too, which says nothing of that and is tried again.
    """
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    return "ALERT" in reason and any(word in reason for word in _REFUSALS)


def not_paired(host: str) -> AgentNotPaired:
    """Make the error for a computer that the station does not know."""
    return AgentNotPaired(
        f"Trạm {host} không nhận máy này: chưa ghép, hoặc việc ghép đã bị gỡ. Hãy xin mã ghép mới "
        "rồi chạy: hoso agent join.",
        f"the station {host} does not know this computer: it is not paired, or no longer",
    )


def _unreachable(host: str, error: Exception) -> StationUnreachable:
    return StationUnreachable(
        f"Không gọi được trạm {host}. Hãy kiểm tra mạng, và trạm có đang chạy hoso run không.",
        f"cannot reach the station {host} ({type(error).__name__}); check the network and that "
        "`hoso run` is running there",
    )
