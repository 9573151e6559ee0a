"""Spends its time in extensions that come with Python. Some are loaded when a recording may have begun."""
import json
import time

print("ready", flush=True)
time.sleep(0.05)
import hashlib
import zlib

DATA = bytes(range(256)) * 400
VALUES = list(range(20000))


def compress():
    return zlib.compress(DATA, 9)


def digest():
    return hashlib.sha256(DATA * 4).hexdigest()


def encode():
    return json.dumps(VALUES)


while True:
    compress()
    digest()
    encode()
