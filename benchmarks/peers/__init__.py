"""Other systems that do the durable transfer between two accounts: each a program of its own, run by an interpreter that has their packages."""
