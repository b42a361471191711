"""What schemathesis does not know by itself: pieces of an upload are bytes like any other."""

from __future__ import annotations

import schemathesis

from gateway.web.picora.tus import PIECE_TYPE

schemathesis.serializer.alias(PIECE_TYPE, "application/octet-stream")
