"""A chat: rooms, members, and messages in pages. `make demo-chat` serves it."""
