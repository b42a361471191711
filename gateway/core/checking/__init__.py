"""Looks whether records, files and sums say the same, and mends what can be mended without losing anything.

`findings` declares everything that can be found; each other module looks for one sort of it, and yields as it finds.
"""
