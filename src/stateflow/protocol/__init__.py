"""Messages and values: what is sent and stored."""
