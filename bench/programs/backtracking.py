"""An ordinary program: a search that backtracks through generators (the eight queens), and one through plain recursion
(ways to give change)."""

import target


class Board:
    def __init__(self, size):
        self.size = size
        self.columns = []

    def is_free(self, column):
        row = len(self.columns)
        for other_row, other in enumerate(self.columns):
            if other == column or abs(other - column) == row - other_row:
                return False
        return True

    def solutions(self):
        if len(self.columns) == self.size:
            yield tuple(self.columns)
            return
        for column in range(self.size):
            if self.is_free(column):
                self.columns.append(column)
                yield from self.solutions()
                self.columns.pop()


def change(amount, coins):
    if amount == 0:
        return 1
    if amount < 0 or not coins:
        return 0
    return change(amount - coins[0], coins) + change(amount, coins[1:])


def count(iterable):
    return sum(1 for _ in iterable)


def work():
    while target.running():
        count(Board(6).solutions())
        change(60, (50, 20, 10, 5, 2, 1))


assert (count(Board(8).solutions()), change(100, (50, 25, 10, 5, 1))) == (92, 292)
target.ready()
work()
