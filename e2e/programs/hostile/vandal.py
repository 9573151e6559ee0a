"""Threads that stand still in a real interpreter, whose structures `vandal.so` (its first argument) then overwrites."""

import ctypes
import sys
import threading
import time

WORDS_OF_INTERPRETER = 2000
started = threading.Semaphore(0)


def stand_still(depth, held):
    if depth > 0:
        return stand_still(depth - 1, held)
    started.release()
    # Asleep without a deadline: nothing wakes it to look at the interpreter again.
    held.acquire()


def generator(depth, held):
    yield stand_still(depth, held)


def in_a_generator(depth, held):
    return next(generator(depth, held))


def chunks_of(thread_state):
    """The chunks of data stacks that a thread state may point to: blocks of whole pages that say their own size."""
    with open("/proc/self/mem", "rb", 0) as memory:
        for word in (ctypes.c_uint64 * 40).from_address(thread_state):
            if word == 0 or word % 4096 != 0 or word >= 1 << 47:
                continue
            try:
                memory.seek(word + 8)
                size = int.from_bytes(memory.read(8), "little")
            except OSError:
                continue  # not mapped
            if 0 < size <= 1 << 20 and size % 4096 == 0:
                yield word, 1024


def all_areas():
    api = ctypes.pythonapi
    get_interpreter = getattr(api, "PyInterpreterState_Get", None) or api._PyInterpreterState_Get
    get_interpreter.restype = ctypes.c_void_p
    interpreter = get_interpreter()
    areas = [(interpreter, 8 * WORDS_OF_INTERPRETER)]
    api.PyThreadState_Get.restype = ctypes.c_void_p
    own = api.PyThreadState_Get()
    areas.append((ctypes.addressof(ctypes.c_char.in_dll(api, "_PyRuntime")), 1024))
    api.PyInterpreterState_ThreadHead.restype = api.PyThreadState_Next.restype = ctypes.c_void_p
    api.PyInterpreterState_ThreadHead.argtypes = api.PyThreadState_Next.argtypes = [ctypes.c_void_p]
    thread_state = api.PyInterpreterState_ThreadHead(interpreter)
    while thread_state:
        areas.append((thread_state, 256))
        if thread_state != own:
            # Our own stack still comes and goes.
            areas.extend(chunks_of(thread_state))
        thread_state = api.PyThreadState_Next(thread_state)
    for frame in sys._current_frames().values():
        while frame is not None:
            areas.append((id(frame), sys.getsizeof(frame) // 8 * 8))
            code = frame.f_code
            areas.append((id(code), 192))
            areas.extend((id(part), 64) for part in (code.co_name, code.co_filename))
            frame = frame.f_back
    return areas


class Area(ctypes.Structure):
    _fields_ = [("address", ctypes.c_uint64), ("length", ctypes.c_uint64)]


if __name__ == "__main__":
    threads = []
    for target, depth in [(stand_still, 3), (stand_still, 30), (stand_still, 300), (in_a_generator, 20)]:
        held = threading.Lock()
        held.acquire()
        thread = threading.Thread(target=target, args=(depth, held), daemon=True)
        thread.start()
        threads.append((thread, held))
        started.acquire()
    time.sleep(0.1)
    overwrite = ctypes.PyDLL(sys.argv[1]).overwrite
    areas = all_areas()
    array = (Area * len(areas))(*areas)
    print("ready", len(areas), flush=True)
    overwrite(array, ctypes.c_uint64(len(areas)), ctypes.c_uint64(500))
