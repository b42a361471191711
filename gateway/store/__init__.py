"""The ports of `core/ports.py` made real: SQLite, disk, and guarded outgoing HTTP."""
