"""An ordinary program: pipelines of generators, one inside the other, and recursive ones."""

import target


def numbers(count):
    for number in range(count):
        yield number


def mapped(function, values):
    for value in values:
        yield function(value)


def kept(test, values):
    for value in values:
        if test(value):
            yield value


def pairs(values):
    last = None
    for value in values:
        if last is not None:
            yield last, value
        last = value


def chunks(values, size):
    chunk = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def flattened(tree):
    for item in tree:
        if isinstance(item, list):
            yield from flattened(item)
        else:
            yield item


def running_totals():
    total = 0
    while True:
        total += yield total


def square(value):
    return value * value


def is_odd(value):
    return value % 2 == 1


def nested(depth, width=3):
    return list(range(width)) if depth == 0 else [nested(depth - 1) for _ in range(width)]


def sum_of_pairs():
    return sum(b - a for a, b in pairs(kept(is_odd, mapped(square, numbers(300)))))


def sum_of_chunks():
    return sum(max(chunk) for chunk in chunks(mapped(square, numbers(300)), 7))


def sum_of_tree(tree):
    totals = running_totals()
    next(totals)
    for value in flattened(tree):
        total = totals.send(value)
    return total


def work(tree):
    while target.running():
        sum_of_pairs()
        sum_of_chunks()
        sum_of_tree(tree)


tree = nested(5)
assert (sum_of_pairs(), sum_of_tree(tree)) == (299 * 299 - 1, 3**6)
target.ready()
work(tree)
