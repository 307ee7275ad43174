"""A real server in this process, on a free port."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn

from stateflow.development.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["at_once", "served"]

DEADLINE_S = 60


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an app; give its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert wait_until(lambda: server.started, DEADLINE_S)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)
        listening.close()
        app.state.stateflow_client.close()
    assert not thread.is_alive()


def at_once(*bodies: Any) -> None:
    """Run some functions in threads of their own that begin together; raise what one of them raises."""
    barrier, errors = threading.Barrier(len(bodies)), []

    def run(body: Any) -> None:
        barrier.wait(DEADLINE_S)
        try:
            body()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads)
