"""A WSGI application that computes for a moment and answers with the number of the process it runs in."""

import os


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def answer():
    spin(300000)
    return str(os.getpid()).encode()


def application(environ, start_response):
    body = answer()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
