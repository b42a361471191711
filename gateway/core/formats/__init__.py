"""What bytes are, whether they may be kept, and the facts and renditions taken from them. Decoders live here alone."""
