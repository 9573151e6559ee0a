"""Places queens on a chess board, once by plain recursion and once with a generator.

    python3 queens.py [SIZE]

Deep stacks of few functions: look at them in a flame graph, and at the difference between the two ways.
"""

import sys


def is_safe(board, row, column):
    for distance, other in enumerate(reversed(board[:row]), start=1):
        if other == column or abs(other - column) == distance:
            return False
    return True


def count_by_recursion(size, row=0, board=()):
    if row == size:
        return 1
    return sum(
        count_by_recursion(size, row + 1, board + (column,))
        for column in range(size)
        if is_safe(board, row, column)
    )


def solutions(size, row=0, board=()):
    if row == size:
        yield board
        return
    for column in range(size):
        if is_safe(board, row, column):
            yield from solutions(size, row + 1, board + (column,))


def count_by_generator(size):
    return sum(1 for _ in solutions(size))


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    print("%d queens by recursion: %d ways" % (size, count_by_recursion(size)))
    print("%d queens by generator: %d ways" % (size, count_by_generator(size)))


if __name__ == "__main__":
    main()
