"""Reading DER (X.690): tags, lengths and the bytes between, strictly, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

SEQUENCE, SET, OID, INTEGER, OCTETS, BITS = 0x30, 0x31, 0x06, 0x02, 0x04, 0x03
BOOLEAN, UTC_TIME, GENERALIZED_TIME = 0x01, 0x17, 0x18
_CONSTRUCTED, _HIGH_TAG, _LONG = 0x20, 0x1F, 0x80
_MAX_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element."""

    tag: int
    """Its identifier octet."""
    content: bytes
    """What it holds."""
    raw: bytes
    """The whole element, tag and length included."""

    @property
    def parts(self) -> list[Node]:
        """The elements inside.

        Raises:
            ValueError: It holds none, or broken ones.
        """
        if not self.tag & _CONSTRUCTED:
            raise ValueError("a plain element has no parts")
        return read_all(self.content)

    def expect(self, tag: int) -> Node:
        """Return the element if it has this tag.

        Raises:
            ValueError: It has another.
        """
        if self.tag != tag:
            raise ValueError(f"tag {self.tag:#x} where {tag:#x} belongs")
        return self

    @property
    def integer(self) -> int:
        """Its value as a signed number."""
        return int.from_bytes(self.expect(INTEGER).content, "big", signed=True)

    @property
    def oid(self) -> str:
        """Its value as a dotted identifier."""
        return _dotted(self.expect(OID).content)

    @property
    def bits(self) -> bytes:
        """A bit string of whole bytes.

        Raises:
            ValueError: It has unused bits.
        """
        content = self.expect(BITS).content
        if content[:1] != b"\0":
            raise ValueError("a bit string of broken bytes")
        return content[1:]

    @property
    def time(self) -> datetime:
        """Its value as a moment, UTC.

        Raises:
            ValueError: It is none.
        """
        text = self.content.decode("ascii")
        if self.tag == UTC_TIME:
            # RFC 5280, 4.1.2.5.1: years below 50 are of this century.
            text = ("19" if int(text[:2]) >= 50 else "20") + text  # as cited
        elif self.tag != GENERALIZED_TIME:
            raise ValueError(f"tag {self.tag:#x} is no time")
        form = "%Y%m%d%H%M%S.%fZ" if "." in text else "%Y%m%d%H%M%SZ"
        return datetime.strptime(text, form).replace(tzinfo=UTC)


def read_one(data: bytes) -> Node:
    """Read the single element that some bytes are.

    Raises:
        ValueError: They are none, or more than one.
    """
    node, rest = _next(data)
    if rest:
        raise ValueError("bytes after the element")
    return node


def read_padded(data: bytes) -> Node:
    """Read the element that some bytes begin with, where nothing but zeros follows it.

    Raises:
        ValueError: They begin with none, or something follows.
    """
    node, rest = _next(data)
    if rest.strip(b"\0"):
        raise ValueError("bytes after the element")
    return node


def read_all(data: bytes) -> list[Node]:
    """Read elements to the end of some bytes.

    Raises:
        ValueError: They are broken.
    """
    nodes = []
    while data:
        node, data = _next(data)
        nodes.append(node)
    return nodes


def _next(data: bytes) -> tuple[Node, bytes]:
    if len(data) < 2 or data[0] & _HIGH_TAG == _HIGH_TAG:  # tag and length
        raise ValueError("no element that is understood")
    length, start = data[1], 2
    if length & _LONG:
        count = length & ~_LONG
        if not 0 < count <= _MAX_LENGTH_BYTES:
            raise ValueError("a length that DER does not have")
        length, start = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    end = start + length
    if end > len(data):
        raise ValueError("the element is cut off")
    return Node(tag=data[0], content=data[start:end], raw=data[:end]), data[end:]


def _dotted(content: bytes) -> str:
    values, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            values.append(value)
            value = 0
    if not values:
        raise ValueError("an empty identifier")
    first = min(values[0] // 40, 2)
    return ".".join(map(str, (first, values[0] - 40 * first, *values[1:])))
