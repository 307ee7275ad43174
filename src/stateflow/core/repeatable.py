"""Clock, random numbers and unique ids that follow from the request: a replay sees the same."""

from __future__ import annotations

import datetime
import random
import time
import uuid
from typing import Any

__all__ = ["Repeatable"]


class Repeatable:
    """What compiled methods get for `time.time()`, `random.random()`, `uuid.uuid4()` and the like.

    The clock stands still during a request. `random_*` draw from a generator that the request id seeds (Mersenne Twister, as in Python);
    `secrets_*` too, so secrets made in a method are only as secret as the request id.
    """

    __slots__ = ("_random", "request_id", "time_ns")

    def __init__(self, request_id: str, time_ns: int) -> None:
        self.request_id = request_id
        self.time_ns = time_ns
        self._random: random.Random | None = None

    @property
    def generator(self) -> random.Random:
        """The random generator of the request."""
        if self._random is None:
            self._random = random.Random(self.request_id)
        return self._random

    def random_state(self) -> Any:
        """Return the state of the random generator; None when nothing was drawn from it."""
        return None if self._random is None else self._random.getstate()

    def set_random_state(self, state: Any) -> None:
        """Go on drawing from where another generator stood."""
        self.generator.setstate(state)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("random_"):
            return getattr(self.generator, name.removeprefix("random_"))
        raise AttributeError(name)

    def time_time(self) -> float:
        return self.time_ns / 1e9

    def time_time_ns(self) -> int:
        return self.time_ns

    time_monotonic = time_perf_counter = time_time
    time_monotonic_ns = time_perf_counter_ns = time_time_ns

    def time_localtime(self, seconds: float | None = None) -> time.struct_time:
        return time.localtime(self.time_time() if seconds is None else seconds)

    def time_gmtime(self, seconds: float | None = None) -> time.struct_time:
        return time.gmtime(self.time_time() if seconds is None else seconds)

    def time_ctime(self, seconds: float | None = None) -> str:
        return time.ctime(self.time_time() if seconds is None else seconds)

    def time_strftime(self, format: str, when: Any = None) -> str:
        return time.strftime(format, self.time_localtime() if when is None else when)

    def datetime_now(self, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.time_time(), tz)

    def datetime_today(self) -> datetime.datetime:
        return self.datetime_now()

    def datetime_utcnow(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.time_time(), datetime.UTC).replace(tzinfo=None)

    def date_today(self) -> datetime.date:
        return self.datetime_now().date()

    def uuid_uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self.generator.getrandbits(128), version=4)

    def uuid_uuid1(self, node: int | None = None, clock_seq: int | None = None) -> uuid.UUID:
        ticks = self.time_ns // 100 + 0x01B21DD213814000
        sequence = self.generator.getrandbits(14) if clock_seq is None else clock_seq
        own = self.generator.getrandbits(48) | 0x010000000000 if node is None else node
        fields = (ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF, sequence >> 8 & 0x3F, sequence & 0xFF, own)
        return uuid.UUID(fields=fields, version=1)

    def secrets_token_bytes(self, nbytes: int | None = None) -> bytes:
        return self.generator.randbytes(32 if nbytes is None else nbytes)

    def secrets_token_hex(self, nbytes: int | None = None) -> str:
        return self.secrets_token_bytes(nbytes).hex()

    def secrets_token_urlsafe(self, nbytes: int | None = None) -> str:
        import base64

        return base64.urlsafe_b64encode(self.secrets_token_bytes(nbytes)).rstrip(b"=").decode()

    def secrets_choice(self, sequence: Any) -> Any:
        return self.generator.choice(sequence)

    def secrets_randbelow(self, exclusive_upper_bound: int) -> int:
        return self.generator.randrange(exclusive_upper_bound)

    def secrets_randbits(self, k: int) -> int:
        return self.generator.getrandbits(k)
