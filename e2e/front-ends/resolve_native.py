"""Resolves native frames of a MOJO file as austinp-resolve does, by its own class: those of the functions that are named. JSON of their names
with what it found, a file and a line. (The tool itself fails on every file before it comes to that.)"""

import json
import sys

from austin.format.mojo import MojoFrame, MojoMetadata, MojoStreamReader, MojoString
from austin.tools.resolve import Maps

path, *names = sys.argv[1:]
maps = Maps()
strings = {}
found = {}
with open(path, "rb") as stream:
    for event in MojoStreamReader(stream).parse():
        if isinstance(event, MojoMetadata) and event.key == "map":
            # It takes a line of text.
            maps.add("# map: " + event.value)
        elif isinstance(event, MojoString):
            strings[event.key] = event.value
        elif isinstance(event, MojoFrame):
            file, scope = strings[event.filename.key], strings[event.scope.key]
            if file.startswith("native@") and scope in names:
                found.setdefault(scope, []).append(maps.addr2line(file[len("native@") :]))
print(json.dumps(found))
