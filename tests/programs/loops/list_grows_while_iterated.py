"""A list that a remote call's results make longer is iterated to its new end."""

import stateflow


@stateflow.entity
class Page:
    def __init__(self, url, links):
        self.url, self.links = url, links

    def __key__(self):
        return self.url

    def outgoing(self):
        return self.links


@stateflow.entity
class Crawler:
    def __init__(self, name):
        self.name = name
        self.frontier = []

    def __key__(self):
        return self.name

    def crawl(self, start):
        self.frontier.append(start)
        order = []
        for url in self.frontier:
            page = Page.by_key(url)
            order.append(url)
            for link in page.outgoing():
                if link not in self.frontier:
                    self.frontier.append(link)
        return order


def script(world):
    world.create(Page, "/", ["/a", "/b"])
    world.create(Page, "/a", ["/", "/c"])
    world.create(Page, "/b", ["/c", "/a"])
    world.create(Page, "/c", [])
    crawler = world.create(Crawler, "bot")
    world.call(crawler, "crawl", "/")
    world.state(crawler)
