"""The catalog in SQL, one file for each kind of record; what the database itself has to bring is in `base`."""
