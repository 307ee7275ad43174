"""Generated programs, compared with CPython."""
