"""How often a fault is repeated: PICGATE_KILL_ROUNDS=200 is the long run, which takes every step of what the short one
takes some of."""

from __future__ import annotations

import os

ROUNDS = int(os.environ.get("PICGATE_KILL_ROUNDS", "20"))
IS_LONG = ROUNDS >= 100
