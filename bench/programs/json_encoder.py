"""An ordinary program: a JSON encoder in pure Python, over nested data."""

import json

import target

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


class Encoder:
    def __init__(self):
        self.parts = []
        self.encoders = {
            str: self.string,
            int: self.integer,
            float: self.real,
            bool: self.constant,
            type(None): self.constant,
            list: self.array,
            tuple: self.array,
            dict: self.mapping,
        }

    def encode(self, value):
        self.value(value)
        text = "".join(self.parts)
        self.parts.clear()
        return text

    def value(self, value):
        encoder = self.encoders.get(type(value))
        if encoder is None:
            raise TypeError("%r has no form in JSON" % (value,))
        encoder(value)

    def string(self, value):
        self.parts.append('"')
        begin = 0
        for at, letter in enumerate(value):
            if letter in ESCAPES or letter < " " or letter > "~":
                self.parts.append(value[begin:at])
                self.parts.append(self.escaped(letter))
                begin = at + 1
        self.parts.append(value[begin:])
        self.parts.append('"')

    def escaped(self, letter):
        known = ESCAPES.get(letter)
        if known is not None:
            return known
        number = ord(letter)
        if number < 0x10000:
            return "\\u%04x" % number
        number -= 0x10000
        return "\\u%04x\\u%04x" % (0xD800 + (number >> 10), 0xDC00 + (number & 0x3FF))

    def integer(self, value):
        self.parts.append(int.__repr__(value))

    def real(self, value):
        self.parts.append(float.__repr__(value))

    def constant(self, value):
        self.parts.append("null" if value is None else "true" if value else "false")

    def array(self, values):
        self.parts.append("[")
        for index, value in enumerate(values):
            if index:
                self.parts.append(", ")
            self.value(value)
        self.parts.append("]")

    def mapping(self, entries):
        self.parts.append("{")
        for index, (key, value) in enumerate(entries.items()):
            if index:
                self.parts.append(", ")
            self.string(key)
            self.parts.append(": ")
            self.value(value)
        self.parts.append("}")


def order(number):
    lines = [
        {"article": "part %d/%d" % (number, line), "count": line % 4 + 1, "price": line * 1.25, "gift": line == 3}
        for line in range(5)
    ]
    customer = {"name": "Zoë \"%d\"\n" % number, "city": "Köln 🏛", "address": None, "tags": ["new", ["a", ["b", []]]]}
    return {"id": number, "customer": customer, "lines": lines, "matrix": [[x * y for x in range(4)] for y in range(4)]}


def work(data):
    encoder = Encoder()
    while target.running():
        encoder.encode(data)


data = {"version": 1, "orders": [order(number) for number in range(20)]}
assert Encoder().encode(data) == json.dumps(data)
target.ready()
work(data)
