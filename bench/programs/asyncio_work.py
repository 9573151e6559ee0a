"""An ordinary program: many tasks of one event loop, with queues, locks and awaits. Nobody sleeps, so the loop is always
busy."""

import asyncio

import target

WORKERS = 20
JOBS = 200


async def produce(jobs, count):
    for number in range(count):
        await jobs.put(number)
    for _ in range(WORKERS):
        await jobs.put(None)


async def worker(jobs, results, lock):
    while True:
        job = await jobs.get()
        if job is None:
            return
        value = await handle(job)
        async with lock:
            results.append(value)


async def handle(job):
    text = await render(job)
    checked = await check(text)
    await asyncio.sleep(0)
    return checked


async def render(job):
    return "".join([part async for part in parts(job)])


async def parts(job):
    for index in range(4):
        yield "%d:%d;" % (job, job * index % 7)


async def check(text):
    total = 0
    for letter in text:
        total = (total * 31 + ord(letter)) % 65521
    return await confirm(total)


async def confirm(total):
    return total


async def batch():
    jobs = asyncio.Queue(maxsize=10)
    lock = asyncio.Lock()
    results = []
    workers = [asyncio.ensure_future(worker(jobs, results, lock)) for _ in range(WORKERS)]
    await asyncio.gather(produce(jobs, JOBS), *workers)
    return len(results)


async def main():
    assert await batch() == JOBS
    target.ready()
    while target.running():
        await batch()


asyncio.run(main())
