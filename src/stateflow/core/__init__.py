"""The executable semantics: transactions over entities, without clock, sockets, threads or engine."""
