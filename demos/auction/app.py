"""The auction behind HTTP: an endpoint for each method, three of its own, and a page. `make demo-auction` serves it."""

from __future__ import annotations

import contextlib
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

import stateflow
from auction.entities import Bidder, Lot, LotClosed, LotOpen, NotEnoughMoney, OwnLot, TooLow
from stateflow.client import StateflowClient
from stateflow.client.fastapi import HttpSettings, LocalFastAPIClient, stateflow_client

__all__ = ["make_app"]

PAGE = Path(__file__).with_name("index.html")
STATUSES = dict.fromkeys((TooLow, NotEnoughMoney, LotClosed, LotOpen, OwnLot), 409)
PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
NO_SELLER: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such seller", **PROBLEM}}
SHOWN = 100
MONEY = 500

Client = Annotated[StateflowClient, Depends(stateflow_client)]


class NewBidder(BaseModel):
    """Who wants to bid."""

    name: str = Field(min_length=1, max_length=40, pattern=r"^\w([\w .-]*\w)?$")


class NewLot(BaseModel):
    """What is to be sold."""

    title: str = Field(min_length=1, max_length=80, pattern=r"\S")
    seller: str = Field(max_length=40)
    price: int = Field(ge=1, le=1_000_000)
    seconds: int = Field(60, ge=1, le=86_400)


class BidderView(BaseModel):
    """A bidder, as the page shows one."""

    name: str
    money: int
    won: list[str]


class LotView(BaseModel):
    """A lot, as the page shows one."""

    number: str
    title: str
    seller: str
    leader: str | None
    price: int
    held: int
    sold_for: int
    next_bid: int
    bids: int
    seconds_left: float
    is_settled: bool


class View(BaseModel):
    """The whole auction at one moment. `money` is all there is: in purses, and held by lots."""

    lots: list[LotView]
    bidders: list[BidderView]
    money: int


def make_app(path: str | None = None) -> FastAPI:
    """Return the app.

    Args:
        path: the file that keeps everything; else the one that AUCTION_DB names, else memory.
    """
    flow = stateflow.init(Bidder, Lot)
    settings = HttpSettings(statuses=STATUSES)
    app = LocalFastAPIClient(flow, path or os.environ.get("AUCTION_DB") or None, settings=settings).get_app(title="Auction")
    app.add_api_route("/", page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/auction", show, methods=["GET"], tags=["auction"])
    app.add_api_route("/auction/bidders", enter, methods=["POST"], tags=["auction"])
    app.add_api_route("/auction/lots", offer, methods=["POST"], tags=["auction"], status_code=201, responses=NO_SELLER)
    return app


def page() -> FileResponse:
    """Return the page."""
    return FileResponse(PAGE)


async def enter(bidder: NewBidder, client: Client) -> BidderView:
    """Let someone in: a new bidder gets a purse, a known one keeps it."""
    with contextlib.suppress(stateflow.EntityAlreadyExists):
        await client.create(Bidder, bidder.name, MONEY)
    state = await client.state(client.ref(Bidder, bidder.name))
    return BidderView(name=state["name"], money=state["money"], won=state["won"])


async def offer(lot: NewLot, client: Client) -> dict[str, str]:
    """Offer something for sale; answers its number."""
    seller = client.ref(Bidder, lot.seller)
    await client.get(seller, "name")
    number = uuid.uuid4().hex[:12]
    await client.create(Lot, number, lot.title, seller, lot.price, lot.seconds)
    return {"number": number}


async def show(client: Client) -> View:
    """Return all lots and bidders as they are at one moment, between two bids."""
    lots, bidders = await client.list(Lot, limit=SHOWN), await client.list(Bidder, limit=SHOWN)
    now = datetime.now(UTC)
    states = await client.snapshot([*lots, *bidders])
    shown = [_lot(client, states[ref], now) for ref in lots if ref in states]
    purses = [BidderView(**states[ref]) for ref in bidders if ref in states]
    total = sum(purse.money for purse in purses) + sum(lot.held for lot in shown)
    return View(lots=sorted(shown, key=lambda lot: (lot.seconds_left <= 0, lot.seconds_left)), bidders=purses, money=total)


def _lot(client: StateflowClient, state: dict[str, Any], now: datetime) -> LotView:
    leader, held = state["leader"], state["held"]
    return LotView(
        number=state["number"],
        title=state["title"],
        seller=client.key(state["seller"]),
        leader=None if leader is None else client.key(leader),
        price=state["price"],
        held=held,
        sold_for=state["sold_for"],
        next_bid=state["price"] if leader is None else held + max(1, held // 20),
        bids=state["bids"],
        seconds_left=(state["closes"] - now).total_seconds(),
        is_settled=state["is_settled"],
    )
