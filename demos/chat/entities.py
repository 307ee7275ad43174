"""Members, rooms, and the pages that hold the messages of a room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import stateflow

__all__ = ["Member", "Message", "NotInRoom", "Page", "Room", "Unfit"]

PAGE_MESSAGES = 50
"""Messages in one page. A page is written anew with each message, so it must stay small; a room only counts."""

READ_MESSAGES = 200


class NotInRoom(Exception):
    """A message of someone who has not joined the room."""


class Unfit(Exception):
    """A name or a text that is empty or too long."""


@dataclass(frozen=True)
class Message:
    """What a member said; numbers count from 0 in each room."""

    number: int
    author: str
    text: str
    sent: datetime


@stateflow.entity
class Member:
    """Someone who talks."""

    def __init__(self, name: str):
        self.name: str = checked(name, 40)
        self.rooms: list[Room] = []

    def __key__(self) -> str:
        return self.name

    def note_room(self, room: Room, is_in: bool) -> None:
        """Remember which rooms the member is in."""
        if is_in and room not in self.rooms:
            self.rooms.append(room)
        elif not is_in and room in self.rooms:
            self.rooms.remove(room)


@stateflow.entity
class Page:
    """Some messages of a room, in order."""

    def __init__(self, room: str, number: int):
        self.room: str = room
        self.number: int = number
        self.messages: list[Message] = []

    def __key__(self) -> tuple[str, int]:
        return (self.room, self.number)

    def add(self, message: Message) -> None:
        """Add the next message."""
        self.messages.append(message)

    def part(self, begin: int, end: int) -> list[Message]:
        """Return the messages with numbers from `begin` to before `end`."""
        return [message for message in self.messages if begin <= message.number < end]


@stateflow.entity
class Room:
    """Where members talk."""

    def __init__(self, name: str, topic: str = ""):
        self.name: str = checked(name, 40)
        self.topic: str = topic[:200]
        self.members: list[Member] = []
        self.count: int = 0
        self.pages: list[Page] = []

    def __key__(self) -> str:
        return self.name

    def join(self, member: Member) -> int:
        """Let a member in; return how many are in. It is noted at both, or at none."""
        if member not in self.members:
            self.members.append(member)
            member.note_room(self, True)
        return len(self.members)

    def leave(self, member: Member) -> int:
        """Let a member go; return how many are left."""
        if member in self.members:
            self.members.remove(member)
            member.note_room(self, False)
        return len(self.members)

    def post(self, member: Member, text: str) -> Message:
        """Say something. A full page is followed by a new one, which is created here."""
        if member not in self.members:
            raise NotInRoom(member.name, self.name)
        message = Message(self.count, member.name, checked(text, 2000), datetime.now(UTC))
        if self.count % PAGE_MESSAGES == 0:
            self.pages.append(Page(self.name, len(self.pages)))
        self.pages[-1].add(message)
        self.count += 1
        return message

    def read(self, begin: int, limit: int = PAGE_MESSAGES) -> list[Message]:
        """Return messages from number `begin` on, in order, at most 200; a negative number counts from the end."""
        first = max(0, begin + self.count if begin < 0 else begin)
        end = min(self.count, first + max(0, min(limit, READ_MESSAGES)))
        found: list[Message] = []
        for page in self.pages[first // PAGE_MESSAGES : -(-end // PAGE_MESSAGES)]:
            found += page.part(first, end)
        return found


def checked(text: str, longest: int) -> str:
    """Return a text without space around it.

    Raises:
        Unfit: it is empty, or longer than `longest` characters.
    """
    cut = text.strip()
    if not cut or len(cut) > longest:
        raise Unfit(f"needs 1 to {longest} characters, has {len(cut)}")
    return cut
