"""What a MySQL server and its dumps have in common: the language, the types, and how an installation is found."""
