"""A purchase reads a price, takes stock from another entity and changes its own balance."""
import stateflow


@stateflow.entity
class Item:
    def __init__(self, name: str, price: int):
        self.name = name
        self.price = price
        self.stock = 0

    def update_stock(self, amount: int) -> bool:
        if self.stock + amount < 0:
            return False
        self.stock += amount
        return True

    def __key__(self):
        return self.name


@stateflow.entity
class User:
    def __init__(self, username: str):
        self.username = username
        self.balance = 1

    def update_balance(self, x: int):
        self.balance += x

    def buy_item(self, amount: int, item: Item) -> bool:
        total_price = amount * item.price
        if self.balance < total_price:
            return False
        decrease_stock = item.update_stock(-amount)
        if not decrease_stock:
            return False
        self.balance -= total_price
        return True

    def __key__(self):
        return self.username


def script(world):
    tea = world.create(Item, "tea", 3)
    ann = world.create(User, "ann")
    world.call(ann, "buy_item", 2, tea)
    world.call(ann, "update_balance", 10)
    world.call(ann, "buy_item", 2, tea)
    world.call(tea, "update_stock", 5)
    world.call(ann, "buy_item", 2, tea)
    world.get(tea, "stock")
    world.state(ann)
