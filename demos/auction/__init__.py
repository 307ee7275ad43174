"""An auction: bids hold their money until they are outbid, and a lot is sold when its time is over. `make demo-auction` serves it."""
