"""Runs the embedded engine for minutes and checks that nothing grows."""
