"""Tasks that compute: "heavy" three times as much as the one without a name, both awaited by "parent", and that by "root"."""
import asyncio
import sys
import time


def compute(milliseconds):
    end = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < end:
        pass


async def work(milliseconds):
    for _ in range(ROUNDS):
        compute(milliseconds)
        await asyncio.sleep(0)


async def unnamed():
    await work(3)


async def parent():
    async with asyncio.TaskGroup() as group:
        group.create_task(work(9), name='heavy')
        group.create_task(unnamed())


async def short():
    compute(1)


async def root():
    await asyncio.create_task(parent(), name='parent')
    for _ in range(ROUNDS):
        await asyncio.create_task(short())


ROUNDS = int(sys.argv[1])
asyncio.run(root())
