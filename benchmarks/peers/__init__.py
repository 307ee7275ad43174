"""Other systems that do the durable transfer between two accounts: programs for an interpreter that has their packages."""
