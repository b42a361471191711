"""The doors: read a request, call the library, render the answer."""
