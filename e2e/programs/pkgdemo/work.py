import truth


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def work():
    while truth.running():  #> running
        spin(500)  #> spin

