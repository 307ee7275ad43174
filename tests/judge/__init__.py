"""Runs one program by CPython (the judge) and by the compiled form, and makes their outcomes comparable."""
