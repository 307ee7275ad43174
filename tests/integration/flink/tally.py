"""A module of one entity class whose text is written anew during a test, and its job.

Run with `python -m tests.integration.flink.tally BROKERS JOBMANAGER APPLICATION FILE RESTARTS`, it submits the job.
"""

from __future__ import annotations

import importlib
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.cli.modules import load_classes
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__ = ["Tally"]

CLASS = """\
@stateflow.entity
class Tally:
    def __init__(self, name: str) -> None:
        self.name = name
        self.value = 0

    def __key__(self) -> str:
        return self.name

    def add(self) -> int:
        {body}
"""
ADD = "self.value += {step}; return self.value"
DEADLINE_S = 90


class Tally:
    """The module on the disk, and a client of its only entity.

    Args:
        folder: where the module is written.
        name: of the module, one for each test, as workers keep modules.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / f"{name}.py"
        self.write()

    def write(self, *, step: int = 1, worker: str | None = None, first_of_worker: str = "") -> None:
        """Write the module.

        Args:
            step: what `add` adds.
            worker: the body of `add` in workers, where it is to be another one.
            first_of_worker: a line that only workers run, before all else.
        """
        text = CLASS.format(body=ADD.format(step=step))
        other = text if worker is None else CLASS.format(body=worker)
        condition = f"if IS_WORKER:\n{textwrap.indent(other, '    ')}\nelse:\n{textwrap.indent(text, '    ')}"
        start = 'import os\nimport stateflow\nIS_WORKER = "FLINK_CONF_DIR" in os.environ\n'
        begin = f"if IS_WORKER:\n    {first_of_worker}\n" if first_of_worker else ""
        self.file.write_text(start + begin + (text if worker is None else condition))

    def client(self, options: KafkaOptions, monkeypatch: pytest.MonkeyPatch) -> TallyClient:
        """Return a client with the classes as they are now."""
        monkeypatch.syspath_prepend(str(self.file.parent))
        monkeypatch.delitem(sys.modules, self.file.stem, raising=False)
        cls = importlib.import_module(self.file.stem).Tally
        return TallyClient(stateflow.init(cls), options=options, bind=False)


class TallyClient(StateflowKafkaClient):
    """A client of one entity."""

    def add(self) -> int:
        """Call it, making it first if needed."""
        (cls,) = self.flow.classes
        known: Any = cls
        # It is there from the second time on.
        self.create(known, "a").exception(DEADLINE_S)
        return int(self.call(known.add, self.ref(known, "a")).get(DEADLINE_S))


def main() -> None:
    """Submit the job."""
    brokers, jobmanager, application, file, restarts = sys.argv[1:]
    options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application=application), restarts=int(restarts))
    print(FlinkRuntime(stateflow.init(*load_classes(file)), options=options).submit(jobmanager))


if __name__ == "__main__":
    main()
