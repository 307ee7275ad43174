"""Real single-node Kafka and Flink for development and tests, fetched by Maven. `stateflow dev` is its command line."""
