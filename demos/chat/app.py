"""The chat behind HTTP: an endpoint for each method, some of its own, a stream of new messages, and a page. `make demo-chat` serves it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Header, Path, Query, Request
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, Field, TypeAdapter

import stateflow
from chat.entities import PAGE_MESSAGES, Member, Message, NotInRoom, Page, Room, Unfit
from stateflow.client import StateflowClient
from stateflow.client.fastapi import HttpSettings, LocalFastAPIClient, stateflow_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["make_app"]

PAGE = FilePath(__file__).with_name("index.html")
LOOK_S = 2.0
"""How long a stream waits before it looks by itself: messages may also come by the endpoint of `Room.post`, or from another process."""

NAME = r"^\w([\w .-]*\w)?$"
PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
NO_ROOM: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such room or member", **PROBLEM}}
REFUSED = {**NO_ROOM, 400: {"description": "The text is empty or too long", **PROBLEM}, 403: {"description": "Not in the room", **PROBLEM}}
MESSAGES = TypeAdapter(list[Message])

Client = Annotated[StateflowClient, Depends(stateflow_client)]
RoomName = Annotated[str, Path(min_length=1, max_length=40, pattern=NAME)]


class Entry(BaseModel):
    """Who wants to go where."""

    member: str = Field(min_length=1, max_length=40, pattern=NAME)
    room: str = Field(min_length=1, max_length=40, pattern=NAME)


class NewMessage(BaseModel):
    """What someone says."""

    member: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=2000, pattern=r"\S")


class RoomView(BaseModel):
    """A room, as the page shows one."""

    name: str
    topic: str
    members: list[str]
    count: int


class Bell:
    """Wakes the streams of a room when this process takes a message for it."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def listen(self, room: str) -> asyncio.Event:
        """Return what the next message of a room sets; taken before the room is read, so that none is missed."""
        event = asyncio.Event()
        self._waiting[room].add(event)
        return event

    def ring(self, room: str) -> None:
        """Wake those who listen to a room."""
        for event in self._waiting.pop(room, ()):
            event.set()

    def forget(self, room: str, event: asyncio.Event) -> None:
        """Let a listener go."""
        self._waiting[room].discard(event)
        if not self._waiting[room]:
            del self._waiting[room]


def make_app(path: str | None = None) -> FastAPI:
    """Return the app.

    Args:
        path: the file that keeps everything; else the one that CHAT_DB names, else memory.
    """
    flow = stateflow.init(Member, Page, Room)
    settings = HttpSettings(statuses={NotInRoom: 403, Unfit: 400})
    app = LocalFastAPIClient(flow, path or os.environ.get("CHAT_DB") or None, settings=settings).get_app(title="Chat")
    app.state.bell = Bell()
    app.add_api_route("/", page, methods=["GET"], include_in_schema=False)
    # A stream has no end, and OpenAPI no word for that.
    app.add_api_route("/chat/{room}/stream", stream, methods=["GET"], include_in_schema=False)
    app.add_api_route("/chat", rooms, methods=["GET"], tags=["chat"])
    app.add_api_route("/chat", enter, methods=["POST"], tags=["chat"])
    app.add_api_route("/chat/{room}", read, methods=["GET"], tags=["chat"], responses=NO_ROOM)
    app.add_api_route("/chat/{room}", post, methods=["POST"], tags=["chat"], responses=REFUSED)
    return app


def page() -> FileResponse:
    """Return the page."""
    return FileResponse(PAGE)


async def rooms(client: Client) -> list[RoomView]:
    """List the rooms as they are at one moment."""
    states = await client.snapshot(await client.list(Room, limit=100))
    return [_view(client, state) for state in states.values()]


async def enter(entry: Entry, client: Client) -> RoomView:
    """Go into a room; the member and the room come into being when they are new."""
    for cls, name in ((Member, entry.member), (Room, entry.room)):
        with contextlib.suppress(stateflow.EntityAlreadyExists):
            await client.create(cls, name)
    room = client.ref(Room, entry.room)
    await client.call(Room.join, room, client.ref(Member, entry.member))
    return _view(client, await client.state(room))


async def read(
    room: RoomName,
    client: Client,
    before: Annotated[int | None, Query(ge=0, le=10**9, description="Only messages before this number.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE_MESSAGES,
) -> list[Message]:
    """Return a page of messages: the last ones, or the last ones before a number."""
    ref = client.ref(Room, room)
    if before is None:
        return await client.call(Room.read, ref, -limit, limit)
    first = max(0, before - limit)
    return await client.call(Room.read, ref, first, before - first)


async def post(room: RoomName, message: NewMessage, request: Request, client: Client) -> Message:
    """Say something, and wake those who listen."""
    said = await client.call(Room.post, client.ref(Room, room), client.ref(Member, message.member), message.text)
    request.app.state.bell.ring(room)
    return said


async def stream(
    room: RoomName,
    request: Request,
    client: Client,
    after: Annotated[int, Query(ge=-1, le=10**9)] = -1,
    last_event_id: Annotated[int | None, Header(ge=-1, le=10**9)] = None,
) -> StreamingResponse:
    """Send messages as server-sent events, from the one after `after` on; a browser that reconnects says which it has."""
    begin = (after if last_event_id is None else last_event_id) + 1
    await client.get(client.ref(Room, room), "count")
    return StreamingResponse(_events(room, begin, request, client), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(room: str, begin: int, request: Request, client: StateflowClient) -> AsyncIterator[bytes]:
    bell: Bell = request.app.state.bell
    # Something at once, so that the browser knows that it is connected.
    yield b": here\n\n"
    while not await request.is_disconnected():
        event = bell.listen(room)
        try:
            messages = await client.call(Room.read, client.ref(Room, room), begin)
            for message in messages:
                yield b"id: %d\ndata: %s\n\n" % (message.number, MESSAGES.dump_json([message])[1:-1])
            begin += len(messages)
            if not messages:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), LOOK_S)
        finally:
            bell.forget(room, event)


def _view(client: StateflowClient, state: dict[str, Any]) -> RoomView:
    return RoomView(name=state["name"], topic=state["topic"], members=[client.key(m) for m in state["members"]], count=state["count"])
