"""What waits for further steps of its place, to share their records: only while the engine is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stateflow.limits import GATHERED_BYTES
from stateflow.protocol.bundles import decode_sendings, encode_sendings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.protocol.bundles import Sending

__all__ = ["Gathered", "Lag"]

BEHIND_MS: Final = 8.0
"""From which age of a record on the engine counts as behind. One that keeps up has a record within 2 to 5 ms."""

MOST_WAIT_MS: Final = 20
"""How long what a step sends waits at most, at each hop."""

_DRIFT: Final = 0.0001


class Lag:
    """How old records are when they are handled, compared with the least that it was, as the broker's clock may differ from ours.

    The least grows by a ten-thousandth of the time that passes, since clocks are set now and then.
    """

    __slots__ = ("_at_ms", "_least_ms")

    def __init__(self) -> None:
        self._at_ms = 0.0
        self._least_ms: float | None = None

    def wait_ms(self, written_ms: int, now_ms: float) -> int:
        """Return how long what a step sends should wait for more: half of how much the engine is behind; 0 when it keeps up.

        Args:
            written_ms: when the broker wrote the record of the step, by its own clock.
            now_ms: the time of this machine.
        """
        age_ms = now_ms - written_ms
        least_ms = age_ms if self._least_ms is None else min(age_ms, self._least_ms + _DRIFT * max(0.0, now_ms - self._at_ms))
        self._least_ms, self._at_ms = least_ms, now_ms
        behind_ms = age_ms - least_ms
        return 0 if behind_ms < BEHIND_MS else min(int(behind_ms / 2), MOST_WAIT_MS)


class Gathered:
    """What the steps of one place have sent and no record has yet.

    Args:
        data: what `encode` returned last, when a former worker kept it.
    """

    __slots__ = ("_bytes", "_sent")

    def __init__(self, data: bytes | None = None) -> None:
        self._sent: list[Sending] = [] if data is None else decode_sendings(data)
        self._bytes = sum(len(envelope) for _, envelope in self._sent)

    def __bool__(self) -> bool:
        return bool(self._sent)

    @property
    def is_full(self) -> bool:
        """Whether it should go now: it is kept anew with each step."""
        return self._bytes > GATHERED_BYTES

    def add(self, sent: Iterable[Sending]) -> None:
        """Take what a step sends, after what is here."""
        for target, data in sent:
            self._sent.append((target, data))
            self._bytes += len(data)

    def take(self) -> list[Sending]:
        """Return all, in its order, and be empty."""
        sent, self._sent, self._bytes = self._sent, [], 0
        return sent

    def encode(self) -> bytes:
        """Return all as bytes, to be kept until it is taken."""
        return encode_sendings(self._sent)
