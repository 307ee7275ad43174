"""A client that tells each request before it sends it, so that another can send it again when this one is killed.

Run with `python -m tests.integration.flink.victim BROKERS APPLICATION COUNTER`.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from stateflow.options import KafkaOptions
from stateflow.protocol.messages import Operation, Request
from tests.integration.flink.engines import ROOT
from tests.integration.flink.load import DEADLINE_S, RecordingClient, outcome
from tests.integration.flink.money import Counter

if TYPE_CHECKING:
    from typing import IO

__all__ = ["kill_client_and_repeat"]

INTERVAL_S = 0.02


def kill_client_and_repeat(options: KafkaOptions, counter: str, requests: int) -> None:
    """Kill a client after so many requests, send all of them again by another, and check that each has counted once."""
    command = [sys.executable, "-m", "tests.integration.flink.victim", options.brokers, options.application, counter]
    with RecordingClient(options) as other:
        other.create(Counter, counter).get(DEADLINE_S)
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
            watch = threading.Timer(DEADLINE_S, victim.kill)
            watch.start()
            assert victim.stdout is not None
            told = list(itertools.islice(victim.stdout, requests))
            victim.kill()
            watch.cancel()
            told += _rest(victim.stdout)
        assert len(told) >= requests
        replies = [outcome(future) for future in [other.send(_read(line)) for line in told]]
        # The last ones that were told may never have been sent; the repeats count them.
        counts = [reply for reply in replies if isinstance(reply, int)]
        assert sorted(counts) == list(range(1, len(told) + 1)), replies
        assert other.get(other.ref(Counter, counter), "value").get(DEADLINE_S) == len(told)


def _rest(output: IO[str]) -> list[str]:
    # The last line may be cut.
    return [line for line in output if line.endswith("\n")]


def _read(line: str) -> Request:
    request_id, time_ns, counter = line.split()
    return Request(
        request_id=request_id, time_ns=int(time_ns), operation=Operation.CALL, class_name="Counter", key=counter, name="add"
    )


def main() -> None:
    """Send requests until somebody ends this process."""
    brokers, application, counter = sys.argv[1:]
    client = RecordingClient(KafkaOptions(brokers=brokers, application=application))
    for number in itertools.count():
        line = f"{client.name}-{number} {time.time_ns()} {counter}"
        print(line, flush=True)
        client.send(_read(line))
        time.sleep(INTERVAL_S)


if __name__ == "__main__":
    main()
