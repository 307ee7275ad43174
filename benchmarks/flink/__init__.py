"""StateFlow on Flink against a job written by hand with the same topics: `make bench-flink`."""
