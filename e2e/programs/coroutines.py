"""Chains of coroutines, under asyncio and under a driver of its own."""

import asyncio
import gc
import types

import truth


def spin(n):
    total = 0
    for i in range(n * 300):
        total += i
    return total


@types.coroutine
def pause():
    yield spin(3)  #> spin


async def leaf(n):
    spin(30 + n)  #> spin
    await pause()  #> pause
    return spin(n)  #> spin


async def middle(n):
    first = await leaf(n)  #> leaf
    async with Guard():  #> Guard.__aenter__, Guard.__aexit__
        # Before 3.10 __aexit__ is called on this line.
        return first + await leaf(n + 1)  #> leaf, Guard.__aexit__


async def outer(n):
    total = 0
    async for value in numbers(n):  #> numbers
        total += value
    return total + await middle(n)  #> middle


async def numbers(n):
    for i in range(n):
        yield await leaf(i)  #> leaf


class Guard:
    async def __aenter__(self):
        spin(5)  #> spin

    async def __aexit__(self, *reason):
        await pause()  #> pause


def drive(n):
    coroutine = outer(n)
    try:
        while True:
            coroutine.send(None)  #> outer
    except StopIteration as stop:
        return stop.value


async def level_three(n):
    spin(200 + n)  #> spin
    await asyncio.sleep(0)
    return spin(100)  #> spin


async def level_two(n):
    return await level_three(n) + spin(50)  #> level_three, spin


async def level_one(n):
    return await level_two(n)  #> level_two


async def waiting():
    await asyncio.sleep(0.001)


async def amain():
    while truth.running():  #> running
        await asyncio.gather(level_one(1), level_one(2), waiting())
        drive(3)  #> drive


def main():
    asyncio.run(amain())


if __name__ == "__main__":
    gc.disable()  # a collection may call asyncio's weak reference callbacks from anywhere
    told = truth.program(strict=False)
    step = asyncio.events.Handle._run
    # A task is resumed by the event loop, or by another task's end through C; asyncio's own frames lie around ours.
    told.edge(main, None)
    for task in (amain, level_one, waiting):
        told.edge(step, task)
    # The event loop is told of every asynchronous generator that begins, `numbers` here.
    for caller in (amain, level_three, waiting, outer):
        told.edge(caller, None)
    told.ready()
    main()  #> main
