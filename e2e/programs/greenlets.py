"""Greenlets that switch to one another in the middle of their calls: each has a stack of its own, with functions of its own."""

import threading

import greenlet

import truth


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def switch():
    global turn
    turn = (turn + 1) % len(greenlets)
    greenlets[turn].switch()


def start_red():
    red()  #> red


def red():
    while True:
        red_outer(5)  #> red_outer


def red_outer(depth):
    if depth == 0:
        return red_inner()  #> red_inner
    return red_outer(depth - 1)  #> red_outer


def red_inner():
    spin(1000)  #> spin
    switch()  #> switch
    spin(1000)  #> spin


def start_green():
    green()  #> green


def green():
    while True:
        green_outer()  #> green_outer


def green_outer():
    for _ in green_generator():  #> green_generator
        pass


def green_generator():
    spin(1000)  #> spin
    yield switch()  #> switch
    spin(1000)  #> spin


def blue():
    while truth.running():  #> running
        spin(1000)  #> spin
        switch()  #> switch


if __name__ == "__main__":
    told = truth.program()
    told.limit(red_outer, 6)
    for function in (start_red, start_green):
        told.root(function)
    told.thread(threading.main_thread())
    greenlets = [greenlet.getcurrent(), greenlet.greenlet(start_red), greenlet.greenlet(start_green)]
    turn = 0
    told.ready()
    blue()  #> blue
