/* A user's program in C: makes a named counter, adds to it, and removes it. */
#include <multiprocessing.h>

#include <stdint.h>
#include <stdio.h>

int main(void) {
    mp_object *counter;
    const int64_t begin = 6;
    if (mp_create("package.c", MP_SHARED_VALUE, "i8", 1, &begin, 0, MP_OPEN_OR_CREATE, &counter) != MP_OK) {
        fprintf(stderr, "%s\n", mp_error_message());
        return 1;
    }
    ++*(int64_t *)mp_elements(counter);
    printf("%lld\n", (long long)*(int64_t *)mp_elements(counter));
    mp_close(counter);
    return mp_unlink("package.c") == MP_OK ? 0 : 1;
}
