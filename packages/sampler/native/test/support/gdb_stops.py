"""Run by gdb: stops a process again and again and prints what gdb takes its stacks for.

    gdb -batch -nx -x gdb_stops.py, with PID, COUNT and GO in the environment: the process, how many stops, and a FIFO.

After "@running" the process runs until someone sends it SIGUSR2, which it never sees. Then, for each thread:
    @thread TID REGISTER…     rax rdx rcx rbx rsi rdi rbp rsp r8 to r15 rip, in hexadecimal digits
    @frame PC KIND NAME       innermost first; KIND is `signal` for a trampoline; NAME is `symbol + offset`, or `?`
and "@stopped", after which a line is read from GO while everything stands still. "@refused REASON" where gdb may not attach.
"""

import os

import gdb

REGISTERS = 'rax rdx rcx rbx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip'.split()
MAX_FRAMES = 20000
MASK = (1 << 64) - 1

names = {}


def say(*words):
    print('@' + ' '.join(words), flush=True)


def name_of(address):
    if address not in names:
        text = gdb.execute(f'info symbol {address:#x}', to_string=True)
        # "name + 12 in section .text of /lib/libc.so.6"; names of C++ have spaces.
        names[address] = text.split(' in section ')[0].strip() if ' in section ' in text else '?'
    return names[address]


def describe(thread):
    thread.switch()
    frame = gdb.newest_frame()
    values = [int(frame.read_register(name).cast(gdb.lookup_type('unsigned long'))) & MASK for name in REGISTERS]
    say('thread', str(thread.ptid[1]), *(f'{value:x}' for value in values))
    exact = True
    for _ in range(MAX_FRAMES):
        is_signal = frame.type() == gdb.SIGTRAMP_FRAME
        # What was inlined, or has ended with a jump to another function, has no frame: gdb makes them up from debug information.
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME) and frame.pc() != 0:
            pc = frame.pc()
            is_exact = exact or is_signal
            say('frame', f'{pc:x}', 'signal' if is_signal else 'normal', name_of(pc if is_exact else pc - 1))
            exact = is_signal
        frame = frame.older()
        if frame is None:
            break


def main():
    for command in (
        'set confirm off',
        'set pagination off',
        'set style enabled off',
        'set auto-load off',
        'set debuginfod enabled off',
        'set print thread-events off',
        'set backtrace past-main on',
        'set backtrace past-entry on',
        'set backtrace limit unlimited',
        'handle all nostop noprint pass',
        'handle SIGUSR2 stop print nopass',
    ):
        gdb.execute(command, to_string=True)
    try:
        gdb.execute('attach ' + os.environ['PID'], to_string=True)
    except gdb.error as error:
        say('refused', str(error).splitlines()[-1])
        return
    with open(os.environ['GO']) as go:
        for _ in range(int(os.environ['COUNT'])):
            say('running')
            gdb.execute('continue', to_string=True)
            for thread in gdb.selected_inferior().threads():
                describe(thread)
            say('stopped')
            go.readline()
    gdb.execute('detach', to_string=True)
    say('done')


main()
