"""Crawls a web site that exists only in memory: asyncio for the waiting, threads for the work.

    python3 crawl.py [PAGES]

A coroutine per worker fetches pages (it sleeps, like a network would), and hands them to a pool of threads that
parse them. Which thread computes, and which one waits?
"""

import asyncio
import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

WORKERS = 8
LINKS_PER_PAGE = 6


class LinkParser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links = []
        self.letters = 0

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.extend(int(value) for name, value in attrs if name == "href")

    def handle_data(self, data):
        self.letters += sum(1 for character in data if character.isalpha())


def render(page, pages):
    """The page as its server would send it."""
    parts = ["<html><body><h1>Page %d</h1>" % page]
    for index in range(LINKS_PER_PAGE):
        digest = hashlib.sha256(b"%d-%d" % (page, index)).hexdigest()
        parts.append('<p>%s <a href="%d">more</a></p>' % (digest * 8, int(digest, 16) % pages))
    parts.append("</body></html>")
    return "".join(parts)


def parse(html):
    parser = LinkParser()
    parser.feed(html)
    parser.close()
    return parser.links, parser.letters


async def fetch(page, pages):
    await asyncio.sleep(0.002)
    return render(page, pages)


async def worker(queue, seen, totals, pool, pages):
    loop = asyncio.get_running_loop()
    while True:
        page = await queue.get()
        html = await fetch(page, pages)
        links, letters = await loop.run_in_executor(pool, parse, html)
        totals["pages"] += 1
        totals["letters"] += letters
        for link in links:
            if link not in seen:
                seen.add(link)
                queue.put_nowait(link)
        queue.task_done()


async def crawl(pages):
    queue = asyncio.Queue()
    queue.put_nowait(0)
    seen = {0}
    totals = {"pages": 0, "letters": 0}
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="parser") as pool:
        workers = [asyncio.ensure_future(worker(queue, seen, totals, pool, pages)) for _ in range(WORKERS)]
        await queue.join()
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return totals


def main():
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    totals = asyncio.run(crawl(pages))
    print("%(pages)d pages, %(letters)d letters" % totals)


if __name__ == "__main__":
    main()
