"""Which gateway it was, and which request: `X-Request-Id` begins with the name of the node that gave it."""

from __future__ import annotations

import re
import secrets

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
MADE_UP = secrets.token_hex(3)


def node_name(named: str) -> str:
    """The one from the settings, or one this process has until it ends."""
    return named or MADE_UP


def choose_id(sent: str, node: str) -> str:
    """The one the caller sent, if it is a sane one, or a new one."""
    return sent if sent and SANE_ID.fullmatch(sent) else f"{node}-{secrets.token_hex(8)}"
