"""A loan asks guarantors in turn until two agree; an agreed one is released when the loan is refused."""

import stateflow


@stateflow.entity
class Guarantor:
    def __init__(self, name, limit):
        self.name, self.limit, self.backing = name, limit, []

    def __key__(self):
        return self.name

    def back(self, loan, amount):
        if amount > self.limit:
            return False
        self.limit -= amount
        self.backing.append(loan)
        return True

    def release(self, loan, amount):
        self.limit += amount
        self.backing.remove(loan)


@stateflow.entity
class Loan:
    def __init__(self, number, amount):
        self.number, self.amount, self.backers, self.status = number, amount, [], "new"

    def __key__(self):
        return self.number

    def apply(self, candidates):
        for candidate in candidates:
            if len(self.backers) == 2:
                break
            if candidate.back(self, self.amount):
                self.backers.append(candidate)
        if len(self.backers) < 2:
            while self.backers:
                self.backers.pop().release(self, self.amount)
            self.status = "refused"
        else:
            self.status = "granted"
        return self.status, [backer.name for backer in self.backers]


def script(world):
    people = [world.create(Guarantor, n, l) for n, l in (("a", 100), ("b", 10), ("c", 60))]
    world.call(world.create(Loan, 1, 50), "apply", people)
    world.call(world.create(Loan, 2, 50), "apply", people)
    for person in people:
        world.state(person)
