#ifndef MULTIPROCESSING_H
#define MULTIPROCESSING_H

#include <stddef.h>
#include <stdint.h>

/**
 * \file
 * Named objects of the C++ library multiprocessing, for C and for every language that can call C. The library behind it is multiprocessing_c.
 * (A C++ program includes the headers instead: it must not use both for one object, for the two would not know each other's threads.)
 *
 * An object has a name, 1 to 200 characters of `A-Z a-z 0-9 . _ -`, and any program of the user opens it. It is a value or an array of elements, with
 * a lock (shared) or without (raw), or a lock alone. What an element is, is said as text, its format:
 *
 *     i4 u8 f8      a signed integer, an unsigned one, a floating-point number, of so many bytes
 *     b1 S1 U4      a bool, a char, a wider character
 *     3*f8          an array of three
 *     {0:i4,8:f8}16 a struct: its members with their offsets, and its size; laid out as a C compiler does
 *
 * Every function returns an mp_result, unless it cannot fail. Negative ones are failures, for which mp_error_message() has a sentence. Every function may
 * be called by several threads at once; mp_close is to be the last of them for its handle. No C++ exception comes out.
 *
 * Fork: the child's handles refer to the parent's objects; a lock that the parent holds is not held by the child. Kill: a lock whose owner died is had by
 * the next one who asks, to whom mp_owner_died says so; mp_store is all-or-nothing; what was written through mp_elements is the writer's own care.
 */

#if defined(_WIN32) && defined(MULTIPROCESSING_C_BUILDING)
#    define MP_API __declspec(dllexport)
#elif defined(_WIN32)
#    define MP_API __declspec(dllimport)
#elif defined(__GNUC__)
#    define MP_API __attribute__((visibility("default")))
#else
#    define MP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What a call came to. The numbers stay. */
typedef enum mp_result {
    MP_OK = 0,
    MP_TIMED_OUT = 1,         /**< not a failure: others held the lock all the time */
    MP_INVALID_ARGUMENT = -1, /**< a name, a format, a size, a null pointer */
    MP_EXISTS = -2,           /**< there is an object of that name already */
    MP_NOT_FOUND = -3,        /**< there is none */
    MP_LAYOUT = -4,           /**< there is something else: another type, another size, no object of this library */
    MP_NO_SPACE = -5,         /**< the system has no room for the object */
    MP_PERMISSION = -6,       /**< another user's; or it was opened to be read only */
    MP_NOT_OWNER = -7,        /**< this thread does not hold the lock */
    MP_DEADLOCK = -8,         /**< this thread holds the lock, and it is not recursive */
    MP_OWNER_DIED = -9,       /**< the lock was not taken: an owner died, and the lock's policy asks for a repair first */
    MP_OUT_OF_RANGE = -10,    /**< an element that is not there */
    MP_NO_MEMORY = -11,       /**< this process has none left */
    MP_SYSTEM = -12           /**< something else; see mp_error_message() */
} mp_result;

/** What an object is. */
typedef enum mp_kind {
    MP_RAW_VALUE = 1,    /**< one element */
    MP_RAW_ARRAY = 2,    /**< elements */
    MP_SHARED_VALUE = 3, /**< one element with a recursive lock */
    MP_SHARED_ARRAY = 4, /**< elements with a recursive lock for all of them */
    MP_RLOCK = 5,        /**< a recursive lock */
    MP_LOCK = 6          /**< a lock that is not */
} mp_kind;

/** Wishes of whoever makes or opens an object: 0, or some of these. */
enum {
    MP_OPEN_OR_CREATE = 1,    /**< mp_create: if it is there already, and the same, it is opened, and the initial bytes are not looked at */
    MP_OF_ANY_USER = 2,       /**< opens the object of another user, who could change it under its readers; without it that is MP_PERMISSION */
    MP_UNLINK_ON_DESTROY = 4, /**< mp_create: the name goes with the maker's last handle or, if it is killed, at the next mp_collect */
    MP_READ_ONLY = 8          /**< mp_open: to look only, for which the right to read is enough; see there */
};

/** A handle of an object. */
typedef struct mp_object mp_object;

/**
 * Makes an object, whole before anybody can find it, and opens it. `format` and `count` say what is in it (locks: NULL and 1; values: 1); `initial` are its
 * bytes, as many as it has, or NULL for zeros. `mode` says who may open it, as for chmod; 0 is 0600, the user alone (Windows: without effect).
 * Returns MP_EXISTS, MP_NO_SPACE, MP_INVALID_ARGUMENT; with MP_OPEN_OR_CREATE also what mp_open returns.
 */
MP_API mp_result mp_create(const char *name, mp_kind kind, const char *format, uint64_t count, const void *initial, unsigned mode, unsigned wishes,
                           mp_object **object);

/**
 * Opens an object, whatever it is: ask mp_kind_of and mp_format. Returns MP_NOT_FOUND, MP_LAYOUT, MP_PERMISSION.
 *
 * With MP_READ_ONLY its memory is mapped so that a store through mp_elements is a fault, and mp_store and all that needs the lock return MP_PERMISSION, for
 * to take a lock is to write: mp_load takes none. Elements of 1, 2, 4 and 8 bytes are read whole, of others the parts may be of different times.
 * mp_is_locked and mp_owner_died are 0.
 */
MP_API mp_result mp_open(const char *name, unsigned wishes, mp_object **object);

/** Gives a handle up, and what mp_elements and mp_format of it returned. The object stays, and so does a lock that is held. NULL is nothing. */
MP_API void mp_close(mp_object *object);

/** Takes a name away; those who have the object open keep it. Returns MP_NOT_FOUND. Windows: names go with the last handle, so this does nothing. */
MP_API mp_result mp_unlink(const char *name);

/** Removes the objects of this user that asked for MP_UNLINK_ON_DESTROY and whose maker was killed. Calls `removed`, unless it is NULL, with each name. */
MP_API mp_result mp_collect(void (*removed)(const char *name, void *context), void *context);

/** What an object is. The format lives as long as the handle; that of locks is "lock", and they have no elements: 0 of 0 bytes at NULL. */
MP_API mp_kind mp_kind_of(const mp_object *object);
MP_API const char *mp_format(const mp_object *object);
MP_API uint64_t mp_count(const mp_object *object);
MP_API size_t mp_element_bytes(const mp_object *object);
MP_API size_t mp_element_alignment(const mp_object *object);

/**
 * A text that another handle has, in whatever process, exactly when it is of the same object. As long as anybody has that object: later the system may give its
 * number to another one. It lives as long as the handle. Windows: the name, which stays with its object as long as anybody has that. Never empty where the system tells.
 */
MP_API const char *mp_identity(const mp_object *object);

/** The elements themselves, one behind the other, to be read and written in place. Whoever writes holds the lock, if there is one. */
MP_API void *mp_elements(const mp_object *object);

/**
 * Copies `count` elements, `step` apart, from or to `bytes` (count * mp_element_bytes). A negative step goes backwards. With a lock, it is taken for that
 * long, also if the thread holds it already, and a store is all-or-nothing also if this process is killed in it. Raw objects: plain copies.
 * Returns MP_OUT_OF_RANGE, MP_INVALID_ARGUMENT, and what mp_lock returns.
 */
MP_API mp_result mp_load(mp_object *object, uint64_t first, int64_t step, uint64_t count, void *bytes, size_t size);
MP_API mp_result mp_store(mp_object *object, uint64_t first, int64_t step, uint64_t count, const void *bytes, size_t size);

/**
 * Waits, as long as it takes, until this thread holds the lock; if it does, one level more (MP_LOCK: MP_DEADLOCK). The other waits for at most so many
 * milliseconds by the monotonic clock, 0 being not at all, and returns MP_TIMED_OUT. Both return MP_INVALID_ARGUMENT for objects without a lock,
 * MP_OWNER_DIED if the lock's policy says so, MP_SYSTEM when too many threads of all processes use locks.
 */
MP_API mp_result mp_lock(mp_object *object);
MP_API mp_result mp_try_lock_for(mp_object *object, uint64_t milliseconds);

/** Gives one level back. Returns MP_NOT_OWNER. */
MP_API mp_result mp_unlock(mp_object *object);

/**
 * For languages in which an exception may come between any two steps, as a signal's does in Python. mp_enter is mp_try_lock_for (with `to_repair` not 0: one
 * that never returns MP_OWNER_DIED, as mp_lock_to_repair) and writes 1 to `*inside` in the call that takes the lock: whoever was interrupted finds there what he has.
 * mp_leave gives one level back and writes 0, if there is 1; else it does nothing. It writes 0 also when it returns MP_NOT_OWNER. What follows its two
 * arguments is not looked at, so that it can be what such a language calls at the end of a block, whatever that is handed (in Python, the exception).
 */
MP_API mp_result mp_enter(mp_object *object, uint64_t milliseconds, int to_repair, int *inside);
MP_API mp_result mp_leave(mp_object *object, int *inside, ...);

/** 1 if a living thread holds the lock, which may be over when the caller reads it; else 0. */
MP_API int mp_is_locked(const mp_object *object);

/** 1 if an owner died holding the lock, and nobody has called mp_make_consistent since; else 0. To be asked by who holds the lock. */
MP_API int mp_owner_died(const mp_object *object);

/** What the lock guards is in order again: mp_owner_died is 0. Returns MP_NOT_OWNER. */
MP_API mp_result mp_make_consistent(mp_object *object);

/** As mp_lock, but never MP_OWNER_DIED: for who means to look at mp_owner_died, mend, and call mp_make_consistent. */
MP_API mp_result mp_lock_to_repair(mp_object *object);

/** 1: whoever asks for the lock while mp_owner_died gets MP_OWNER_DIED instead, in every process. 0, as a new lock has it: gets the lock. */
MP_API mp_result mp_set_owner_died_policy(mp_object *object, int refuses);

/** The sentence for the last failure of a call of this thread, in UTF-8; "" if there was none. It stays until the next failure. */
MP_API const char *mp_error_message(void);

#ifdef __cplusplus
}
#endif

#endif
