"""How gdb shows the handles of the library multiprocessing: what they refer to, and who holds their locks.

    (gdb) source <prefix>/share/multiprocessing/gdb/multiprocessing_printers.py     # or in ~/.gdbinit
    (gdb) print counter
    $1 = SharedValue<int>, locked by thread 4711 (2 levels) = {value = 42}

Nothing here calls a function of the program or stops anybody else: shared memory is read as it is at that moment, without its locks, also in a
core file. (What others change meanwhile may be seen half-changed; a store that its dead writer left unfinished is said to be so.) A core file
has memory without a name; named memory only if bit 3 of /proc/<pid>/coredump_filter was set. The program must have been built with -g.
"""

import fcntl
import os
import struct

import gdb
import gdb.printing

_DETAIL = "multiprocessing::detail::"
_ROBUST = "multiprocessing::robust::"
_F_OFD_GETLK = 36 # Linux: fcntl(2)
_UNSIGNED = {1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long long"}


# --- Reading shared memory ------------------------------------------------------------------------------------------------------------

def _number_at(address, size):
    """The unsigned number of so many bytes there: also what a std::atomic holds, whichever standard library it is of."""
    return int(gdb.Value(address).cast(gdb.lookup_type(_UNSIGNED[size]).pointer()).dereference())


class _State:
    """A struct of the library's in shared memory: its members as numbers."""

    def __init__(self, type_name, address, namespace=_DETAIL):
        self._type, self._address = gdb.lookup_type(namespace + type_name), address

    def __getitem__(self, member):
        field = self._type[member]
        return _number_at(self._address + field.bitpos // 8, field.type.sizeof)

    def names_behind(self, count, stride=8, offset=0):
        """The words that lie behind it, and begin a new one every `stride` bytes."""
        begin = self._address + self._type.sizeof + offset
        return [_number_at(begin + i * stride, 8) for i in range(count)]


def _address_of(block):
    return int(block["address_"])


def _is_there(address):
    try:
        gdb.selected_inferior().read_memory(address, 1)
    except gdb.MemoryError:
        return False
    return True


def _pointee(pointer):
    """What a std::shared_ptr or std::unique_ptr points to, or None: in every standard library the pointer is the first word of it."""
    target = pointer.type.strip_typedefs().template_argument(0)
    raw = pointer.address.cast(target.pointer().pointer()).dereference()
    return raw.dereference() if int(raw) != 0 else None


def _text_of(string):
    try:
        return string["_M_dataplus"]["_M_p"].string(errors="backslashreplace", length=int(string["_M_string_length"]))
    except gdb.error: # not libstdc++'s
        return string.format_string().strip('"')


# --- Who holds what -------------------------------------------------------------------------------------------------------------------

class _LifeId:
    """The id of a thread, as it lies in memory: robust/life_id.hpp."""

    def __init__(self, bits):
        self.scope, self.slot, self.generation = min(bits >> 14 & 3, 2), bits >> 1 & 0x1FFF, bits >> 17
        self.is_nobody = bits & ~(3 << 14) == 0


def _is_locked(descriptor, byte):
    """Whether somebody holds a lock on that byte of the file that the process has open (platform/posix/life_token.hpp). None: that
    cannot be told, as of a core file."""
    flock = "hhqqi4x"
    question = struct.pack(flock, fcntl.F_RDLCK, os.SEEK_SET, byte, 1, 0)
    try:
        file = os.open(f"/proc/{gdb.selected_inferior().pid}/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return struct.unpack(flock, fcntl.fcntl(file, _F_OFD_GETLK, question))[0] != fcntl.F_UNLCK
        finally:
            os.close(file)
    except OSError:
        return None


def _descriptor_of_memory_at(address):
    """One by which the process has the file open that is mapped there; -1: it has none, or there is no process."""
    pid = gdb.selected_inferior().pid
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
            for line in maps:
                span, _, _, _, inode = line.split()[:5]
                begin, end = (int(each, 16) for each in span.split("-"))
                if begin <= address < end:
                    for each in os.listdir(f"/proc/{pid}/fd"):
                        if os.stat(f"/proc/{pid}/fd/{each}").st_ino == int(inode):
                            return int(each)
    except (OSError, ValueError):
        pass
    return -1


def _atomic(pointer):
    """What a std::atomic of a pointer has."""
    return pointer["_M_b"]["_M_p"]


def _state_of_process(name, type_name):
    """What all copies of the library in the process share by that name (platform/one_per_process.hpp), or None."""
    states = _atomic(gdb.parse_and_eval("multiprocessing::platform::posix::multiprocessing_copy")["states"])
    if int(states) == 0:
        return None
    places = states["places"]["_M_elems"]
    for i in range(places.type.strip_typedefs().range()[1] + 1):
        entry = _atomic(places[i])
        if int(entry) == 0:
            return None
        if entry["kind"]["name"].string() == name:
            return entry["state"].cast(gdb.lookup_type(_ROBUST + type_name).pointer()).dereference()
    return None


def _slot_of(scope, slot, lock):
    """The slot's three words, and a descriptor of its table's home. `lock` is the address of the lock that the name was read beside."""
    if scope == 2: # the object's own table: named_header::life_offset, 240 bytes behind the begin of the memory, which is 256 in front of the lock
        entry = lock - 256 + _number_at(lock - 16, 8) + 64 + (slot & 1023) * 64
        return [_number_at(entry + i * 8, 8) for i in range(3)], _descriptor_of_memory_at(lock)
    lives = _state_of_process("lives", "life_registry::all")
    registry = _atomic(lives["at_hand"]["_M_elems"][scope]) if lives is not None else 0
    if int(registry) == 0:
        return None, -1
    entry = int(registry["slots_"][slot].address)
    return [_number_at(entry + i * 8, 8) for i in range(3)], _number_at(int(registry["tokens_"]["home_"].address), 4)


def _bearer_of(bits, lock):
    """In words, the thread that an id stands for, by the registry that this process has mapped; and whether it is
    dead. A slot's generation moves on when its thread ends or is found dead; of one nobody has asked after, the kernel is asked, if the
    process lives that is debugged."""
    its = _LifeId(bits)
    unknown = f"the thread of slot {its.slot}, generation {its.generation}"
    try:
        words, home = _slot_of(its.scope, its.slot, lock)
    except gdb.error: # no debug information of it
        return unknown, False
    if words is None:
        return unknown, False
    process, its_generation, thread = words
    if its_generation & (1 << 47) - 1 != its.generation:
        return "a dead thread", True
    thread &= 0xFFFFFFFF # the upper half says of which process
    lives = process != 0 and _is_locked(home, process)
    if lives is False:
        return "a dead thread", True
    for each in gdb.selected_inferior().threads():
        if thread in each.ptid[1:]:
            return f"thread {thread} (gdb's {each.num})", False
    return f"thread {thread} of another process" + ("" if lives else ", which lived when it was last asked after"), False


def _lock_words(address):
    """A lock in words, as a string to put behind a comma."""
    header = _State("mutex_state", address, _ROBUST)
    word, depth, flags = header["word"], header["depth"], header["flags"]
    owner = word & ~1
    if _LifeId(owner).is_nobody:
        words = ["unlocked"]
    else:
        words = ["locked by " + _bearer_of(owner, address)[0] + (f" ({depth + 1} levels)" if depth else "")]
        if word & 1:
            words.append("somebody waits")
    if flags & 1:
        words.append("owner died")
    if header["redo"]:
        words.append("a store to be completed")
    return ", ".join(words)


def _living(names, lock):
    return sum(1 for name in names if name != 0 and not _bearer_of(name, lock)[1])


# --- Handles --------------------------------------------------------------------------------------------------------------------------

class _Printer:
    """`title()` is the whole of it but for the name of the type, the object's name, and the elements."""

    def __init__(self, value):
        is_reference = value.type.code in (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF)
        self.value = value.referenced_value() if is_reference else value
        self.type = self.value.type.unqualified().strip_typedefs()

    def block(self):
        return self.value["block_"]

    def to_string(self):
        name = self.type.name.replace("multiprocessing::", "")
        address = _address_of(self.block())
        if address == 0:
            return name + ", moved from"
        if not _is_there(address):
            return f"{name}, whose memory at {address:#x} is not in the core file"
        words = self.title(address)
        return name + _name_in_words(self.block()) + (", " if words else "") + words

    def title(self, address):
        return ""


def _name_in_words(block):
    """` "counter"` for an object with a name. A handle does not keep it. Who opened the object has it mapped from a file of that name; who made it
    has a mapping without one, and knows it only if it is to unlink it."""
    owner, name = block["owner_"], ""
    while any(each in str(owner.dynamic_type) for each in ("segment_with_lives", "made_name")): # stand in front of the mapping
        it = owner.cast(owner.dynamic_type).dereference()
        if "made_name" in str(owner.dynamic_type):
            name = _text_of(it["file_name_"]).removeprefix("mp.")
        owner = it["object_"]["owner_"]
    if "named_segment" not in str(owner.dynamic_type):
        return ""
    try:
        mappings = gdb.execute("info proc mappings", to_string=True)
    except gdb.error:
        mappings = ""
    for line in mappings.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[0].startswith("0x") and int(fields[0], 16) <= _address_of(block) < int(fields[1], 16):
            _, found, its_name = line.partition("/mp.")
            if found:
                return f' "{its_name}"'
    return f' "{name}"' if name else " with a name"


class _Element:
    """One object of type T, the handle's first argument."""

    def children(self):
        address = _address_of(self.elements())
        if _is_there(address):
            yield "value", gdb.Value(address).cast(self.type.template_argument(0).pointer()).dereference()


class _Elements:
    """As many as `size_`, one after the other; of characters, the text up to the first NUL."""

    def title(self, address):
        words = f"length {self.length()}"
        return words + ", " + self._text() if self._is_text() else words

    def _is_text(self):
        return self.type.template_argument(0).unqualified().strip_typedefs().name == "char"

    def _text(self):
        begin, length = _address_of(self.elements()), self.length()
        data = bytes(gdb.selected_inferior().read_memory(begin, length)) if length else b""
        text = data.split(b"\0")[0].decode(errors="backslashreplace")
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def children(self):
        address = _address_of(self.elements())
        if not self._is_text() and _is_there(address):
            first = gdb.Value(address).cast(self.type.template_argument(0).pointer())
            for i in range(self.length()):
                yield f"[{i}]", (first + i).dereference()

    def display_hint(self):
        return None if self._is_text() else "array"


class RawValue(_Element, _Printer):
    elements = _Printer.block


class RawArray(_Elements, _Printer):
    elements = _Printer.block

    def length(self):
        return int(self.value["size_"])


class _Guarded(_Printer):
    def block(self):
        return self.value["lock_"]["block_"]

    def elements(self):
        return self.value["object_"]["block_"]


class SharedValue(_Element, _Guarded):
    def title(self, address):
        return _lock_words(address)


class SharedArray(_Elements, _Guarded):
    def length(self):
        return int(self.value["object_"]["size_"])

    def title(self, address):
        return _lock_words(address) + ", " + super().title(address)


class synchronized_span(SharedArray):
    def elements(self):
        return self.value["array_"]["block_"]

    def length(self):
        return int(self.value["array_"]["size_"])


class Lock(_Printer):
    def title(self, address):
        return _lock_words(address)


class Semaphore(_Printer):
    def title(self, address):
        return f"{_State('semaphore_state', address)['word'] // 2} permits"


class BoundedSemaphore(_Printer):
    def title(self, address):
        state = _State("permit_table", address)
        bound = state["bound"]
        return f"{bound - _living(state.names_behind(bound), address)} of {bound} permits free"


class Event(_Printer):
    def title(self, address):
        return "set" if _State("event_state", address)["word"] & 1 else "unset"


class Condition(_Printer):
    def title(self, address):
        state = _State("waiter_table", address)
        stride = gdb.lookup_type(_DETAIL + "waiter_table::waiter").sizeof
        names = state.names_behind(min(state["high_water"], state["capacity"]), stride)
        return f"{_living(names, address)} waiting, {_lock_words(_address_of(self.value['lock_']['block_']))}"


class Barrier(_Printer):
    def title(self, address):
        state = _State("barrier_state", address)
        rounds, parties = state["rounds"], state["parties"]
        if rounds >> 31 & 1:
            return f"{parties} parties, broken"
        arrived = 0
        if state["places_of"] == rounds >> 32:
            arrived = sum(1 for name in state.names_behind(parties) if name != 0)
        return f"{arrived} of {parties} parties have arrived"


class SharedMemory(_Printer):
    """Python's: a name and bytes."""

    def to_string(self):
        state = _pointee(self.value["state_"])
        if state is None:
            return "SharedMemory, moved from"
        return f'SharedMemory "{_text_of(state["name"])}", {int(state["size"])} bytes'


class Process(_Printer):
    def to_string(self):
        address = self.value["record_"]["record_"]
        record = address.dereference() if int(address) != 0 else None
        if record is None:
            return "Process, moved from"
        child = _pointee(record["child"])
        which = "closed" if child is None else f"pid {int(child['pid_'])}"
        return f'Process "{_text_of(record["name"])}", {which}' + (", daemon" if record["daemon"] else "")


def printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("multiprocessing")
    for printer in (RawValue, RawArray, SharedValue, SharedArray, synchronized_span):
        collection.add_printer(printer.__name__, f"^multiprocessing::{printer.__name__}<.*>$", printer)
    for name, printer in {"ReadOnlyValue": RawValue, "ReadOnlyArray": RawArray, "BasicSharedMemory": SharedMemory}.items():
        collection.add_printer(name, f"^multiprocessing::{name}<.*>$", printer)
    for names, printer in {"R?Lock|detail::lock_handle": Lock, "Semaphore": Semaphore, "BoundedSemaphore": BoundedSemaphore, "Event": Event,
                           "Condition": Condition, "Barrier": Barrier, "Process(Ref)?": Process}.items():
        collection.add_printer(names, f"^multiprocessing::({names})$", printer)
    return collection


gdb.printing.register_pretty_printer(gdb.current_objfile(), printers(), replace=True)
