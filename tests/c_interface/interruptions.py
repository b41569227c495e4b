"""multiprocessing_shared.py under exceptions from outside: at every byte code, by a trace function that raises, and by storms of signals whose handler raises.

Whoever was interrupted is inside the with block, or has nothing: afterwards the lock is free for another process, and a level that was held before is
still held. Run by every CPython that is found, so it needs neither numpy nor anything newer than 3.6.

Taken out once, and seen to fail: __enter__ in C (_Lockable.__enter__ = _acquire_plainly: event 166 of the_lock), what is called when a scope is dropped
(_Scope.__del__: 3.9 and 3.11, the_lock), __exit__ in C (_release_plainly: the_lock), that mp_leave gives back once (mp_leave that does not write 0: NotOwnerError),
what acquire() gives back when it is interrupted (the `except` in it: storm_by_hand), release without byte code (a function: storm_by_hand).
"""

import os
import random
import signal
import subprocess
import sys

import multiprocessing_shared as shared


class Interrupt(Exception):
    """What comes from outside."""


# --- What is interrupted ----------------------------------------------------------------------------------------------------------------------

def the_lock(value):
    with value.get_lock():
        pass


def the_value(value):
    with value as taken:
        assert taken is True
        value.value += 1


def one_in_another(value):
    with value.get_lock(), value:
        with value:
            pass


def returns(value):
    with value:
        return value


def raises(value):
    try:
        with value:
            raise KeyError
    except KeyError:
        pass


def often(value):
    lock = value.get_lock()
    for _ in range(3):
        with lock:
            continue


def repairs(value):
    value.get_lock().repair(None)


def a_generator(value):
    def inside():
        with value:
            yield 1
            yield 2
    for _ in inside():
        break


# --- At every byte code -----------------------------------------------------------------------------------------------------------------------

class Trace:
    """Raises at the nth event of the module's frames, and of those of this file."""

    def __init__(self, nth):
        self.nth, self.seen = nth, 0

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename not in (shared.__file__, __file__) or frame.f_code is run.__code__:
            return None
        if event == "line": # the same place as the opcode that follows; what it raises is lost up to 3.9
            return self
        frame.f_trace_opcodes = True
        self.seen += 1
        if self.seen == self.nth:
            raise Interrupt
        return self


def run(form, value, nth):
    trace = Trace(nth)
    sys.settrace(trace)
    try:
        form(value)
    except Interrupt:
        pass
    finally:
        sys.settrace(None)
    return trace.seen


def opcodes(form, value, witness):
    nth = 1
    while run(form, value, nth) >= nth:
        witness.require_free(form.__name__ + ", event " + str(nth))
        value.acquire()
        run(form, value, nth)
        value.release() # one level, which was held before
        witness.require_free(form.__name__ + " inside, event " + str(nth))
        nth += 1
    assert nth > 20, nth # it was interrupted at all
    return nth - 1


# --- By signals -------------------------------------------------------------------------------------------------------------------------------

def storm_of_locks(value):
    lock = value.get_lock()
    for _ in range(200):
        with lock:
            pass


def storm_of_values(value):
    for _ in range(100):
        with value:
            value.value += 1


def storm_by_hand(value):
    lock = value.get_lock()
    for _ in range(200):
        lock.acquire()
        try:
            pass
        finally:
            lock.release()


class Storm:
    """Whose signals are raised in a form alone, and in what it calls."""

    def __init__(self, form):
        self.form, self.raised = form, 0
        signal.signal(signal.SIGALRM, self.handle)

    def handle(self, number, frame):
        while frame is not None:
            if frame.f_code is self.form.__code__:
                self.raised += 1
                raise Interrupt
            frame = frame.f_back

    def over(self, value, rounds, witness):
        for each in range(rounds):
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 4e-4), random.choice([0, 5e-5, 2e-4]))
            try:
                self.form(value)
            except Interrupt:
                pass
            signal.setitimer(signal.ITIMER_REAL, 0)
            witness.require_free(self.form.__name__ + ", round " + str(each))
        assert self.raised > rounds // 10, self.raised
        return self.raised


# --- Another process --------------------------------------------------------------------------------------------------------------------------

class Other:
    """A process that does one thing for each line it is sent."""

    def __init__(self, what, name):
        self.process = subprocess.Popen([sys.executable, __file__, what, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(60) == 0

    def require_free(self, where):
        answer = self.ask()
        if answer != b"free\n":
            self.process.kill()
            sys.exit("the lock was left locked: " + where + " " + repr(answer))


def witness(value):
    """Whether it can have the lock, which nobody but the asker could hold for long."""
    for _ in sys.stdin.buffer:
        taken = value.acquire(timeout=10)
        if taken:
            value.release()
        sys.stdout.write("free\n" if taken else "held\n")
        sys.stdout.flush()


def rival(value):
    """Holds the lock again and again, until its input ends, so that the other one has to wait for it."""
    import select
    import time

    while not select.select([sys.stdin], [], [], 0)[0]:
        with value:
            time.sleep(random.uniform(0, 2e-4))


def main():
    if len(sys.argv) == 3 and sys.argv[1] in ("witness", "rival"):
        {"witness": witness, "rival": rival}[sys.argv[1]](shared.SharedValue.open(sys.argv[2]))
        return
    sys.unraisablehook = lambda _: None # an Interrupt while a generator is closed, which comes out of nothing
    rounds = 150
    name = "interruptions." + str(os.getpid())
    value = shared.SharedValue.create(name, "i8", 0)
    try:
        other = Other("witness", name)
        forms = (the_lock, the_value, one_in_another, returns, raises, often, repairs, a_generator)
        for form in forms if sys.version_info >= (3, 7) else (): # which knows events for byte codes
            print("%-20s interrupted at %d events" % (form.__name__, opcodes(form, value, other)))
        # Up to 3.10 acquire() cannot be kept whole by anybody: a signal is seen to between any two byte codes.
        storms = [storm_of_locks, storm_of_values] + ([storm_by_hand] if sys.version_info >= (3, 11) else [])
        for form in storms:
            print("%-20s interrupted by %d signals" % (form.__name__, Storm(form).over(value, rounds, other)))
        rivals = Other("rival", name)
        for form in storms:
            print("%-20s against a rival, by %d signals" % (form.__name__, Storm(form).over(value, rounds, other)))
        rivals.end()
        other.end()
    finally:
        shared.unlink(name)


if __name__ == "__main__":
    main()
