/*
 * multiprocessing.h, by a program in C: every function, and the result of what goes wrong. Run under wine as well.
 *
 * Taken out once, and seen to fail: the lock (mp_try_lock_for that returns MP_OK), and the check of the range (any_object::require_inside: seven of
 * the stores to elements that are not there were let through).
 */
#include "multiprocessing.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                                                          \
    do {                                                                                                          \
        if (!(condition)) {                                                                                       \
            printf("line %d: not so: %s; the last error was: %s\n", __LINE__, #condition, mp_error_message());    \
            ++failures;                                                                                           \
        }                                                                                                         \
    } while (0)

typedef struct sample {
    int32_t number;
    double weight;
} sample;

static const char sample_format[] = "{0:i4,8:f8}16";

static void values(const char *name) {
    mp_object *made = NULL;
    mp_object *found = NULL;
    int64_t number = 7;
    mp_unlink(name);
    CHECK(mp_open(name, 0, &found) == MP_NOT_FOUND);
    CHECK(strstr(mp_error_message(), name) != NULL);
    CHECK(mp_create(name, MP_SHARED_VALUE, "i8", 1, &number, 0, 0, &made) == MP_OK);
    CHECK(mp_create(name, MP_SHARED_VALUE, "i8", 1, &number, 0, 0, &found) == MP_EXISTS);
    CHECK(mp_create(name, MP_SHARED_VALUE, "f8", 1, &number, 0, MP_OPEN_OR_CREATE, &found) == MP_LAYOUT);
    CHECK(strstr(mp_error_message(), "i8") != NULL && strstr(mp_error_message(), "f8") != NULL);
    CHECK(mp_open(name, 0, &found) == MP_OK);
    CHECK(mp_kind_of(found) == MP_SHARED_VALUE && strcmp(mp_format(found), "i8") == 0);
    CHECK(mp_count(found) == 1 && mp_element_bytes(found) == 8 && mp_element_alignment(found) == 8);
    CHECK(*(int64_t *)mp_elements(found) == 7);

    number = 8;
    CHECK(mp_store(made, 0, 1, 1, &number, sizeof number) == MP_OK);
    number = 0;
    CHECK(mp_load(found, 0, 1, 1, &number, sizeof number) == MP_OK && number == 8);
    CHECK(mp_load(found, 0, 1, 1, &number, 4) == MP_INVALID_ARGUMENT);
    CHECK(mp_load(found, 1, 1, 1, &number, sizeof number) == MP_OUT_OF_RANGE);

    CHECK(!mp_is_locked(found) && mp_unlock(made) == MP_NOT_OWNER && mp_make_consistent(made) == MP_NOT_OWNER);
    CHECK(mp_lock(made) == MP_OK && mp_lock(made) == MP_OK && mp_try_lock_for(made, 0) == MP_OK);
    CHECK(mp_is_locked(found) && !mp_owner_died(found));
    CHECK(mp_make_consistent(made) == MP_OK);
    CHECK(mp_unlock(made) == MP_OK && mp_unlock(made) == MP_OK && mp_is_locked(found) && mp_unlock(made) == MP_OK);
    CHECK(!mp_is_locked(found) && mp_unlock(made) == MP_NOT_OWNER);
    {
        int inside = 0;
        int other = 0;
        CHECK(mp_enter(made, 0, 0, &inside) == MP_OK && inside == 1 && mp_enter(found, 0, 1, &other) == MP_OK && other == 1);
        CHECK(mp_leave(found, &other, NULL, 0.5, "not looked at") == MP_OK && other == 0 && mp_is_locked(found));
        CHECK(mp_leave(found, &other) == MP_OK && mp_is_locked(found)); /* nothing: it has left */
        CHECK(mp_leave(made, &inside) == MP_OK && inside == 0 && !mp_is_locked(found));
        inside = 1;
        CHECK(mp_leave(made, &inside) == MP_NOT_OWNER && inside == 0);
        CHECK(mp_enter(made, 0, 0, NULL) == MP_INVALID_ARGUMENT && mp_leave(made, NULL) == MP_INVALID_ARGUMENT && !mp_is_locked(made));
        CHECK(strcmp(mp_identity(made), mp_identity(found)) == 0 && mp_identity(made)[0] != '\0');
    }
    CHECK(mp_lock_to_repair(made) == MP_OK && !mp_owner_died(made) && mp_unlock(made) == MP_OK);
    CHECK(mp_set_owner_died_policy(made, 1) == MP_OK && mp_set_owner_died_policy(made, 0) == MP_OK);

    mp_close(found);
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(made);
    CHECK(mp_unlink(name) == MP_NOT_FOUND);
}

static void arrays(const char *name) {
    mp_object *array = NULL;
    const double initial[5] = {0.5, 1.5, 2.5, 3.5, 4.5};
    double some[5] = {0};
    CHECK(mp_create(name, MP_SHARED_ARRAY, "f8", 5, initial, 0, 0, &array) == MP_OK);
    CHECK(mp_load(array, 4, -2, 3, some, 3 * sizeof *some) == MP_OK && some[0] == 4.5 && some[1] == 2.5 && some[2] == 0.5);
    CHECK(mp_store(array, 0, 2, 3, initial, 3 * sizeof *some) == MP_OK);
    some[0] = 9.5;
    CHECK(mp_store(array, 3, 0, 1, some, sizeof *some) == MP_OK);
    CHECK(mp_store(array, 0, 1, 0, some, 0) == MP_OK);
    CHECK(mp_load(array, 0, 1, 5, some, sizeof some) == MP_OK);
    CHECK(some[0] == 0.5 && some[1] == 1.5 && some[2] == 1.5 && some[3] == 9.5 && some[4] == 2.5);
    CHECK(memcmp(some, mp_elements(array), sizeof some) == 0);

    CHECK(mp_store(array, 5, 1, 1, some, sizeof *some) == MP_OUT_OF_RANGE);
    CHECK(mp_store(array, 0, 2, 4, some, 4 * sizeof *some) == MP_OUT_OF_RANGE);
    CHECK(mp_store(array, 1, -1, 3, some, 3 * sizeof *some) == MP_OUT_OF_RANGE);
    CHECK(mp_store(array, 0, 0, 2, some, 2 * sizeof *some) == MP_OUT_OF_RANGE);
    CHECK(mp_store(array, 0, INT64_MIN, 2, some, 2 * sizeof *some) == MP_OUT_OF_RANGE);
    CHECK(mp_store(array, UINT64_MAX, 1, 1, some, sizeof *some) == MP_OUT_OF_RANGE);
    CHECK(mp_store(array, 0, 1, UINT64_MAX / 8 + 2, some, 8) == MP_INVALID_ARGUMENT);
    CHECK(memcmp(some, mp_elements(array), sizeof some) == 0);
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(array);

    CHECK(mp_create(name, MP_RAW_ARRAY, "u2", 0, NULL, 0, MP_UNLINK_ON_DESTROY, &array) == MP_OK);
    CHECK(mp_count(array) == 0 && mp_lock(array) == MP_INVALID_ARGUMENT && !mp_is_locked(array));
    mp_close(array);
    CHECK(mp_open(name, 0, &array) == MP_NOT_FOUND);
}

static void structs(const char *name) {
    mp_object *object = NULL;
    sample one = {3, 0.25};
    CHECK(sizeof(sample) == 16);
    CHECK(mp_create(name, MP_SHARED_VALUE, sample_format, 1, &one, 0600, 0, &object) == MP_OK);
    one.number = 4;
    CHECK(mp_store(object, 0, 1, 1, &one, sizeof one) == MP_OK);
    CHECK(((sample *)mp_elements(object))->number == 4 && ((sample *)mp_elements(object))->weight == 0.25);
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(object);
}

static void read_only(const char *name) {
    mp_object *made = NULL;
    mp_object *seen = NULL;
    int64_t number = 7;
    const double initial[3] = {0.5, 1.5, 2.5};
    double some[3] = {0};
    CHECK(mp_create(name, MP_SHARED_VALUE, "i8", 1, &number, 0600, 0, &made) == MP_OK);
    CHECK(mp_open(name, MP_READ_ONLY, &seen) == MP_OK);
    CHECK(mp_kind_of(seen) == MP_SHARED_VALUE && strcmp(mp_format(seen), "i8") == 0 && *(const int64_t *)mp_elements(seen) == 7);
    CHECK(mp_lock(made) == MP_OK); /* which does not keep anybody from looking */
    number = 8;
    CHECK(mp_store(made, 0, 1, 1, &number, sizeof number) == MP_OK);
    number = 0;
    CHECK(mp_load(seen, 0, 1, 1, &number, sizeof number) == MP_OK && number == 8);
    CHECK(mp_unlock(made) == MP_OK);
    CHECK(mp_store(seen, 0, 1, 1, &number, sizeof number) == MP_PERMISSION && strstr(mp_error_message(), "MP_READ_ONLY") != NULL);
    CHECK(mp_lock(seen) == MP_PERMISSION && mp_try_lock_for(seen, 0) == MP_PERMISSION && mp_unlock(seen) == MP_PERMISSION);
    {
        int inside = 0;
        CHECK(mp_enter(seen, 0, 0, &inside) == MP_PERMISSION && inside == 0 && mp_leave(seen, &inside) == MP_OK);
    }
    CHECK(mp_make_consistent(seen) == MP_PERMISSION && mp_lock_to_repair(seen) == MP_PERMISSION);
    CHECK(mp_set_owner_died_policy(seen, 1) == MP_PERMISSION && !mp_is_locked(seen) && !mp_owner_died(seen));
    CHECK(mp_load(made, 0, 1, 1, &number, sizeof number) == MP_OK && number == 8);
    mp_close(seen);
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(made);

    CHECK(mp_create(name, MP_RAW_ARRAY, "f8", 3, initial, 0400, 0, &made) == MP_OK); /* its maker can write */
    CHECK(mp_open(name, MP_READ_ONLY, &seen) == MP_OK);
    CHECK(mp_load(seen, 2, -1, 3, some, sizeof some) == MP_OK && some[0] == 2.5 && some[1] == 1.5 && some[2] == 0.5);
    CHECK(mp_store(seen, 0, 1, 3, some, sizeof some) == MP_PERMISSION && mp_lock(seen) == MP_PERMISSION);
    mp_close(seen);
    CHECK(mp_create(name, MP_RAW_ARRAY, "f8", 3, initial, 0, MP_OPEN_OR_CREATE | MP_READ_ONLY, &seen) == MP_INVALID_ARGUMENT);
    CHECK(mp_open(name, MP_OPEN_OR_CREATE, &seen) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_ARRAY, "f8", 0, NULL, 0, MP_OPEN_OR_CREATE, &seen) == MP_LAYOUT); /* none is a count, too */
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(made);
}

static void locks(const char *name) {
    mp_object *lock = NULL;
    CHECK(mp_create(name, MP_LOCK, NULL, 1, NULL, 0, 0, &lock) == MP_OK);
    CHECK(mp_count(lock) == 0 && mp_elements(lock) == NULL && mp_load(lock, 0, 1, 1, &lock, 16) == MP_INVALID_ARGUMENT);
    CHECK(mp_lock(lock) == MP_OK && mp_lock(lock) == MP_DEADLOCK && mp_unlock(lock) == MP_OK && mp_unlock(lock) == MP_NOT_OWNER);
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(lock);
    CHECK(mp_create(name, MP_RLOCK, NULL, 1, NULL, 0, MP_OPEN_OR_CREATE, &lock) == MP_OK);
    CHECK(mp_lock(lock) == MP_OK && mp_lock(lock) == MP_OK && mp_unlock(lock) == MP_OK && mp_unlock(lock) == MP_OK);
    CHECK(mp_unlink(name) == MP_OK);
    mp_close(lock);
}

static void refusals(const char *name) {
    static const char *const bad[] = {"",      "i",     "i3",       "x4",      "f2",        "i8 ",         "0*i4",        "3i4",
                                      "3*",    "?8:3Foo", "{0:i4",  "{}1",     "{0:i4,4:f8}16", "{0:i4,8:f8}12", "{0:i4,0:i4}4", "{:i4}4",
                                      "99999999999999999999*i4", "18446744073709551615*f8"};
    char deep[2001];
    mp_object *object = NULL;
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; ++i) {
        if (mp_create(name, MP_RAW_VALUE, bad[i], 1, NULL, 0, 0, &object) != MP_INVALID_ARGUMENT) {
            printf("\"%s\" was let through\n", bad[i]);
            ++failures;
        }
    }
    for (i = 0; i < 1000; ++i) {
        memcpy(deep + 2 * i, "1*", 2);
    }
    deep[2000] = '\0';
    CHECK(mp_create(name, MP_RAW_VALUE, deep, 1, NULL, 0, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_VALUE, "i4", 2, NULL, 0, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_ARRAY, "i4", UINT64_MAX / 2, NULL, 0, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, (mp_kind)7, "i4", 1, NULL, 0, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_VALUE, NULL, 1, NULL, 0, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_VALUE, "i4", 1, NULL, 01000, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_VALUE, "i4", 1, NULL, 0, 64, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_create(name, MP_RAW_VALUE, "i4", 1, NULL, 0, 0, NULL) == MP_INVALID_ARGUMENT);
    CHECK(mp_create("a/b", MP_RAW_VALUE, "i4", 1, NULL, 0, 0, &object) == MP_INVALID_ARGUMENT);
    CHECK(mp_open(NULL, 0, &object) == MP_INVALID_ARGUMENT && mp_unlink("") == MP_INVALID_ARGUMENT);
    CHECK(mp_lock(NULL) == MP_INVALID_ARGUMENT && object == NULL);
    CHECK(mp_collect(NULL, NULL) == MP_OK);
    mp_close(NULL);
}

int main(int argc, char **argv) {
    const char *const name = argc > 1 ? argv[1] : "tests.c_interface.c_program";
    values(name);
    arrays(name);
    structs(name);
    read_only(name);
    locks(name);
    refusals(name);
    printf("%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
