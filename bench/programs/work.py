"""Ordinary work in one thread: calls, arithmetic, containers, text. At its end it prints how it got on, see `target.measure`."""

import target


class Account:
    def __init__(self, name):
        self.name = name
        self.entries = {}

    def add(self, key, amount):
        self.entries[key] = self.entries.get(key, 0) + amount

    def total(self):
        return sum(self.entries.values())


def describe(account):
    return "%s: %s" % (account.name, ", ".join(sorted(account.entries)))


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def unit(number):
    account = Account("account %d" % number)
    for i in range(40):
        account.add("entry %d" % (i % 7), i * number % 13)
    return account.total() + len(describe(account)) + fibonacci(8)


target.measure(unit)
