"""The parts of the Kafka client: topics, sending, replies."""
