"""Apache Flink: the dataflow as a PyFlink job over a log in Kafka."""
