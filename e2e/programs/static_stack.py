"""Threads that stand still, deep in known stacks. Besides the truth, the line printed has `snapshot`: the stack of every
thread as the interpreter itself sees it, for comparison frame by frame."""

import os
import sys
import threading
import time

import truth

DEPTH = 40


def hold():
    time.sleep(3600)


def generator(n):
    yield descend(n)  #> descend


def descend(n):
    if n == 0:
        return (lambda: hold())()  #> <lambda> > hold
    if n % 3 == 0:
        return next(generator(n - 1))  #> generator
    return 1 + descend(n - 1)  #> descend


class Holder:
    def method(self, n):
        return sorted([n], key=self.callback)  #> Holder.callback

    def callback(self, n):
        return descend(n)  #> descend


def deep():
    Holder().method(DEPTH)  #> Holder.method


def shallow():
    hold()  #> hold


def wait_for_lock(lock):
    lock.acquire()


def snapshot(ignored):
    threads = {thread.ident: thread for thread in threading.enumerate() if thread is not ignored}
    stacks = []
    for ident, frame in sys._current_frames().items():
        if ident in threads:
            frames = [truth.describe(f.f_code, f.f_lasti, f.f_lineno) for f in truth.frames_of(frame)]
            stacks.append({"tid": threads[ident].native_id, "name": threads[ident].name, "frames": frames})
    return sorted(stacks, key=lambda stack: stack["tid"])


def tell(told):
    """Tells once all the others stand still, and ends the program when its time is over, as they cannot."""
    own = threading.current_thread()
    before = None
    while True:
        time.sleep(0.1)
        now = snapshot(own)
        if now == before and all(stack["frames"][-1]["name"] in STILL for stack in now):
            break
        before = now
    told.ready(snapshot=now, ignoredThreads=[own.native_id])
    if len(sys.argv) > 1:
        time.sleep(float(sys.argv[1]))
    else:
        while os.read(0, 4096):
            pass
    os._exit(0)


STILL = ["hold", "wait_for_lock"]

if __name__ == "__main__":
    told = truth.program()
    run = told.thread_root()
    held = threading.Lock()
    held.acquire()
    for name, target, args in [("deep", deep, ()), ("shallow", shallow, ()), ("waiter", wait_for_lock, (held,))]:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        thread.start()
        told.edge(run, target)
        told.thread(thread, target)
    told.thread(threading.main_thread(), deep)
    told.edge(run, tell)
    threading.Thread(target=tell, args=(told,), name="tell", daemon=True).start()
    deep()  #> deep
