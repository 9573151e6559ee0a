"""Loads a library, calls its function for a while, unloads it, and does the same with another one that comes to the same place, for ever.
The libraries `libleft.so` and `libright.so` (of `spin.c`) are in the folder named first. With "renamed" as the second argument both are loaded
by the same path, at which the file is another one each time."""

import _ctypes
import ctypes
import os
import sys

FOLDER = sys.argv[1]
IS_RENAMED = "renamed" in sys.argv
SECONDS = 0.04
places = set()


def call(name):
    path = os.path.join(FOLDER, "lib%s.so" % name)
    if IS_RENAMED:
        common = os.path.join(FOLDER, "libcommon.so")
        with open(path, "rb") as source:
            image = source.read()
        # The file system may give the number of the file that is gone to the new one.
        if os.path.exists(common):
            os.unlink(common)
        with open(common, "wb") as target:
            target.write(image)
        path = common
    library = _ctypes.dlopen(path, 0)
    place = _ctypes.dlsym(library, name + "_spin")
    places.add(place)
    function = ctypes.CFUNCTYPE(None, ctypes.c_double)(place)
    spin = {"left": left, "right": right}[name]
    spin(function)
    _ctypes.dlclose(library)


def left(function):
    function(SECONDS)


def right(function):
    function(SECONDS)


call("left")
call("right")
print("ready", len(places), flush=True)
while True:
    call("left")
    call("right")
