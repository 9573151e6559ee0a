"""Tasks in a known tree, in two threads with a loop each, all of them waiting or running for good.

Prints one JSON document a thread once its tree stands: the name of each task with the names of those that await it.
With "eager" as argument, tasks begin at once where they are made.
"""
import asyncio
import json
import sys
import threading
import time


async def leaf(event):
    await event.wait()


async def worker(event):
    await leaf(event)


async def stream(event):
    yield 1
    await leaf(event)


async def consumer(event):
    async for _ in stream(event):
        pass


async def grouped(event):
    async with asyncio.TaskGroup() as group:
        group.create_task(worker(event), name='in-group-1')
        group.create_task(consumer(event), name='in-group-2')


async def gathered(event):
    await asyncio.gather(
        asyncio.create_task(worker(event), name='gathered-1'),
        asyncio.shield(asyncio.create_task(worker(event), name='shielded')),
    )


async def nested(event):
    await asyncio.create_task(grouped(event), name='inner')


def burn(ready):
    ready()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        pass


async def runner(ready):
    await asyncio.sleep(0)
    burn(ready)


EXPECTED = {
    'root': [],
    'nested': ['root'],
    'inner': ['nested'],
    'in-group-1': ['inner'],
    'in-group-2': ['inner'],
    'gatherer': ['root'],
    'gathered-1': ['gatherer'],
    'shielded': ['gatherer'],
    'shared': ['first', 'second'],
    'first': ['root'],
    'second': ['root'],
    'orphan': [],
}


async def main(is_burning):
    asyncio.current_task().set_name('root')
    if 'eager' in sys.argv:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    event = asyncio.Event()
    make = asyncio.create_task
    shared = make(worker(event), name='shared')

    async def waits_for_shared():
        await shared

    tasks = [
        make(nested(event), name='nested'),
        make(gathered(event), name='gatherer'),
        make(waits_for_shared(), name='first'),
        make(waits_for_shared(), name='second'),
    ]
    keep = make(worker(event), name='orphan')
    expected = dict(EXPECTED)
    expected_state = 'burning' if is_burning else 'waiting'
    report = lambda: print(json.dumps({'tid': threading.get_native_id(), 'tasks': expected, 'state': expected_state}), flush=True)
    for _ in range(5):
        await asyncio.sleep(0)
    if is_burning:
        expected['runner'] = ['root']
        if 'eager' in sys.argv:
            tasks.append(make(eager_runner(report), name='runner'))
        else:
            tasks.append(make(runner(report), name='runner'))
    else:
        asyncio.get_running_loop().call_later(0.2, report)
    await asyncio.wait(tasks)
    assert keep is not None


async def eager_runner(ready):
    """Runs before it is known to its loop, on top of the task that makes it."""
    burn(ready)


threading.Thread(target=asyncio.run, args=(main(False),), daemon=True, name='second').start()
asyncio.run(main(True))
