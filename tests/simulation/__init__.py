"""Runs of many places with everything that can go wrong."""
