"""Generated code is made once, also when threads meet."""

from __future__ import annotations

import threading

from stateflow.core.frame import Code


def test_code_is_generated_once_when_two_threads_need_it_at_the_same_time() -> None:
    code = Code("sorted", "sorted")
    calls: list[None] = []
    first, second = threading.Event(), threading.Event()

    def generate() -> None:
        calls.append(None)
        (second if first.is_set() else first).set()
        # A second call would come at once.
        second.wait(0.3)

    code.generate_by(generate)
    threads = [threading.Thread(target=code.prepare) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(calls) == 1
