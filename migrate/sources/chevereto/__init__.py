"""A Chevereto site, V3 (Free 1.x) to V4.3 and later: its database, and its folder of files."""
