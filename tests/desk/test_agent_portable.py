"""What `hoso agent` loads has nothing that Windows lacks, outside of branches that ask first.

Nobody can run it there in these tests; so every module that it loads is read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "desk", "digitize", "signing", "storage")
# The command line, its commands for this computer, and the process that holds the key.
STARTS = (
    "desk.cli.main",
    "desk.cli.agent",
    "desk.cli.logging_in",
    "signing.keyholder",
    "signing.pkcs11_key",
)

POSIX_MODULES = {
    "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty",
}  # fmt: skip
POSIX_NAMES = {
    "os": {
        "O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "chown", "chroot", "fchmod", "fchown",
        "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp",
        "getuid", "initgroups", "killpg", "lchown", "mkfifo", "mknod", "nice", "openpty", "pipe2",
        "posix_spawn", "setegid", "seteuid", "setgid", "setpgid", "setsid", "setuid", "statvfs",
        "sync", "tcgetpgrp", "ttyname", "uname", "wait3", "wait4",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm",
        "pause", "pthread_kill", "pthread_sigmask", "setitimer", "sigwait",
    },
    "socket": {"AF_UNIX"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
    "time": {"clock_gettime", "tzset"},
}  # fmt: skip


@cache
def tree_of(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return name.partition(".")[0] in PACKAGES and (
        path.is_dir() or path.with_suffix(".py").exists()
    )


@cache
def loaded() -> list[str]:
    """Return every module of ours that is loaded, imports inside functions included."""
    found: set[str] = set()
    waiting = list(STARTS)
    while waiting:
        name = waiting.pop()
        if name not in found and is_module(name):
            found.add(name)
            waiting += imported(tree_of(name))
    return sorted(found)


def used(tree: ast.AST) -> Iterator[str]:
    """Yield what is used of POSIX alone, what stands after or under a question left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If) and _asks(node):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in POSIX_MODULES)
        if isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
            yield str(node.module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = node.value.id
            yield from (f"{module}.{node.attr}",) if _is_posix(module, node.attr) else ()
        yield from used(node)


def _is_posix(module: str, name: str) -> bool:
    return name in POSIX_NAMES.get(module, ())


def _asks(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Compare) and ast.unparse(part) in _QUESTIONS for part in ast.walk(node)
    )


_QUESTIONS = ("sys.platform == 'win32'", "sys.platform != 'win32'", "sys.platform == 'linux'")


def test_what_the_agent_loads_needs_nothing_of_posix() -> None:
    found = {module: list(used(tree_of(module))) for module in loaded()}
    assert {module: names for module, names in found.items() if names} == {}


def test_what_the_agent_loads_is_found() -> None:
    names = loaded()
    assert {"desk.agent.run", "signing.token_lock", "signing.secrets", "desk.station"} <= set(names)
    # The station's side, with its databases and pages, stays at the station; what keeps a terminal
    # from acting on a name is a few lines of the standard library.
    parts = [name for name in names if name.startswith(("storage.", "digitize.", "desk.remote"))]
    assert set(parts) <= {"storage.errors", "storage.outsider.plain_text", "digitize.errors"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fcntl", ["fcntl"]),
        ("from pwd import getpwuid", ["pwd"]),
        ("import os\nprint(os.getuid())", ["os.getuid"]),
        ("def f():\n    import fcntl", ["fcntl"]),
        ("import os\ndef f():\n    return os.fork if sys.platform == 'win32' else 1", []),
        ("import sys\nif sys.platform != 'win32':\n    import fcntl", []),
    ],
)
def test_such_names_are_found_where_they_stand(source: str, found: list[str]) -> None:
    assert list(used(ast.parse(source))) == found
