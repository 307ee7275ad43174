"""NewOrder and Payment of TPC Benchmark C, revision 5.11, with its cardinalities, skews, rollback and consistency conditions 1 to 4."""
