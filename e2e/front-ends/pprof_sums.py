"""Prints, as one line of JSON, the weight of each stack in files of pprof: read by the messages of austin-python."""
import gzip
import json
import sys

from austin.format.pprof.profile_pb2 import Profile


def sums(path):
    with open(path, 'rb') as file:
        data = file.read()
    profile = Profile()
    profile.ParseFromString(gzip.decompress(data) if data[:2] == b'\x1f\x8b' else data)
    text = profile.string_table
    functions = {f.id: (text[f.name], text[f.filename]) for f in profile.function}
    places = {p.id: [(*functions[line.function_id], line.line) for line in p.line] for p in profile.location}
    # Some writers count the samples first.
    of = next(i for i, kind in enumerate(profile.sample_type) if text[kind.unit] != 'count')
    found = {}
    for sample in profile.sample:
        frames = [frame for location in sample.location_id for frame in places[location]]
        stack = ';'.join('%s:%s:%d' % (file, name, line) for name, file, line in reversed(frames))
        found[stack] = found.get(stack, 0) + sample.value[of]
    return found


print(json.dumps([sums(path) for path in sys.argv[1:]]))
