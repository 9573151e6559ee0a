"""An ordinary program: a tokenizer without regular expressions, a recursive-descent parser and an evaluator of arithmetic
expressions."""

import target

OPERATORS = "+-*/%(),"


class Token:
    __slots__ = ("kind", "text", "at")

    def __init__(self, kind, text, at):
        self.kind = kind
        self.text = text
        self.at = at


class Tokenizer:
    def __init__(self, source):
        self.source = source
        self.at = 0

    def peek(self):
        return self.source[self.at] if self.at < len(self.source) else ""

    def take_while(self, test):
        begin = self.at
        while self.at < len(self.source) and test(self.source[self.at]):
            self.at += 1
        return self.source[begin : self.at]

    def tokens(self):
        while True:
            self.take_while(str.isspace)
            begin, letter = self.at, self.peek()
            if letter == "":
                yield Token("end", "", begin)
                return
            if letter.isdigit():
                yield Token("number", self.take_while(is_of_number), begin)
            elif is_of_name(letter):
                yield Token("name", self.take_while(is_of_name), begin)
            elif letter in OPERATORS:
                self.at += 1
                yield Token(letter, letter, begin)
            else:
                raise ValueError("%r at %d" % (letter, begin))


def is_of_number(letter):
    return letter.isdigit() or letter == "."


def is_of_name(letter):
    return letter.isalpha() or letter == "_"


class Parser:
    def __init__(self, tokens):
        self.tokens = tokens
        self.token = next(tokens)

    def advance(self):
        token = self.token
        self.token = next(self.tokens, token)
        return token

    def expect(self, kind):
        if self.token.kind != kind:
            raise ValueError("%s expected at %d" % (kind, self.token.at))
        return self.advance()

    def expression(self):
        left = self.term()
        while self.token.kind in "+-":
            left = (self.advance().kind, left, self.term())
        return left

    def term(self):
        left = self.factor()
        while self.token.kind in "*/%":
            left = (self.advance().kind, left, self.factor())
        return left

    def factor(self):
        if self.token.kind == "-":
            self.advance()
            return ("negate", self.factor())
        if self.token.kind == "(":
            self.advance()
            inner = self.expression()
            self.expect(")")
            return inner
        if self.token.kind == "name":
            return self.call()
        return ("number", float(self.expect("number").text))

    def call(self):
        name = self.advance().text
        if self.token.kind != "(":
            return ("name", name)
        self.advance()
        arguments = [self.expression()]
        while self.token.kind == ",":
            self.advance()
            arguments.append(self.expression())
        self.expect(")")
        return ("call", name, arguments)


class Evaluator:
    def __init__(self, names):
        self.names = names

    def evaluate(self, node):
        return getattr(self, "on_" + NODES[node[0]])(node)

    def on_number(self, node):
        return node[1]

    def on_name(self, node):
        return self.names[node[1]]

    def on_negate(self, node):
        return -self.evaluate(node[1])

    def on_call(self, node):
        return self.names[node[1]](*[self.evaluate(argument) for argument in node[2]])

    def on_operation(self, node):
        left, right = self.evaluate(node[1]), self.evaluate(node[2])
        return OPERATIONS[node[0]](left, right)


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
}
NODES = {"number": "number", "name": "name", "negate": "negate", "call": "call", **dict.fromkeys(OPERATIONS, "operation")}
SOURCES = [
    "1 + 2 * 3 - 4 / (5 + 6)",
    "largest(x, -y, 3.25) * (x % 7 + 1) - smallest(largest(1, 2), x)",
    "((((((1 + x) * 2) + y) * 3) + x) * 4)",
    "-(-(-(x * y))) + width_of_page % 17 * 0.5",
    " + ".join("x * %d.5" % number for number in range(30)),
]
NAMES = {"x": 12.0, "y": 5.5, "width_of_page": 210.0, "largest": max, "smallest": min}


def value_of(source):
    return Evaluator(NAMES).evaluate(Parser(Tokenizer(source).tokens()).expression())


def work():
    while target.running():
        for source in SOURCES:
            value_of(source)


assert [value_of(source) for source in SOURCES] == [eval(source, {**NAMES}) for source in SOURCES]
target.ready()
work()
