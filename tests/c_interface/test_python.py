"""python/multiprocessing_shared.py on one side, a C++ program (cpp_side.cpp, its path in CPP_SIDE) on the other.

Taken out once, and seen to fail: the lock (mp_try_lock_for that returns MP_OK: the totals), the redo log (any_object::store that copies onto the elements:
the killed store), the hook that renames a forked child (this_thread_life.hpp: both tests of fork), the heir's owner_died (mutex::inherit: the tests
of Kill that ask for it), what keeps the memory of a numpy array (`memory.keeps`: the view that outlives its object ends with SIGSEGV),
the mapping that cannot be written (any_object::open: the stray write).
"""

import contextlib
import multiprocessing
import os
import pickle
import random
import signal
import struct
import subprocess
import sys
import threading
import time
import unittest

import numpy

import multiprocessing_shared as shared

PATIENCE = 60


class Side:
    """A process of the other side, or another one of Python. `ready()` waits until it stands where it says so; `end()` lets it go on and collects."""

    def __init__(self, test, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        test.addCleanup(self.kill)

    def ready(self):
        line = self.process.stdout.readline() # ends when the process does
        if line != "ready\n":
            raise AssertionError(line + self.process.stderr.read())
        return self

    def end(self, status=0):
        output, errors = self.process.communicate("\n", timeout=PATIENCE)
        if self.process.returncode != status:
            raise AssertionError(f"ended with {self.process.returncode}, not {status}: {output}{errors}")
        return output

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


class Case(unittest.TestCase):
    names = 0

    def name(self):
        Case.names += 1
        name = f"test_python.{os.getpid()}.{Case.names}"
        self.addCleanup(self.forget, name)
        return name

    def forget(self, name):
        try:
            shared.unlink(name)
        except FileNotFoundError:
            pass

    def cpp(self, command, name, number=0):
        return Side(self, os.environ["CPP_SIDE"], command, name, str(number))

    def python(self, code, *arguments):
        return Side(self, sys.executable, "-c", "import multiprocessing_shared as shared, sys\n" + code, *map(str, arguments))

    hold = """
counter = shared.SharedValue.open(sys.argv[1])
with counter.get_lock():
    counter.value += 1
    print("ready", flush=True)
    sys.stdin.readline()
"""


class Together(Case):
    def test_two_cpp_and_two_python_processes_lose_no_increment(self):
        counter = shared.SharedValue.create(self.name(), "i8", 7)
        increment = """
counter = shared.SharedValue.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    with counter.get_lock():
        counter.value += 1
"""
        sides = [self.cpp("increment", counter.name, 50000), self.python(increment, counter.name, 20000),
                 self.cpp("increment", counter.name, 50000), self.python(increment, counter.name, 20000)]
        for each in sides:
            each.ready()
        for each in sides:
            each.process.stdin.write("\n")
            each.process.stdin.flush()
        for each in sides:
            each.end()
        self.assertEqual(counter.value, 7 + 2 * 50000 + 2 * 20000)

    def test_a_cpp_array_of_double_as_numpy_without_a_copy(self):
        name = self.name()
        maker = self.cpp("make_doubles", name, 4).ready()
        array = shared.SharedArray.open(name)
        view = array.as_numpy()
        self.assertEqual((view.dtype, view.shape, view.flags.writeable, view.flags.owndata), (numpy.float64, (4,), True, False))
        view[:] = [1, 2, 3, 4]
        self.assertEqual(self.cpp("add", name, 10).end(), "")
        self.assertEqual(view.tolist(), [11, 12, 13, 14])
        array[1:3] = [0.5, 0.25]
        view[3] *= 2
        self.assertEqual(view.tolist(), [11, 0.5, 0.25, 28])
        self.assertEqual(maker.end().split(), ["11", "0.5", "0.25", "28"])

    def test_a_view_outlives_the_object_and_its_name(self):
        view = shared.SharedArray.create(self.name(), "f8", 100000).as_numpy()[1000:2000]
        view += 1
        self.assertEqual(view.sum(), 1000)

    def test_a_python_array_is_a_SharedArray_of_double_in_cpp(self):
        array = shared.SharedArray.create(self.name(), "f8", [1, 2.5])
        self.cpp("add", array.name, 1).end()
        self.assertEqual(array[:], [2, 3.5])

    def test_an_array_of_structs_has_a_structured_dtype(self):
        name = self.name()
        maker = self.cpp("make_samples", name).ready()
        array = shared.SharedArray.open(name)
        self.assertEqual(array.format, "{0:i4,8:f8,16:3*f8}40")
        view = array.as_numpy()
        self.assertEqual([view.dtype.fields[f"f{i}"][1] for i in range(3)], [0, 8, 16])
        self.assertEqual((view.dtype.itemsize, view["f2"].shape), (40, (2, 3)))
        view.dtype.names = ("number", "weight", "place")
        self.assertEqual(view["number"].tolist(), [1, 2])
        self.assertEqual(view["place"].tolist(), [[1, 2, 3], [4, 5, 6]])
        self.assertEqual(array[0], (1, 0.5, [1, 2, 3]))
        array[1] = (7, 0.75, [0, 0, 0])
        view["place"][1, 2] = 9
        self.assertEqual(maker.end(), "7 0.75 9\n")

    def test_a_python_struct_is_one_in_cpp(self):
        value = shared.SharedValue.create(self.name(), "{0:i4,8:f8,16:3*f8}40", (3, 0.5, (1, 2, 3)))
        self.assertEqual(self.cpp("print_sample", value.name).end(), "3 0.5 3\n")
        self.assertEqual(value.value, (3, 0.5, [1, 2, 3]))

    def test_every_kind_and_element(self):
        name = self.name()
        for suffix in ("nested", "text", "wide", "long_double", "closed", "empty", "rlock", "lock", "bytes"):
            self.addCleanup(self.forget, f"{name}.{suffix}")
        maker = self.cpp("make_all_kinds", name).ready()
        nested = shared.SharedValue.open(name + ".nested")
        self.assertEqual(nested.value, (True, (1, 0.5, [1, 2, 3]), [[1, 2], [3, 4]]))
        nested.value = (False, (2, 1.5, [0, 0, 1]), [[5, 6], [7, 8]])
        view = nested.as_numpy()
        self.assertEqual(view.shape, ())
        self.assertEqual(view["f2"].tolist(), [[5, 6], [7, 8]])
        self.assertEqual((view["f1"]["f1"], view["f0"]), (1.5, False))
        self.assertEqual(shared.RawArray.open(name + ".text")[:], [b"h", b"e", b"l", b"l", b"o"])
        self.assertEqual(shared.RawArray.open(name + ".text").as_numpy().tobytes(), b"hello")
        self.assertEqual("".join(shared.SharedArray.open(name + ".wide")[:]), "h\u00e9")
        self.assertEqual(shared.SharedArray.open(name + ".wide").as_numpy().tolist(), ["h", "\u00e9"])
        self.assertEqual(shared.RawValue.open(name + ".long_double").as_numpy()[()], 0.25)
        closed = shared.SharedValue.open(name + ".closed")
        self.assertEqual((closed.format[:4], closed.value), ("?16:", bytes(16)))
        closed.value = bytes(range(16))
        self.assertEqual(closed.as_numpy().tobytes(), bytes(range(16)))
        empty = shared.SharedArray.open(name + ".empty")
        self.assertEqual((len(empty), empty[:], empty[::-1], empty.as_numpy().shape), (0, [], [], (0,)))
        self.assertEqual(shared.RawValue.open(name + ".bytes").value, [1, 2, 3, 255])
        with shared.RLock.open(name + ".rlock") as taken, shared.RLock.open(name + ".rlock"):
            self.assertTrue(taken)
        lock = shared.Lock.open(name + ".lock")
        with lock:
            self.assertTrue(lock.locked())
            self.assertRaises(RuntimeError, lock.acquire)
        self.assertFalse(lock.locked())
        maker.end()

    def test_LayoutError_on_both_sides(self):
        name = self.name()
        maker = self.cpp("make_counter", name).ready()
        for refused in (lambda: shared.SharedArray.open(name), lambda: shared.RLock.open(name),
                        lambda: shared.SharedValue.open_or_create(name, "f8", 0), lambda: shared.RawValue.open_or_create(name, "i8", 0)):
            with self.assertRaisesRegex(shared.LayoutError, f'"{name}" is a SharedValue.*was opened as a'):
                refused()
        array = shared.SharedArray.create(self.name(), "f8", 2)
        self.assertRegex(self.cpp("increment", array.name).end(3), "LayoutError: .* is a SharedArray of 2 x f8, .* SharedValue of 1 x i8")
        maker.end()

    def test_a_header_that_lies_is_refused(self):
        array = shared.SharedArray.create(self.name(), "f8", 3)
        with open("/dev/shm/mp." + array.name, "r+b", buffering=0) as file: # POSIX alone; the tests of Python run nowhere else
            whole = file.read()

            def refused(at, wrong, with_checksum):
                changed = bytearray(whole)
                changed[at : at + len(wrong)] = wrong
                if with_checksum:
                    changed[248:256] = struct.pack("=Q", fnv1a(changed[:248]))
                os.pwrite(file.fileno(), changed, 0)
                with self.subTest(at=at, wrong=wrong):
                    self.assertRaises(shared.LayoutError, shared.SharedArray.open, array.name)

            for at in range(256):
                refused(at, bytes([whole[at] ^ 0x40]), False)
            for at in range(16, 80, 8): # total_bytes, object_offset, value_offset, element_bytes, element_alignment, count, fingerprint, life_table
                for number in (0, 5, 7, 2**32, 2**61, 2**63, 2**64 - 8, 2**64 - 1):
                    refused(at, struct.pack("=Q", number), True)
            for format in (b"f4", b"i8", b"3*f8", b"", b"{" * 150, b"f8" * 80):
                refused(88, format + b"\0", True)
            for kind in (0, 1, 2, 3, 5, 6, 7, 12, 2**32 - 1):
                refused(12, struct.pack("=I", kind), True)
            refused(256 + 11, b"\0", False)           # the lock's note of where the elements are
            refused(256 + 12, struct.pack("=I", 1), False) # a store is to be completed, of nothing
            for format in (b"O8", b"1*O8", b"{0:O8}8", b"M8", b"V8"): # what numpy would take for pointers, and for other things
                changed = bytearray(whole)
                changed[88 : 88 + len(format) + 1] = format + b"\0"
                changed[64:72] = struct.pack("=Q", fnv1a(format))
                changed[248:256] = struct.pack("=Q", fnv1a(changed[:248]))
                os.pwrite(file.fileno(), changed, 0)
                with self.subTest(format=format):
                    self.assertRaisesRegex(shared.LayoutError, "is not the format of an element", shared.SharedArray.open, array.name)
            os.pwrite(file.fileno(), whole, 0)
        self.assertEqual(shared.SharedArray.open(array.name)[:], [0, 0, 0])


class ReadOnly(Case):
    def test_read_only_shows_and_does_not_change(self):
        counter = shared.SharedValue.create(self.name(), "i8", 7)
        seen = shared.SharedValue.open(counter.name, read_only=True)
        array = shared.SharedArray.create(self.name(), "f8", [1, 2, 3])
        view = shared.SharedArray.open(array.name, read_only=True)
        with counter.get_lock(): # which keeps nobody from looking
            counter.value += 1
            self.assertEqual(seen.value, 8)
        array[1] = 0.5
        self.assertEqual((view[:], view.as_numpy().tolist()), ([1, 0.5, 3], [1, 0.5, 3]))
        for write in (lambda: setattr(seen, "value", 1), seen.get_lock().acquire, seen.get_lock().release, lambda: view.__setitem__(0, 1.0)):
            self.assertRaisesRegex(PermissionError, "MP_READ_ONLY", write)
        with self.assertRaisesRegex(ValueError, "read-only"): # by numpy, and no fault
            view.as_numpy()[0] = 9
        self.assertRaises(PermissionError, lambda: setattr(pickle.loads(pickle.dumps(seen)), "value", 1)) # an argument of a process stays so
        self.assertEqual((counter.value, array[:]), (8, [1, 0.5, 3]))
        self.assertRaises(shared.LayoutError, shared.RawValue.open, counter.name, read_only=True)

    def test_a_stray_write_to_what_is_read_only_is_a_fault(self):
        counter = shared.SharedValue.create(self.name(), "i8", 7)
        stray = self.python("""
import ctypes
seen = shared.SharedValue.open(sys.argv[1], read_only=True)
ctypes.c_int64.from_address(shared._library.mp_elements(seen._pointer)).value = 9
""", counter.name)
        self.assertEqual(stray.process.wait(PATIENCE), -signal.SIGSEGV)
        self.assertEqual(counter.value, 7)


class Kill(Case):
    def test_a_killed_python_holder_has_an_heir_in_cpp(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        self.python(self.hold, counter.name).ready().kill()
        self.assertFalse(counter.get_lock().locked())
        self.assertEqual(self.cpp("inherit", counter.name).end(), "1 1 1\n")
        self.assertEqual(self.cpp("inherit", counter.name).end(), "1 0 1\n") # it was made consistent

    def test_a_killed_cpp_holder_has_an_heir_in_python(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        holder = self.cpp("hold", counter.name).ready()
        lock = counter.get_lock()
        self.assertTrue(lock.locked())
        self.assertFalse(lock.acquire(block=False))
        begin = time.monotonic()
        self.assertFalse(lock.acquire(timeout=0.12))
        self.assertGreaterEqual(time.monotonic() - begin, 0.1)
        self.assertRaises(shared.NotOwnerError, lock.release)
        holder.kill()
        self.assertTrue(lock.acquire(timeout=30))
        self.assertTrue(lock.owner_died())
        lock.make_consistent()
        self.assertFalse(lock.owner_died())
        lock.release()
        self.assertRaises(shared.NotOwnerError, lock.make_consistent)

    def test_a_waiter_gets_the_lock_of_the_killed(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        holder = self.python(self.hold, counter.name).ready()
        waiters = [self.cpp("inherit", counter.name), self.python("""
counter = shared.SharedValue.open(sys.argv[1])
with counter.get_lock():
    print(counter.value)
""", counter.name)]
        holder.kill()
        self.assertRegex(waiters[0].end(), "^1 [01] 1\n$") # the first of the two may have made it consistent
        self.assertEqual(waiters[1].end(), "1\n")

    def test_the_policy_and_repair(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        lock = counter.get_lock()
        lock.refuse_when_owner_died()
        self.python(self.hold, counter.name).ready().kill()
        with self.assertRaises(shared.OwnerDied):
            lock.acquire()
        with self.assertRaises(shared.OwnerDied):
            counter.value
        self.assertFalse(lock.locked())

        def fail():
            raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, lock.repair, fail)
        self.assertTrue(lock.owner_died())
        self.assertTrue(lock.repair(lambda: counter.as_numpy().fill(20)))
        self.assertFalse(lock.repair(fail))
        self.assertEqual(counter.value, 20)

    def test_a_killed_store_is_whole_or_not_made(self):
        count = 1 << 18
        array = shared.SharedArray.create(self.name(), "f8", count)
        writer = """
import itertools, os, struct
parent = os.getppid()
array = shared.SharedArray.open(sys.argv[1])
texts = [struct.pack("d", i) * len(array) for i in range(5)]
print("ready", flush=True)
for text in itertools.cycle(texts):
    if os.getppid() != parent: # the test was ended before it ended this
        break
    shared._call("mp_store", array._pointer, 0, 1, len(array), text, len(text))
"""
        values = set()
        for attempt in range(200): # until one was killed between two stores, and another later
            if attempt >= 12 and len(values) > 1:
                break
            before = array.as_numpy()[0]
            side = self.python(writer, array.name).ready()
            until = time.monotonic() + 60
            while array.as_numpy()[0] == before and time.monotonic() < until: # it has begun to store
                time.sleep(0.001)
            time.sleep(random.uniform(0, 0.02)) # when it is killed is to be any moment
            side.kill()
            with array.get_lock():
                seen = numpy.unique(array.as_numpy())
                array.get_lock().make_consistent()
            self.assertEqual(len(seen), 1)
            values.add(seen[0])
            self.assertEqual(self.cpp("is_uniform", array.name).end(), "1\n")
        self.assertGreater(len(values), 1)

    def test_collect_removes_what_a_killed_maker_left(self):
        name = self.name()
        side = self.python('value = shared.SharedValue.create(sys.argv[1], "i4", 3, unlink_on_destroy=True)\n'
                           'print("ready", flush=True)\nsys.stdin.readline()\n', name).ready()
        shared.collect()
        kept = shared.SharedValue.open(name)
        side.kill()
        shared.collect()
        self.assertRaises(FileNotFoundError, shared.SharedValue.open, name)
        self.assertEqual(kept.value, 3)


class Python(Case):
    def test_fork(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        lock = counter.get_lock()
        read_end, write_end = os.pipe()
        lock.acquire()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                try:
                    lock.release() # the parent's, not the child's
                except shared.NotOwnerError:
                    status = 0 if not lock.acquire(block=False) else 2
                os.write(write_end, b"x")
                with lock: # waits for the parent
                    counter.value += 1
            finally:
                os._exit(status)
        os.close(write_end)
        self.assertEqual(os.read(read_end, 1), b"x") # or nothing, when the child has ended
        os.close(read_end)
        counter.value += 1
        lock.release()
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertEqual(counter.value, 2)

    def test_processes_of_both_start_methods(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        for method in ("fork", "spawn"):
            context = multiprocessing.get_context(method)
            children = [context.Process(target=increment, args=(counter, 500), daemon=True) for _ in range(3)]
            for each in children:
                each.start()
            for each in children:
                each.join(PATIENCE)
                self.assertEqual(each.exitcode, 0)
        self.assertEqual(counter.value, 2 * 3 * 500)

    def test_a_forked_child_that_dies_holding_it_has_an_heir(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        child = os.fork()
        if child == 0:
            counter.get_lock().acquire()
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        self.assertTrue(counter.acquire(timeout=30))
        self.assertTrue(counter.get_lock().owner_died())
        counter.release()

    def test_control_C_ends_a_wait(self):
        counter = shared.SharedValue.create(self.name(), "i8", 0)
        with counter:
            waiter = self.python("""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler) # which whoever started the tests may have had ignored
counter = shared.SharedValue.open(sys.argv[1])
try:
    print("ready", flush=True)
    counter.acquire()
except KeyboardInterrupt:
    sys.exit(7)
""", counter.name).ready()
            time.sleep(0.1) # so that it most likely waits already; it passes in any case
            waiter.process.send_signal(signal.SIGINT)
            self.assertEqual(waiter.process.wait(PATIENCE), 7)

    def test_a_with_block_in_every_way(self):
        value = shared.SharedValue.create(self.name(), "i8", 0)
        lock = value.get_lock()

        def is_free():
            return not lock.locked() and self.assertRaises(shared.NotOwnerError, lock.release) is None

        with contextlib.ExitStack() as stack: # looks both functions up in the class
            stack.enter_context(lock)
            self.assertTrue(stack.enter_context(value))
            self.assertTrue(lock.locked())
        self.assertTrue(is_free())
        self.assertIs(lock.__enter__(), True) # by hand
        self.assertTrue(hasattr(lock, "__exit__") and lock.locked())
        with lock:
            pass
        self.assertTrue(lock.locked())
        self.assertIsNone(lock.__exit__(None, None, None))
        self.assertTrue(is_free())
        left, entered = value.__exit__, value.__enter__
        entered()
        del left # what was looked up first, as in a with statement, and dropped
        self.assertTrue(is_free())
        unused = lock.__exit__
        lock.acquire()
        del unused # which has nothing to do with it
        self.assertTrue(lock.locked())
        lock.release()
        with self.assertRaises(shared.NotOwnerError):
            with lock:
                lock.release()
        with self.assertRaises(shared.NotOwnerError):
            lock.__exit__(None, None, None)
        with self.assertRaises(KeyError):
            with lock:
                raise KeyError
        with value:
            waited = []
            thread = threading.Thread(target=lambda: waited.append(lock.acquire(timeout=0.01)))
            thread.start()
            thread.join()
            self.assertEqual(waited, [False])
            value.close() # keeps the lock that is held
            self.assertTrue(lock.locked())
        self.assertTrue(is_free())
        for closed in (lambda: value.__enter__(), lambda: value.__exit__(None, None, None), value.acquire, value.release):
            self.assertRaisesRegex(ValueError, "was closed", closed)
        array = shared.RawArray.create(self.name(), "i8", 1)
        self.assertFalse(hasattr(array, "acquire") or hasattr(array, "__enter__"))
        looking = shared.SharedValue.open(shared.SharedValue.create(self.name(), "i8", 0).name, read_only=True)
        with self.assertRaises(PermissionError):
            with looking:
                pass

    def test_what_was_passed_on_is_the_same_object_with_the_same_wishes(self):
        name = self.name()
        value = shared.SharedValue.create(name, "i8", 1)
        os.link("/dev/shm/mp." + name, "/dev/shm/mp." + name + ".second") # now it could be another user's: see named_memory
        self.addCleanup(self.forget, name + ".second")
        with self.assertRaises(PermissionError):
            pickle.loads(pickle.dumps(value))
        wished = shared.SharedValue.open(name, of_any_user=True)
        again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(wished)))) # the second time of what was passed on
        again.value = 5
        self.assertEqual(value.value, 5)
        made = shared.SharedArray.open_or_create(self.name(), "i8", 3, of_any_user=True)
        os.link("/dev/shm/mp." + made.name, "/dev/shm/mp." + made.name + ".second")
        self.addCleanup(self.forget, made.name + ".second")
        self.assertEqual(pickle.loads(pickle.dumps(made))[:], [0, 0, 0])
        looking = pickle.loads(pickle.dumps(shared.SharedValue.open(name, of_any_user=True, read_only=True)))
        self.assertRaises(PermissionError, looking.acquire)

    def test_a_name_given_again_is_not_the_object_that_was_passed_on(self):
        for kind, content in ((shared.SharedValue, ("i8", 1)), (shared.RawArray, ("i8", 1)), (shared.RLock, ())):
            first = kind.create(self.name(), *content)
            passed_on = pickle.dumps(first)
            shared.unlink(first.name)
            self.assertRaises(FileNotFoundError, pickle.loads, passed_on)
            second = kind.create(first.name, *content)
            with self.assertRaisesRegex(FileNotFoundError, first.name + ".*given to another one.*unlink"):
                pickle.loads(passed_on)
            pickle.loads(pickle.dumps(second)) # that one is there

    def test_values(self):
        for format, value in [("i1", -128), ("u8", 2**64 - 1), ("f4", 0.5), ("b1", True), ("S1", b"x"), ("U4", "\U0001f600"), ("U2", "\u00e9"),
                              ("2*2*i2", [[1, -2], [3, 4]]), ("{0:b1,4:i4}8", (False, 5)), ("f16", bytes(16))]:
            for kind in (shared.SharedValue, shared.RawValue):
                with self.subTest(format=format, kind=kind):
                    object = kind.create(self.name(), format, value)
                    self.assertEqual((object.value, object.format), (value, format))
                    object.value = value
                    self.assertEqual(kind.open(object.name).value, value)
        number = shared.SharedValue.create(self.name(), "i2")
        for bad, error in [(32768, OverflowError), (-32769, OverflowError), (1.5, TypeError), ("1", TypeError)]:
            with self.assertRaises(error):
                number.value = bad
        self.assertEqual(number.value, 0)
        again = shared.SharedValue.open_or_create(number.name, "i2", 5)
        again.value = 3
        self.assertEqual(number.value, 3)
        self.assertEqual(pickle.loads(pickle.dumps(number)).value, 3)
        self.assertRaises(TypeError, pickle.dumps, number.get_lock())
        number.close()
        with self.assertRaisesRegex(ValueError, "was closed"):
            number.value
        self.assertRaises(ValueError, number.get_lock)

    def test_indices_and_slices(self):
        for kind in (shared.SharedArray, shared.RawArray):
            array, model = kind.create(self.name(), "i4", range(7)), list(range(7))
            bounds = [None, -9, -7, -2, 0, 1, 6, 7, 9]
            for start in bounds:
                for stop in bounds:
                    for step in (None, 1, 2, -1, -3, 8, -8):
                        part = slice(start, stop, step)
                        self.assertEqual(array[part], model[part])
                        array[part] = model[part] = [-each for each in model[part]]
                        self.assertEqual(array[:], model)
            self.assertEqual((len(array), array[-1], list(array), -3 in array), (7, model[-1], model, -3 in model))
            for bad in (7, -8):
                self.assertRaises(IndexError, lambda: array[bad])
                self.assertRaises(IndexError, array.__setitem__, bad, 1)
            self.assertRaises(ValueError, array.__setitem__, slice(0, 2), [1])
            self.assertRaises(ValueError, lambda: array[::0])
            self.assertRaises(TypeError, lambda: array[0.5])
            self.assertEqual(array[:], model)

    def test_refusals(self):
        name = self.name()
        for bad in ("", "a/b", "a\0b", "x" * 201):
            self.assertRaises(ValueError, shared.SharedValue.create, bad, "i4", 0)
        for bad in ("", "i3", "x", "i", "{0:i4,4:f8}16", "?8:3Foo", "i4\0", "i4 ", "3*", "{", "1*" * 500 + "i4"):
            with self.subTest(format=bad):
                self.assertRaises(ValueError, shared.SharedValue.create, name, bad)
        self.assertRaises(ValueError, shared.SharedArray.create, name, "i4", -1)
        self.assertRaises(ValueError, shared.SharedArray.create, name, "f8", 2**62)
        self.assertRaises(FileNotFoundError, shared.SharedValue.open, name)
        self.assertRaises(FileNotFoundError, shared.unlink, name)
        value = shared.SharedValue.create(name, "i4", 0, mode=0o640)
        self.assertEqual(os.stat("/dev/shm/mp." + name).st_mode & 0o777, 0o640)
        self.assertRaises(FileExistsError, shared.SharedValue.create, name, "i4", 0)
        shared.unlink(name)
        self.assertRaises(FileNotFoundError, shared.SharedValue.open, name)
        self.assertEqual(value.value, 0)
        with self.assertRaises(MemoryError):
            shared.SharedArray.create(name, "f8", 2**45)

    def test_the_library_that_is_not_there(self):
        self.python("""
try:
    shared.load_library("/nowhere/libmultiprocessing_c.so")
except OSError as error:
    assert "/nowhere" in str(error)
else:
    sys.exit(1)
""").end()


def fnv1a(data):
    hash = 0xCBF29CE484222325
    for each in data:
        hash = (hash ^ each) * 0x100000001B3 % 2**64
    return hash


def increment(counter, times):
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1


if __name__ == "__main__":
    unittest.main()
