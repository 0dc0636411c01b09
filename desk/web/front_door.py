"""What must hold before a server in front is believed when it says which certificate it saw."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from config.settings import WebSettings
from desk.errors import PathUnusable


def require_sound_front(web: WebSettings) -> None:
    """Refuse settings under which somebody else than nginx could name a certificate.

    Raises:
        PathUnusable: certificates are asked for, and the socket is missing or open to others, or
            the address is of another host than the pages'.
    """
    if not web.certificate_address:
        return
    if not web.socket:
        raise PathUnusable(
            "Đăng nhập bằng chứng thư cần [web] socket trong hoso.toml: qua cổng thì ai cũng giả "
            "được chứng thư.",
            "logging in by certificate needs [web] socket: over a port anybody could claim one",
        )
    asked, pages = urlsplit(web.certificate_address), urlsplit(web.address)
    if asked.scheme != "https" or asked.hostname != pages.hostname or pages.scheme != "https":
        raise PathUnusable(
            "[web] certificate_address phải là https://, cùng tên máy với address, chỉ khác cổng.",
            "[web] certificate_address must be https:// and of the same host as address",
        )
    _require_closed(Path(web.socket).parent)


def _require_closed(folder: Path) -> None:
    """Refuse a folder that others than this account and nginx may enter.

    The group of this account may have members who are officers: it is not nginx'.
    """
    try:
        found = folder.stat()
    except OSError as error:
        raise PathUnusable(
            f"Không có thư mục {folder} cho socket của trang web. Hãy tạo (docs/web.md).",
            f"there is no folder {folder} for the socket; make it, see docs/web.md",
        ) from error
    is_own_group = found.st_gid == os.getegid()
    if found.st_mode & stat.S_IXOTH or (found.st_mode & stat.S_IXGRP and is_own_group):
        raise PathUnusable(
            f"Thư mục {folder} của socket đang mở cho người khác ngoài nginx, nên ai vào được sẽ "
            "giả được chứng thư. Hãy đặt nhóm của nginx và quyền 2750 cho nó (docs/web.md).",
            f"others than nginx may enter {folder}, and could claim any certificate at the socket; "
            "give it nginx' group and mode 2750, see docs/web.md",
        )
