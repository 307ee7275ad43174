"""The files of a database as a crash leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ["NAME", "Image", "put", "take", "torn", "without_index"]

Image = dict[str, bytes]
"""Name and content of each file."""

NAME = "stateflow.db"
_SUFFIXES = ("", "-wal", "-shm", "-lock")
# Disks write whole sectors, in any order.
_SECTOR_BYTES = 512


def take(path: Path) -> Image:
    """Return the files as they are now. That is what a process that is killed now leaves: the system keeps what was written."""
    files = [path.with_name(path.name + suffix) for suffix in _SUFFIXES]
    return {file.name: file.read_bytes() for file in files if file.exists()}


def put(image: Image, folder: Path) -> Path:
    """Write the files to a folder, which has none of them; return the database."""
    for name, content in image.items():
        (folder / name).write_bytes(content)
    return folder / NAME


def torn(before: Image, after: Image, suffix: str, draw: random.Random) -> Image:
    """Return what a power failure may leave of one file between two moments: each sector is old or new, and the file of any length.

    Args:
        before: what was on the disk for certain.
        after: what was being written.
        suffix: names the file; of the others, nothing was being written.
        draw: chooses.
    """
    old, new = before.get(NAME + suffix, b""), after.get(NAME + suffix, b"")
    if len(new) < len(old):
        old = old[: len(new)] if draw.random() < 0.5 else old
    length = max(len(old), draw.choice((len(new), draw.randrange(len(old), max(len(new), len(old)) + 1))))
    share = draw.choice((0.1, 0.5, 0.9, 1.0))
    mixed = bytearray()
    for start in range(0, length, _SECTOR_BYTES):
        source = new if draw.random() < share else old
        part = source[start : start + _SECTOR_BYTES]
        # A sector that was never written holds zeros, or whatever was there once.
        filling = b"\0" if draw.random() < 0.5 else b"\xa5"
        mixed += part.ljust(min(_SECTOR_BYTES, length - start), filling)
    return {**before, NAME + suffix: bytes(mixed[:length])}


def without_index(image: Image, draw: random.Random) -> Image:
    """Return the image with the shared index of the log missing or garbled: no system promises to keep it."""
    rest = {name: content for name, content in image.items() if not name.endswith("-shm")}
    if draw.random() < 0.5:
        rest[f"{NAME}-shm"] = draw.randbytes(32768)
    return rest
