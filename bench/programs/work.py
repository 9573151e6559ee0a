"""Ordinary work in one thread: calls, arithmetic, containers, text. At its end it prints [[nanoseconds, units, nanoseconds
of CPU], ...]: on the monotonic clock, how much was done by then, and with how much CPU time; an entry about every 5 ms."""

import json
from time import monotonic_ns, thread_time_ns

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


def work(progress):
    done = 0
    next_note = monotonic_ns()
    while target.running():
        for _ in range(10):
            unit(done)
            done += 1
        now = monotonic_ns()
        if now >= next_note:
            progress.append((now, done, thread_time_ns()))
            next_note = now + 5_000_000
    return progress


target.ready()
target.finish(json.dumps(work([])))
