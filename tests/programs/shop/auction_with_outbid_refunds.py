"""An auction refunds the bidder who is outbid while it takes the money of the new one."""

import stateflow


@stateflow.entity
class Bidder:
    def __init__(self, name, money):
        self.name, self.money, self.news = name, money, []

    def __key__(self):
        return self.name

    def pay(self, amount):
        if amount > self.money:
            return False
        self.money -= amount
        return True

    def refund(self, amount, by):
        self.money += amount
        self.news.append(by.name)

    def bid(self, auction, amount):
        before = self.money
        accepted = auction.offer(self, amount)
        return accepted, before - self.money


@stateflow.entity
class Auction:
    def __init__(self, lot):
        self.lot, self.best, self.leader = lot, 0, None

    def __key__(self):
        return self.lot

    def offer(self, bidder, amount):
        if amount <= self.best or not bidder.pay(amount):
            return False
        if self.leader is not None:
            self.leader.refund(self.best, bidder)
        self.best, self.leader = amount, bidder
        return True


def script(world):
    ann, bob = world.create(Bidder, "ann", 100), world.create(Bidder, "bob", 80)
    auction = world.create(Auction, "vase")
    for bidder, amount in ((ann, 50), (bob, 60), (bob, 70), (ann, 65), (ann, 90), (bob, 100)):
        world.call(bidder, "bid", auction, amount)
    world.state(auction)
    world.state(bob)
