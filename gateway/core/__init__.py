"""The rules. Imports the standard library, dateutil and itself; decoders only inside `formats/`."""
