"""Named objects of the C++ library multiprocessing, from Python: values and arrays with a lock that no kill can leave locked.

    import multiprocessing_shared as shared

    hits = shared.SharedValue.open_or_create("hits", "i8", 0)
    with hits.get_lock():
        hits.value += 1

    samples = shared.SharedArray.create("samples", "f8", 1000)      # C++: SharedArray<double>(open_only, "samples")
    samples.as_numpy()[:] = 0.5                                     # the same memory, no copy

`create` makes an object and fails with FileExistsError when it is there; `open` opens it and fails with FileNotFoundError when it is not, and
with LayoutError when it is something else; `open_or_create` does either. Objects stay until `unlink(name)`, or end with their maker if they were
made with `unlink_on_destroy=True`. What an element is, is said as text, which C++ derives from its types:

    i4 u8 f8      a signed integer, an unsigned one, a floating-point number, of so many bytes
    b1 S1 U4      bool, char (bytes of length 1 here), a wider character (str of length 1)
    3*f8          std::array<double, 3> (a list)
    {0:i4,8:f8}16 a struct: its members with their offsets, and its size (a tuple)

`.value`, `[i]` and slices take the lock for that one operation, and a store is all-or-nothing, also if this process is killed in it. As in Python's
own multiprocessing, `value.value += 1` is two operations: hold get_lock() around it. The lock is recursive. When its owner dies holding it, the next
one has it and `get_lock().owner_died()` tells; `os.fork` and the start methods of multiprocessing work, and these objects are passed as arguments
by their names; where the name was given to another object meanwhile, that is a FileNotFoundError.

Control-C, or whatever a signal handler raises, finds a thread inside `with value.get_lock():`, or without the lock; nowhere in between (CPython).

The module needs the library multiprocessing_c (CMake: -D MULTIPROCESSING_BUILD_C_INTERFACE=ON). It is found by the environment variable
MULTIPROCESSING_LIBRARY, by `load_library(path)` before the first object, or where the system keeps libraries. numpy is used by as_numpy() alone.
"""

import collections.abc
import ctypes
import ctypes.util
import functools
import itertools
import math
import operator
import os
import struct
import sys
import threading
import time
import weakref

__all__ = ["LayoutError", "Lock", "NotOwnerError", "OwnerDied", "RLock", "RawArray", "RawValue", "SharedArray", "SharedValue", "collect",
           "load_library", "unlink"]


class LayoutError(TypeError):
    """Behind a name there is something else than was asked for: another kind, another element, or no object of the library."""


class NotOwnerError(AssertionError):
    """The calling thread does not hold the lock. (An AssertionError is what Python's own locks raise.)"""


class OwnerDied(OSError):
    """The lock was not taken, for an owner died holding it and its policy asks for a repair first: see RLock.repair."""


# --- The library ------------------------------------------------------------------------------------------------------------------------------

_TIMED_OUT = 1
_exceptions = {-1: ValueError, -2: FileExistsError, -3: FileNotFoundError, -4: LayoutError, -5: MemoryError, -6: PermissionError,
               -7: NotOwnerError, -8: RuntimeError, -9: OwnerDied, -10: IndexError, -11: MemoryError, -12: OSError}
_OPEN_OR_CREATE, _OF_ANY_USER, _UNLINK_ON_DESTROY, _READ_ONLY = 1, 2, 4, 8


class _Answers(dict):
    """What the results of a function stand for: its `restype`. No byte code runs for those that are in here; the others are raised."""

    def __missing__(self, result):
        raise _exceptions.get(result, OSError)(_library.mp_error_message().decode(errors="replace"))


_library = None
_leave_if_inside = None # mp_leave, without an exception's three arguments
_removed_function = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)


def load_library(path=None):
    """Loads the library multiprocessing_c from a path; without one, from where it is found. Done by the first object, if not before."""
    global _library, _leave_if_inside
    path = path or os.environ.get("MULTIPROCESSING_LIBRARY") or ctypes.util.find_library("multiprocessing_c")
    if not path:
        raise ImportError("the library multiprocessing_c was not found: set MULTIPROCESSING_LIBRARY to its path, or call load_library(path)")
    library = ctypes.CDLL(path)
    handle, name, text, size, number, result = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_int)
    elements = [handle, number, ctypes.c_int64, number, ctypes.c_void_p, size]
    note, anything = ctypes.POINTER(ctypes.c_int), ctypes.py_object
    taken, given_back = _Answers({0: True, _TIMED_OUT: False}).__getitem__, _Answers({0: None}).__getitem__
    for function, returns, *arguments in [
        ("mp_create", result, name, ctypes.c_int, text, number, ctypes.c_char_p, ctypes.c_uint, ctypes.c_uint, ctypes.POINTER(handle)),
        ("mp_open", result, name, ctypes.c_uint, ctypes.POINTER(handle)),
        ("mp_close", None, handle),
        ("mp_unlink", result, name),
        ("mp_collect", result, _removed_function, ctypes.c_void_p),
        ("mp_kind_of", ctypes.c_int, handle),
        ("mp_format", text, handle),
        ("mp_count", number, handle),
        ("mp_element_bytes", size, handle),
        ("mp_elements", ctypes.c_void_p, handle),
        ("mp_load", result, *elements),
        ("mp_store", result, *elements),
        ("mp_identity", text, handle),
        ("mp_enter", taken, handle, number, ctypes.c_int, note),
        ("mp_leave", given_back, handle, note, anything, anything, anything),
        ("mp_unlock", given_back, handle),
        ("mp_is_locked", ctypes.c_int, handle),
        ("mp_owner_died", ctypes.c_int, handle),
        ("mp_make_consistent", result, handle),
        ("mp_set_owner_died_policy", result, handle, ctypes.c_int),
        ("mp_error_message", text),
    ]:
        entry = getattr(library, function)
        entry.restype, entry.argtypes = returns, arguments
    leave_if_inside = library["mp_leave"]
    leave_if_inside.restype, leave_if_inside.argtypes = given_back, (handle, note)
    _library, _leave_if_inside = library, leave_if_inside
    return library


def _call(function, *arguments):
    """Calls a function of the library, and raises what its result stands for; MP_OK and MP_TIMED_OUT are returned."""
    library = _library or load_library()
    result = getattr(library, function)(*arguments)
    if result < 0:
        raise _exceptions.get(result, OSError)(library.mp_error_message().decode(errors="replace"))
    return result


def _encoded(text):
    if "\0" in text:
        raise ValueError(f"multiprocessing: {text!r} has a NUL in it")
    return text.encode()


class _Handle:
    """A handle of the library. Views of the memory keep it, so it is closed with the last of them. A forked child has a copy of its own."""

    def __init__(self):
        self.pointer = self._as_parameter_ = ctypes.c_void_p() # of nothing, until the library writes it there: nothing is lost in between
        self._close = functools.partial((_library or load_library()).mp_close, self.pointer)

    __del__ = property(operator.attrgetter("_close")) # without byte code: see _Scope


# --- Inside or not ----------------------------------------------------------------------------------------------------------------------------

# A signal handler runs between two byte codes, and may raise. So there must be no byte code between that a lock is taken and that the with statement knows it,
# nor between that it lets go and that the lock is free. `with lock` looks up __enter__ and __exit__, calls the first, and from then on calls the second
# whatever happens, but for some byte codes at the end of the block, where an exception makes it drop the second without a call. Hence:
# * __enter__ is any(starmap(mp_enter, ...)), all in C. Byte code runs before each attempt, in the generator of its arguments, and after a failure.
# * __exit__ is a _Scope: what is called, and what is called when it is dropped instead, is mp_leave, in C. It gives back once, and if mp_enter has taken.
# * What is looked up on the way to them is found by property(attrgetter(...)), in C.
# mp_enter writes into the _Scope that was looked up last in this thread; so it is known by the first attempt, in whatever order they are looked up.


class _Scope:
    """The end of one with block. Looked up without __enter__, it is a release."""

    __slots__ = ("handle", "inside", "leave", "drop", "__weakref__")

    def __init__(self, lock):
        self.handle = lock._handle
        self.inside = ctypes.c_int()
        self.leave = functools.partial(_release_plainly, lock)
        self.drop = int # which does nothing
        offers = _offers.scopes
        while offers and offers[-1]() is None:
            offers.pop()
        offers.append(weakref.ref(self))

    def admit(self):
        self.leave = functools.partial(_library.mp_leave, self.handle, self.inside)
        self.drop = functools.partial(_leave_if_inside, self.handle, self.inside)
        return self.inside

    __call__ = property(operator.attrgetter("leave"))
    __del__ = property(operator.attrgetter("drop"))


class _Offers(threading.local):
    """The scopes that wait for their __enter__, the last one on top: one that a signal handler needs comes and goes above that which it interrupts."""

    def __init__(self):
        self.scopes = []


_offers = _Offers()


def _admitted(handle):
    """Where mp_enter is to write that it has taken the lock."""
    offers = _offers.scopes
    while offers and offers[-1]() is None:
        offers.pop()
    scope = offers[-1]() if offers else None
    if scope is None or scope.handle is not handle:
        return ctypes.c_int() # of an __enter__ that somebody calls by hand
    offers.pop()
    return scope.admit()


def _attempts(handle, inside, deadline):
    """Arguments of mp_enter, in slices, between which Python sees to its signals: else nobody could interrupt a wait with control-C."""
    slice = 50
    while slice != 0:
        if deadline is not None:
            slice = max(0, min(50, math.ceil((deadline - time.monotonic()) * 1000)))
        yield handle, slice, 0, inside


def _attempts_of_with(lock):
    handle, to_repair = lock._open_handle, lock._to_repair
    inside = _admitted(handle)
    while True:
        yield handle, 50, to_repair, inside


def _enter(lock):
    return functools.partial(any, itertools.starmap(_library.mp_enter, _attempts_of_with(lock)))


def _acquire_plainly(lock):
    return lock.acquire()


def _release_plainly(lock, *exception):
    lock.release()


def _refuse_closed(name):
    raise ValueError(f'multiprocessing: "{name}" was closed')


class _Special:
    """__enter__ or __exit__: of an object, what is made for one use; of the class, as ExitStack has it, a function of an object."""

    def __init__(self, make, plainly):
        self.make, self.plainly = make, plainly

    def __get__(self, lock, owner=None):
        return self.plainly if lock is None else self.make(lock)


class _Lockable:
    """What can be locked, by `acquire` and `release` and by the with statement."""

    _to_repair = 0

    def acquire(self, block=True, timeout=None):
        """Takes the lock, one level more if this thread holds it. Waits for at most `timeout` seconds, or as long as it takes. Whether it was taken.

        What a signal handler raises meanwhile comes out of it without the lock (CPython 3.11 or later; in older ones, and behind its return in all of them,
        there is a place where it comes out with the lock: `with` has none).
        """
        if not block:
            timeout = 0
        deadline = None if timeout is None else time.monotonic() + timeout
        handle, inside = self._open_handle, ctypes.c_int()
        try:
            return any(itertools.starmap(_library.mp_enter, _attempts(handle, inside, deadline)))
        except BaseException:
            _leave_if_inside(handle, inside)
            raise

    # Without byte code, so that in a `finally` nothing comes in front of it.
    release = property(operator.attrgetter("_release"), doc="Gives one level back. NotOwnerError when this thread does not hold the lock.")
    __enter__ = _Special(_enter, _acquire_plainly)
    __exit__ = _Special(_Scope, _release_plainly)


# --- Elements ---------------------------------------------------------------------------------------------------------------------------------

class _Number:
    def __init__(self, format, letter, size):
        self.format, self.letter, self.size = format, letter, size

    def decode(self, data):
        if self.letter in "iu":
            return int.from_bytes(data, sys.byteorder, signed=self.letter == "i")
        if self.letter == "f" and self.size in (4, 8):
            return struct.unpack("=" + "fd"[self.size == 8], data)[0]
        if self.letter == "b":
            return data != b"\0"
        if self.letter == "U":
            return chr(int.from_bytes(data, sys.byteorder))
        return bytes(data) # a char; a number or a class that Python does not have

    def encode(self, value):
        if self.letter in "iu":
            return operator.index(value).to_bytes(self.size, sys.byteorder, signed=self.letter == "i") # OverflowError, and never cut off
        if self.letter == "f" and self.size in (4, 8):
            return struct.pack("=" + "fd"[self.size == 8], value)
        if self.letter == "b":
            return b"\1" if value else b"\0"
        if self.letter == "U":
            return ord(value).to_bytes(self.size, sys.byteorder)
        data = bytes(value)
        if len(data) != self.size:
            raise ValueError(f"{self.format} takes {self.size} bytes, not {len(data)}")
        return data

    def dtype(self, numpy):
        if self.letter == "U":
            return numpy.dtype("U1" if self.size == 4 else f"u{self.size}")
        return numpy.dtype(f"V{self.size}" if self.letter == "?" else self.format)


class _SubArray:
    def __init__(self, count, each):
        self.count, self.each, self.size = count, each, count * each.size

    def decode(self, data):
        return [self.each.decode(data[i : i + self.each.size]) for i in range(0, self.size, self.each.size)]

    def encode(self, value):
        items = list(value)
        if len(items) != self.count:
            raise ValueError(f"{self.count} items are needed, not {len(items)}")
        return b"".join(map(self.each.encode, items))

    def dtype(self, numpy):
        return numpy.dtype((self.each.dtype(numpy), (self.count,)))


class _Struct:
    def __init__(self, members, size):
        self.members, self.size = members, size # [(offset, element)]

    def decode(self, data):
        return tuple(each.decode(data[offset : offset + each.size]) for offset, each in self.members)

    def encode(self, value):
        items = tuple(value)
        if len(items) != len(self.members):
            raise ValueError(f"the struct has {len(self.members)} members, not {len(items)}")
        data = bytearray(self.size)
        for (offset, each), item in zip(self.members, items):
            data[offset : offset + each.size] = each.encode(item)
        return bytes(data)

    def dtype(self, numpy):
        return numpy.dtype({"names": [f"f{i}" for i in range(len(self.members))], "formats": [each.dtype(numpy) for _, each in self.members],
                            "offsets": [offset for offset, _ in self.members], "itemsize": self.size})


def _parse(format):
    """The element that a format describes. The library has checked the format of what it made or opened; this only reads it."""
    at = 0

    def number():
        nonlocal at
        begin = at
        while at < len(format) and format[at].isdigit():
            at += 1
        return int(format[begin:at])

    def element():
        nonlocal at
        begin = at
        if format[at] == "{":
            members = []
            while format[at] != "}":
                at += 1 # the bracket or the comma
                offset = number()
                at += 1 # the colon
                members.append((offset, element()))
            at += 1
            return _Struct(members, number())
        if format[at].isdigit():
            count = number()
            at += 1 # the star
            return _SubArray(count, element())
        letter = format[at]
        if letter not in "iufbSU?": # others mean something to numpy: the O of a format that somebody wrote into shared memory, a pointer
            raise ValueError
        at += 1
        size = number()
        if letter == "?": # ?24:4Node: its size, and a name which begins with its own length where g++ and clang made it
            at += 1
            name = number() if at < len(format) and format[at].isdigit() else len(format)
            at = min(at + name, len(format))
        return _Number(format[begin:at], letter, size)

    try:
        return element()
    except (IndexError, ValueError):
        raise ValueError(f'"{format}" is not the format of an element; write for example i8, 3*f8 or {{0:i4,8:f8}}16') from None


# --- Objects ----------------------------------------------------------------------------------------------------------------------------------

class _Object:
    """What has a name. Not made by calling the class, but by `open`, and by `create` and `open_or_create`."""

    _kind = None

    def __init__(self, name, handle, read_only=False, of_any_user=False):
        self.name = name
        self._handle = handle
        self._release = functools.partial(_library.mp_unlock, handle)
        self._read_only, self._of_any_user = read_only, of_any_user
        self._identity = _library.mp_identity(handle)
        found = _library.mp_kind_of(handle)
        if found != self._kind:
            raise LayoutError(f'multiprocessing: "{name}" is a {_class_names[found]}, and was opened as a {type(self).__name__}')

    @classmethod
    def open(cls, name, *, of_any_user=False, read_only=False):
        """Opens what somebody made. FileNotFoundError, LayoutError, PermissionError.

        `read_only` is for who only looks, and may only look: what would change the object, or take its lock, is a PermissionError, as_numpy()
        is not writeable, and a value or an element of more than 8 bytes may have parts of different times.
        """
        handle = _Handle()
        wishes = (_OF_ANY_USER if of_any_user else 0) | (_READ_ONLY if read_only else 0)
        _call("mp_open", _encoded(name), wishes, ctypes.byref(handle.pointer))
        return cls(name, handle, read_only, of_any_user)

    @classmethod
    def _make(cls, wishes, name, format, count, data, mode=0, of_any_user=False, unlink_on_destroy=False):
        wishes |= (_OF_ANY_USER if of_any_user else 0) | (_UNLINK_ON_DESTROY if unlink_on_destroy else 0)
        handle = _Handle()
        _call("mp_create", _encoded(name), cls._kind, _encoded(format), count, data, mode, wishes, ctypes.byref(handle.pointer))
        return cls(name, handle, False, of_any_user)

    @property
    def _open_handle(self):
        return self._handle or _refuse_closed(self.name)

    @property
    def _pointer(self):
        return self._open_handle.pointer

    def close(self):
        """Gives the object up. Its memory stays mapped for as long as a numpy array refers to it, and its name until unlink()."""
        self._handle = None
        self._release = functools.partial(_refuse_closed, self.name)

    def __reduce__(self):
        return _reopen, (type(self), self.name, self._read_only, self._of_any_user, self._identity)


def _reopen(cls, name, read_only, of_any_user, identity):
    """By its name, with the wishes of whoever passed it on; never another object, which has the name now."""
    opened = cls.open(name, read_only=read_only, of_any_user=of_any_user)
    if opened._identity != identity:
        raise FileNotFoundError(f'multiprocessing: the object "{name}" that was passed on is not there under its name any more, which was given to another '
                                "one; pass objects on while they have their names, and unlink() them after that")
    return opened


class RLock(_Lockable, _Object):
    """A recursive lock between processes and languages: a named one, or what get_lock() returns.

    When its owner dies holding it, the next one who asks has it, after at most some milliseconds, and owner_died() says so until make_consistent().
    """

    _kind = 5

    @classmethod
    def create(cls, name, **wishes):
        """A new lock, free. `mode`, as for chmod, says who may open it; `unlink_on_destroy` that its name ends with its maker."""
        return cls._make(0, name, "", 1, None, **wishes)

    @classmethod
    def open_or_create(cls, name, **wishes):
        return cls._make(_OPEN_OR_CREATE, name, "", 1, None, **wishes)

    def locked(self):
        """Whether a living thread of any process holds the lock."""
        return _library.mp_is_locked(self._pointer) != 0

    def owner_died(self):
        """Whether an owner died holding the lock, and nobody has called make_consistent() since. To be asked while holding it."""
        return _library.mp_owner_died(self._pointer) != 0

    def make_consistent(self):
        """What the lock guards is in order again. NotOwnerError when this thread does not hold the lock."""
        _call("mp_make_consistent", self._pointer)

    def repair(self, mend):
        """Takes the lock whatever its policy says; if owner_died(), calls mend() and then make_consistent(). Whether it did."""
        with _LockToRepair(self):
            if not self.owner_died():
                return False
            mend()
            self.make_consistent()
            return True

    def refuse_when_owner_died(self, refuse=True):
        """From now on, in every process, whoever asks for the lock while owner_died() gets OwnerDied instead; with False, as at first, the lock."""
        _call("mp_set_owner_died_policy", self._pointer, 1 if refuse else 0)


class Lock(RLock):
    """The same, but for a thread that holds it already, which gets a RuntimeError instead of one level more."""

    _kind = 6


class _LockOf(RLock):
    """The lock of a value or an array."""

    def __init__(self, guarded):
        self.name, self._handle, self._release = guarded.name, guarded._handle, guarded._release

    def __reduce__(self):
        raise TypeError("pass the object itself, and ask that for its lock")


class _LockToRepair(_LockOf):
    """The same, taken whatever its policy says."""

    _to_repair = 1


class _Elements(_Object):
    def __init__(self, name, handle, read_only=False, of_any_user=False):
        super().__init__(name, handle, read_only, of_any_user)
        #: What an element is, as text.
        self.format = _library.mp_format(handle.pointer).decode()
        self._count = _library.mp_count(handle.pointer)
        self._bytes = _library.mp_element_bytes(handle.pointer)
        try:
            self._element = _parse(self.format)
        except ValueError as error: # by somebody who wrote it there by hand
            raise LayoutError(f'multiprocessing: "{name}": {error}') from None
        if self._element.size != self._bytes:
            raise LayoutError(f'multiprocessing: "{name}" has elements of {self._bytes} bytes, and its format is {self.format}')

    def _load(self, first, step, count):
        data = ctypes.create_string_buffer(max(count * self._bytes, 1))
        _call("mp_load", self._pointer, first, step, count, data, count * self._bytes)
        raw = data.raw
        return [self._element.decode(raw[i * self._bytes : (i + 1) * self._bytes]) for i in range(count)]

    def _store(self, first, step, values):
        data = b"".join(map(self._element.encode, values))
        _call("mp_store", self._pointer, first, step, len(values), data, len(data))

    def as_numpy(self):
        """The elements as a numpy array of the same memory, without a copy: an array of one dimension, or of none for a value.

        Structs have a structured dtype, whose members are called f0, f1, ... until you set `dtype.names`. Hold the lock while you write, and
        while you read what has to fit together. The memory stays mapped as long as the array, or a view of it, is there.
        """
        import numpy

        memory = (ctypes.c_char * max(self._count * self._bytes, 1)).from_address(_library.mp_elements(self._pointer))
        memory.keeps = self._handle # the array refers to `memory`, and so to the handle
        shape = () if isinstance(self, RawValue) else (self._count,)
        view = numpy.ndarray(shape, self._element.dtype(numpy), memory)
        if self._read_only: # a write would be a fault
            view.flags.writeable = False
        return view


class RawValue(_Elements):
    """One element in shared memory, without a lock."""

    _kind = 1

    @classmethod
    def create(cls, name, format, value=None, **wishes):
        """A new object that holds `value`; without one, zeros. `mode`, as for chmod, says who may open it (0600 if nothing is said);
        `unlink_on_destroy` that its name ends with its maker. FileExistsError, MemoryError; ValueError for a bad name or format."""
        return cls._make(0, name, format, 1, cls._initial(format, value), **wishes)

    @classmethod
    def open_or_create(cls, name, format, value=None, **wishes):
        """The object that is there, whatever it holds, or a new one. LayoutError when what is there has another format."""
        return cls._make(_OPEN_OR_CREATE, name, format, 1, cls._initial(format, value), **wishes)

    @staticmethod
    def _initial(format, value):
        return None if value is None else _parse(format).encode(value)

    @property
    def value(self):
        return self._load(0, 1, 1)[0]

    @value.setter
    def value(self, value):
        self._store(0, 1, [value])


class _Guarded(_Lockable):
    def get_lock(self):
        """The lock that guards the object."""
        self._open_handle # not of a closed one
        return _LockOf(self)


class SharedValue(_Guarded, RawValue):
    """One element in shared memory, guarded by a lock. `value` is read, and stored, under the lock."""

    _kind = 3


class RawArray(_Elements, collections.abc.Sequence):
    """Elements in shared memory, without a lock."""

    _kind = 2

    @classmethod
    def create(cls, name, format, elements, **wishes):
        """A new array: of so many zeros, or of what a sequence holds. `wishes` and errors as for SharedValue.create."""
        return cls._make(0, name, format, *cls._initial(format, elements), **wishes)

    @classmethod
    def open_or_create(cls, name, format, elements, **wishes):
        """The array that is there, which must be as long, or a new one."""
        return cls._make(_OPEN_OR_CREATE, name, format, *cls._initial(format, elements), **wishes)

    @staticmethod
    def _initial(format, elements):
        if hasattr(elements, "__index__"):
            if operator.index(elements) < 0:
                raise ValueError("Array length must be >= 0")
            return operator.index(elements), None
        values = list(elements)
        return len(values), b"".join(map(_parse(format).encode, values))

    def __len__(self):
        return self._count

    def __getitem__(self, index):
        if isinstance(index, slice):
            start, stop, step = index.indices(self._count)
            return self._load(max(start, 0), step, len(range(start, stop, step)))
        return self._load(self._checked(index), 1, 1)[0]

    def __setitem__(self, index, value):
        if not isinstance(index, slice):
            return self._store(self._checked(index), 1, [value])
        start, stop, step = index.indices(self._count)
        values = list(value)
        if len(values) != len(range(start, stop, step)):
            raise ValueError("Can only assign sequence of same size")
        self._store(max(start, 0), step, values)

    def _checked(self, index):
        at = operator.index(index)
        if not -self._count <= at < self._count:
            raise IndexError(f"invalid index {at}: there are {self._count} elements")
        return at % self._count


class SharedArray(_Guarded, RawArray):
    """Elements in shared memory, with one lock for all of them. An element or a slice is read, and stored, under the lock."""

    _kind = 4


_class_names = {each._kind: each.__name__ for each in (RawValue, RawArray, SharedValue, SharedArray, RLock, Lock)}


def unlink(name):
    """Takes a name away; those who have the object open keep it. FileNotFoundError."""
    _call("mp_unlink", _encoded(name))


def collect():
    """Removes the objects of this user that were made with unlink_on_destroy and whose maker was killed. Returns their names."""
    names = []
    _call("mp_collect", _removed_function(lambda name, _: names.append(name.decode())), None)
    return names
