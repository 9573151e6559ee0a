"""With this folder on PYTHONPATH any process may trace a Python program. Where Yama restricts ptrace to descendants, a
profiler that attaches would need root otherwise."""

PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = -1

try:
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(PR_SET_PTRACER_ANY), 0, 0, 0)
except Exception:
    pass  # another system, or a Python without ctypes: then it depends on who runs the benchmark
