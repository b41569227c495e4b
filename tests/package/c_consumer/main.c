#include <multiprocessing.h>

#include <stdint.h>
#include <stdio.h>

int main(void) {
    mp_object *object = NULL;
    const int64_t number = 7;
    if (mp_create("tests.package.c_consumer", MP_SHARED_VALUE, "i8", 1, &number, 0, MP_OPEN_OR_CREATE | MP_UNLINK_ON_DESTROY, &object) != MP_OK) {
        fprintf(stderr, "%s\n", mp_error_message());
        return 1;
    }
    printf("%s %lld\n", mp_format(object), (long long)*(const int64_t *)mp_elements(object));
    mp_close(object);
    return 0;
}
