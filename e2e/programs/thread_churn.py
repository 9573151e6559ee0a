"""Threads that live for two milliseconds, one after the other and three at a time. The last line printed says how many there were."""

import threading
import time

import truth

count = 0


def brief():
    end = time.perf_counter() + 0.002
    while time.perf_counter() < end:
        pass


def work():
    global count
    while truth.running():  #> running
        threads = []
        for _ in range(3):
            threads.append(threading.Thread(target=brief))
            threads[-1].start()
        for thread in threads:
            thread.join()
        count += len(threads)


if __name__ == "__main__":
    told = truth.program(strict=False)
    run = told.thread_root()
    told.edge(run, brief)
    told.edge(work, None)
    told.thread(threading.main_thread(), work)
    told.ready()
    work()  #> work
    print(count)
