"""The lock beside a database file: one runtime at a time, and the number of the last commit that was acknowledged.

The operating system holds the lock for the process and drops it when the process ends, however it ends. Locks of POSIX do not tell two
runtimes of one process apart, so a table in the process does.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import zlib
from pathlib import Path
from typing import NamedTuple

from stateflow.errors import ConfigurationError, DatabaseError, DatabaseInUse

try:
    import fcntl
except ImportError as error:
    raise ConfigurationError(
        "SF540: the lock of a file needs Unix, which this system is not; leave the path out to keep entities in memory"
    ) from error

__all__ = ["FileLock", "Owner", "lock_path", "noted_commit"]

_OWNER_AT = 64
_NOTE_BYTES = 12
_held: dict[tuple[int, int], Owner] = {}
_guard = threading.Lock()


class Owner(NamedTuple):
    """Who holds a lock: process id, host, and the time of opening, in UTC."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


def lock_path(database: Path) -> Path:
    """Return where the lock of a database file is."""
    return database.with_name(database.name + "-lock")


def noted_commit(database: Path) -> int | None:
    """Return the number of the last commit that whoever has the database open, or had it last, has noted; None when that is not known.

    Where it is open in this very process nothing is read: closing the lock's file here would let go of the lock.
    """
    path = lock_path(database)
    try:
        with _guard:
            found = path.stat()
            if (found.st_dev, found.st_ino) in _held:
                return None
            return _read_note(path.read_bytes()[:_NOTE_BYTES])
    except OSError:
        return None


def _read_note(raw: bytes) -> int | None:
    if len(raw) != _NOTE_BYTES or zlib.crc32(raw[:8]) != int.from_bytes(raw[8:]):
        return None
    return int.from_bytes(raw[:8])


class FileLock:
    """Holds the lock of one database file.

    Args:
        database: the database file; the lock is a file beside it, with `-lock` at the end of its name.

    Raises:
        DatabaseInUse: another runtime holds it; the error names that one.
        DatabaseError: the file cannot be made or locked.
    """

    def __init__(self, database: Path) -> None:
        self.path = lock_path(database)
        self.existed = self.path.exists()
        self._file = -1
        with _guard:
            self._check_own_process(database)
            self._open(database)
            _held[self._identity] = self._owner

    def _check_own_process(self, database: Path) -> None:
        # Not by opening the file: closing it again would drop the lock of this process.
        if not self.existed:
            return
        found = self.path.stat()
        owner = _held.get((found.st_dev, found.st_ino))
        if owner is not None and owner.pid == os.getpid():
            raise _in_use(database, str(owner))

    def _open(self, database: Path) -> None:
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DatabaseError(
                f"SF550: the lock file {self.path} cannot be opened ({error.strerror}); the folder of the database must be writable"
            ) from error
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = self._read_owner()
            os.close(self._file)
            raise _in_use(database, owner) from error
        found = os.fstat(self._file)
        self._identity = (found.st_dev, found.st_ino)
        self._owner = Owner(os.getpid(), socket.gethostname(), time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))

    def _read_owner(self) -> str:
        text = os.pread(self._file, 1024, _OWNER_AT)
        return text.decode("utf-8", "replace").strip("\0\n ") or "another process"

    def claim(self) -> None:
        """Write down who holds the lock."""
        os.pwrite(self._file, str(self._owner).encode().ljust(512, b" "), _OWNER_AT)

    def acknowledged(self) -> int | None:
        """Return the number of the last commit that was noted; None when none was, or what was noted cannot be read."""
        return _read_note(os.pread(self._file, _NOTE_BYTES, 0))

    def note(self, number: int) -> None:
        """Note that a commit is durable. A process that dies leaves the note; after a power failure an older one may be found."""
        raw = number.to_bytes(8)
        os.pwrite(self._file, raw + zlib.crc32(raw).to_bytes(4), 0)

    def forget(self) -> None:
        """Note nothing: the database file alone is complete, and another one may be put in its place."""
        os.pwrite(self._file, bytes(_NOTE_BYTES), 0)

    def release(self) -> None:
        """Let the next runtime have the file. May be called again."""
        if self._file < 0:
            return
        with _guard:
            _held.pop(self._identity, None)
            os.close(self._file)
            self._file = -1


def _in_use(database: Path, owner: str) -> DatabaseInUse:
    return DatabaseInUse(f"SF551: {database} is open already, by {owner}; close it there, or open another file")
