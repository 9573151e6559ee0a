"""Three threads that compute without a pause, each alternating between two functions of its own. Without a GIL they run at the
same time; with one they take turns."""

import threading

import truth

finished = False
started = []


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def red():
    started.append("red")
    while not finished:
        red_up()  #> red_up
        red_down()  #> red_down


def red_up():
    return spin(4000)  #> spin


def red_down():
    return spin(4000)  #> spin


def green():
    started.append("green")
    while not finished:
        green_up()  #> green_up
        green_down()  #> green_down


def green_up():
    return spin(4000)  #> spin


def green_down():
    return spin(4000)  #> spin


def work():
    while truth.running():  #> running
        blue_up()  #> blue_up
        blue_down()  #> blue_down


def blue_up():
    return spin(4000)  #> spin


def blue_down():
    return spin(4000)  #> spin


if __name__ == "__main__":
    told = truth.program()
    run = told.thread_root()
    told.thread(threading.main_thread(), work)
    threads = []
    for target in (red, green):
        thread = threading.Thread(target=target, name=target.__name__)
        thread.start()
        threads.append(thread)
        told.edge(run, target)
        told.thread(thread, target)
    while len(started) < len(threads):
        pass
    told.ready()
    work()  #> work
    finished = True
    for thread in threads:
        thread.join()
