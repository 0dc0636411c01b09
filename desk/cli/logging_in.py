"""`hoso login`, `hoso agent login`: sign the challenge of a login; no paper is signed by these.

Nothing here needs a station's folder, and nothing what Windows lacks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desk.agent.logging_in import LOGIN_QUESTION, log_in_at_station, log_in_by_hand
from desk.agent.run import open_apart
from desk.agent.settings import AgentFolder, default_folder
from desk.cli.agent import add_folder
from desk.cli.command import Command, wants_json
from desk.cli.output import print_json, print_lines, tell
from desk.exit_codes import DONE
from desk.moments import now
from signing.key_names import KeySecrets, SignerKey, name_key
from signing.providers import Padding
from signing.secrets import SecretFile, SecretPrompt, require_private


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the key."""
    add = parser.add_argument
    add("--key", required=True, metavar="KHÓA", help="tệp PKCS#12, hoặc pkcs11:…")
    add("--passphrase", metavar="TỆP", help="tệp mật khẩu hoặc PIN; không có thì hỏi")
    add("--address", default="", metavar="ĐỊA-CHỈ", help="chỉ đăng nhập vào trang này")
    add("--padding", choices=[item.value for item in Padding], default=Padding.PKCS1.value)


def run(arguments: argparse.Namespace) -> int:
    """Sign the challenge that a page shows; print the answer to be pasted there."""
    tell("Dán dòng hoso-login-2… trên trang đăng nhập, rồi Enter:")
    text = sys.stdin.readline()
    key = open_apart(_key_of(arguments))
    answer = log_in_by_hand(text, now(), tell, key, arguments.address).to_text()
    if wants_json(arguments):
        print_json({"answer": answer})
        return DONE
    tell("Chép cả dòng sau, dán vào trang đăng nhập:")
    print_lines([answer])
    return DONE


def _key_of(arguments: argparse.Namespace) -> SignerKey:
    pin: SecretFile | SecretPrompt = SecretPrompt(question=LOGIN_QUESTION)
    if arguments.passphrase:
        path = Path(arguments.passphrase)
        require_private(path)
        pin = SecretFile(path=path)
    secrets = KeySecrets(pin=pin, padding=Padding(arguments.padding))
    return name_key(arguments.key, Path.cwd(), secrets)


def run_agent(arguments: argparse.Namespace) -> int:
    """Sign the login whose code a page shows, at the station this computer is paired with."""
    tell("Gõ mã đang hiện trên trang đăng nhập:")
    code = sys.stdin.readline().strip()
    folder = AgentFolder(root=(arguments.folder or default_folder()).resolve())
    challenge = log_in_at_station(folder, code, tell)
    if wants_json(arguments):
        print_json({"station": challenge.station, "address": challenge.address})
    else:
        print_lines(["Đã ký. Quay lại trang đăng nhập và bấm «Tôi đã ký ở máy đó»."])
    return DONE


LOGIN = Command(
    name="login",
    help="ký thử thách để đăng nhập trang web bằng token hoặc tệp khóa",
    add_arguments=add_arguments,
    run=run,
)
AGENT_LOGIN = Command(
    name="agent login",
    help="ký thử thách đăng nhập bằng token ở máy này",
    add_arguments=add_folder,
    run=run_agent,
)
