"""A bank: accounts, savings with interest, loans, transfers, overdrafts and statements. All money is in cents."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

import stateflow
from stateflow.runtime.local import LocalRuntime

__all__ = ["Account", "Bank", "Kind", "Line", "Loan", "Month", "Overdraft", "Savings", "main"]


class Overdraft(Exception):
    """An account is asked for more than its balance and its credit limit together."""

    def __init__(self, iban: str, missing: int):
        super().__init__(iban, missing)
        self.iban = iban
        self.missing = missing

    def __str__(self) -> str:
        return f"{self.iban} lacks {euros(self.missing)}"


class Kind(Enum):
    """Why a balance changed."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    INTEREST = "interest"


@dataclass(frozen=True)
class Line:
    """One line of a statement."""

    kind: Kind
    amount: int
    balance: int
    note: str = ""


@dataclass
class Month:
    """What the end of a month brought: the interest paid, what loans returned, and which loans were not served."""

    interest: int = 0
    returned: int = 0
    missed: dict[str, int] = field(default_factory=dict)


def euros(cents: int) -> str:
    """Write cents as euros."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


@stateflow.stateflow
class Account:
    """Money of one owner; it may go below zero as far as the credit limit allows."""

    def __init__(self, iban: str, owner: str, credit_limit: int = 0):
        self.iban: str = iban
        self.owner: str = owner
        self.credit_limit: int = credit_limit
        self.balance: int = 0
        self.lines: list[Line] = []

    def __key__(self) -> str:
        return self.iban

    @property
    def available(self) -> int:
        """What can be withdrawn now."""
        return self.balance + self.credit_limit

    def deposit(self, amount: int, note: str = "", kind: Kind = Kind.DEPOSIT) -> int:
        """Add money and return the balance."""
        if amount <= 0:
            raise ValueError(f"cannot deposit {amount}")
        self.balance += amount
        self.lines.append(Line(kind, amount, self.balance, note))
        return self.balance

    def withdraw(self, amount: int, note: str = "") -> int:
        """Take money and return the balance."""
        if amount > self.available:
            raise Overdraft(self.iban, amount - self.available)
        self.balance -= amount
        self.lines.append(Line(Kind.WITHDRAWAL, amount, self.balance, note))
        return self.balance

    def monthly_interest(self) -> int:
        """Return the interest that the bank owes for a month."""
        return 0

    def statement(self) -> list[str]:
        """Return the lines as text, oldest first."""

        def describe(line: Line) -> str:
            match line:
                case Line(Kind.DEPOSIT, amount, _, ""):
                    return f"+{euros(amount)} paid in"
                case Line(Kind.DEPOSIT, amount, _, note):
                    return f"+{euros(amount)} from {note}"
                case Line(kind=Kind.INTEREST, amount=amount):
                    return f"+{euros(amount)} interest"
                case Line(note=note, amount=amount):
                    return f"-{euros(amount)} to {note or 'cash'}"

        return [f"{describe(line)} = {euros(line.balance)}" for line in self.lines]


@stateflow.stateflow
class Savings(Account):
    """An account that earns interest and has no credit."""

    def __init__(self, iban: str, owner: str, yearly_basis_points: int):
        super().__init__(iban, owner)
        self.yearly_basis_points: int = yearly_basis_points

    def monthly_interest(self) -> int:
        """Return a twelfth of the year's interest, rounded down."""
        return super().monthly_interest() + self.balance * self.yearly_basis_points // 120_000


@stateflow.stateflow
class Loan:
    """Money that an account owes, paid back in equal instalments with interest on what is left."""

    def __init__(self, number: str, borrower: Account, amount: int, months: int, monthly_basis_points: int):
        self.number: str = number
        self.borrower: Account = borrower
        self.debt: int = amount
        self.months_left: int = months
        self.monthly_basis_points: int = monthly_basis_points
        self.months_asked: int = 0

    def __key__(self) -> str:
        return self.number

    @property
    def interest(self) -> int:
        """The interest of this month."""
        return self.debt * self.monthly_basis_points // 10_000

    @property
    def instalment(self) -> int:
        """What is due this month: an equal part of the debt, and the interest."""
        return -(-self.debt // max(self.months_left, 1)) + self.interest

    def collect(self, vault: Account) -> int:
        """Move this month's instalment from the borrower to the vault; a borrower who cannot pay owes the interest as well."""
        due = self.instalment
        try:
            self.borrower.withdraw(due, f"loan {self.number}")
        except Overdraft:
            self.debt += self.interest
            raise
        else:
            vault.deposit(due, f"loan {self.number}")
            self.debt -= due - self.interest
            self.months_left -= 1
            return due
        finally:
            self.months_asked += 1


class Audit:
    """Compare the money of some accounts before and after a block: none may appear or vanish."""

    def __init__(self, accounts: list[Account]):
        self.accounts = accounts
        self.before = 0

    def __enter__(self) -> Self:
        self.before = self.total()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if kind is None and self.total() != self.before:
            raise AssertionError(f"the bank held {euros(self.before)}, and now {euros(self.total())}")

    def total(self) -> int:
        """Return the money in all accounts."""
        return sum(account.balance for account in self.accounts)


@stateflow.stateflow
class Bank:
    """Opens accounts, moves money between them and lends it from its vault."""

    def __init__(self, name: str, vault: Account):
        self.name: str = name
        self.vault: Account = vault
        self.accounts: list[Account] = [vault]
        self.loans: list[Loan] = []

    def __key__(self) -> str:
        return self.name

    def open_account(self, owner: str, paid_in: int, credit_limit: int = 0) -> Account:
        """Create an account with its first deposit."""
        account = Account(self._next_iban(), owner, credit_limit)
        account.deposit(paid_in)
        self.accounts.append(account)
        return account

    def open_savings(self, owner: str, paid_in: int, yearly_basis_points: int) -> Savings:
        """Create a savings account with its first deposit."""
        savings = Savings(self._next_iban(), owner, yearly_basis_points)
        savings.deposit(paid_in)
        self.accounts.append(savings)
        return savings

    def transfer(self, source: Account, target: Account, amount: int) -> tuple[int, int]:
        """Move money. The target is paid first: when the source cannot pay, the exception undoes that."""
        with Audit([source, target]):
            after = target.deposit(amount, source.owner)
            return source.withdraw(amount, target.owner), after

    def pay_each(self, source: Account, amounts: dict[Account, int]) -> dict[str, str]:
        """Pay what can be paid, and answer for each owner what became of it."""
        answers: dict[str, str] = {}
        for target, amount in amounts.items():
            try:
                source.withdraw(amount, target.owner)
            except Overdraft as error:
                answers[target.owner] = str(error)
                continue
            target.deposit(amount, source.owner)
            answers[target.owner] = "paid"
        return answers

    def lend(self, borrower: Account, amount: int, months: int, monthly_basis_points: int) -> Loan:
        """Pay out a loan from the vault."""
        self.vault.withdraw(amount, borrower.owner)
        borrower.deposit(amount, self.name)
        loan = Loan(f"{self.name}-L{len(self.loans) + 1}", borrower, amount, months, monthly_basis_points)
        self.loans.append(loan)
        return loan

    def close_month(self) -> Month:
        """Collect the instalments and pay the interest."""
        month = Month()
        with Audit(self.accounts):
            for loan in [loan for loan in self.loans if loan.debt > 0]:
                try:
                    month.returned += loan.collect(self.vault)
                except Overdraft as error:
                    month.missed[loan.borrower.owner] = error.missing
            for account in self.accounts:
                if interest := account.monthly_interest():
                    self.vault.withdraw(interest, account.owner)
                    account.deposit(interest, kind=Kind.INTEREST)
                    month.interest += interest
        return month

    def richest(self, count: int) -> list[tuple[str, int]]:
        """Return the owners with most money, the vault not counted."""
        customers = [account for account in self.accounts if account != self.vault]
        ranking = sorted(customers, key=lambda account: (-account.balance, account.owner))
        return [(account.owner, account.balance) for account in ranking[:count]]

    def total(self) -> int:
        """Return the money in all accounts."""
        return sum(account.balance for account in self.accounts)

    def _next_iban(self) -> str:
        return f"{self.name}-{len(self.accounts):03d}"


def main() -> None:
    """Open accounts, transfer, overdraw, lend, close two months."""
    flow = stateflow.init(Account, Savings, Loan, Bank)
    with LocalRuntime(flow) as runtime, runtime.client() as client:
        print("A bank on the embedded engine")
        vault = client.create(Account, "vault", "the bank").get()
        client.call(Account.deposit, vault, 1_000_000).get()
        bank = client.create(Bank, "ABC", vault).get()
        ann = client.call(Bank.open_account, bank, "ann", 50_000, 10_000).get()
        bob = client.call(Bank.open_account, bank, "bob", 500).get()
        eve = client.call(Bank.open_savings, bank, "eve", 120_000, 300).get()
        total = client.call(Bank.total, bank).get()
        print(f"  ann, bob and eve opened accounts; all accounts hold {euros(total)}")

        left, arrived = client.call(Bank.transfer, bank, ann, bob, 20_000).get()
        print(f"  ann pays bob 200.00: she has {euros(left)}, he has {euros(arrived)}")
        try:
            client.call(Bank.transfer, bank, bob, ann, 90_000).get()
        except Overdraft as error:
            print(f"  bob cannot pay ann 900.00: {error}; ann still has {euros(client.get(ann, 'balance').get())}")

        answers = client.call(Bank.pay_each, bank, bob, {ann: 15_000, eve: 9_000}).get()
        print(f"  bob pays whom he can: {answers}")

        client.call(Bank.lend, bank, bob, 60_000, 12, 100).get()
        client.call(Bank.lend, bank, ann, 24_000, 2, 50).get()
        client.call(Account.withdraw, bob, 64_000).get()
        for number in (1, 2):
            month = client.call(Bank.close_month, bank).get()
            missed = {owner: euros(missing) for owner, missing in month.missed.items()}
            print(f"  month {number}: interest {euros(month.interest)}, loans returned {euros(month.returned)}, missing {missed}")

        print("  ann's statement:")
        for line in client.call(Account.statement, ann).get():
            print(f"    {line}")
        print(f"  richest: {client.call(Bank.richest, bank, 2).get()}")
        print(f"  no cent is lost: {client.call(Bank.total, bank).get() == total - 64_000}")


if __name__ == "__main__":
    main()
