"""Moving a library: in from an old host, out again, and the proof that nothing is missing."""
