"""The sub-commands of `migrate`: parsing, wiring and printing only."""
