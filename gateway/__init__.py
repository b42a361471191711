"""Picgate: the way out of a Chevereto-style image host that breaks nothing."""

__version__ = "0.1.0"
