"""The parts of a proof, each comparing one kind of thing with what the source says of it."""
