"""The parts of the Kafka client: topics, sending, replies."""

from __future__ import annotations

from stateflow.errors import MissingExtra

try:
    import confluent_kafka  # noqa: F401
except ImportError as error:
    raise MissingExtra("SF541: Kafka needs confluent-kafka, which is not installed; run: pip install 'stateflow[kafka]'") from error
