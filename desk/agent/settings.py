"""What an agent knows: its station, its key, where both lie. One folder on the officer's computer.

hoso-agent.toml   station, name, key
agent.pem         this computer's own key on the wire, with its certificate
station.pem       the station's certificate, the only one that is believed
so-ky.jsonl       the journal (`desk.agent.journal`)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

from config.tables import Place, parse_table, parse_toml, read_own
from desk.errors import AgentNotPaired

FILE, IDENTITY, STATION = "hoso-agent.toml", "agent.pem", "station.pem"
DEFAULT_PORT = 8443


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """`hoso-agent.toml`."""

    station: str
    """Address of the station: `máy` or `máy:cổng`."""
    name: str
    """What the station calls this agent."""
    key: str
    """The officer's key: `pkcs11:token=…?module-path=…`, or a PKCS#12 file."""
    padding: str = "pkcs1"
    """How an RSA key signs: `pkcs1` or `pss`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFolder:
    """An agent's folder."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings."""
        return self.root / FILE

    @property
    def identity(self) -> Path:
        """The agent's own key and certificate."""
        return self.root / IDENTITY

    @property
    def station(self) -> Path:
        """The station's certificate."""
        return self.root / STATION


def default_folder() -> Path:
    """Return the folder of this account's agent."""
    return Path.home() / "hoso-agent"


def load_agent(folder: AgentFolder) -> AgentSettings:
    """Read the settings of a paired agent.

    Raises:
        AgentNotPaired: this computer was never paired.
        SettingsError: the file cannot be used.
    """
    text = read_own(folder.settings)
    if text is None:
        raise AgentNotPaired(
            f"Máy này chưa ghép với trạm nào (không có {folder.settings}). Hãy xin mã ghép của "
            "người quản trị trạm rồi chạy: hoso agent join.",
            f"this computer is not paired (no {folder.settings}); ask for a code and run "
            "`hoso agent join`",
        )
    source = str(folder.settings)
    return parse_table(AgentSettings, parse_toml(text, source), Place(file=source, text=text))


def save_agent(folder: AgentFolder, settings: AgentSettings) -> None:
    """Write the settings; the last step of a pairing."""
    lines = (
        # JSON's strings are TOML's too.
        f"{item.name} = {json.dumps(getattr(settings, item.name), ensure_ascii=False)}\n"
        for item in fields(settings)
    )
    half = folder.settings.with_suffix(".part")
    half.write_text("".join(lines), encoding="utf-8")
    half.replace(folder.settings)


def host_and_port(address: str) -> tuple[str, int]:
    """Split an address.

    Raises:
        ValueError: its port is no number.
    """
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        return address.strip("[]"), DEFAULT_PORT
    return host.strip("[]"), int(port)
