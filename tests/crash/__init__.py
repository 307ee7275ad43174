"""Kills the embedded engine at chosen and at random moments, opens its file again, and sends the same requests again."""
