"""Asks Austin Web for its page and, twice, for samples.

    websocket.py PORT
"""

import asyncio
import json
import sys

import aiohttp

URL = 'http://localhost:%s' % sys.argv[1]


async def main():
    async with aiohttp.ClientSession() as session:
        async with session.get(URL + '/') as page:
            text = await page.text()
            status = page.status
        messages = []
        async with session.ws_connect(URL + '/ws') as socket:
            messages.append(json.loads(await socket.receive_str()))
            for _ in range(2):
                await asyncio.sleep(0.5)
                await socket.send_str('data')
                messages.append(json.loads(await socket.receive_str()))
    print(json.dumps({'status': status, 'page': text[:200], 'messages': messages}))


asyncio.run(main())
