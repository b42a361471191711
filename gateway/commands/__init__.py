"""The sub-commands of `gateway`, one noun a file: parsing and printing only."""
