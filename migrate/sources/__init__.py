"""Readers of old libraries, one for each kind. They yield what they find; what becomes of it the engine decides."""
