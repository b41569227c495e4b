// Compiles with other people's flags, and not with one of the macros, of which each does what one of the flags warns of.
#include <multiprocessing/version.hpp>

template <class T>
unsigned in_a_template(T number) {
#if defined(WARNS_1)
    return number; // the sign is lost, where T is int
#else
    return static_cast<unsigned>(number);
#endif
}

#if defined(WARNS_2) && NOT_DEFINED
#endif

unsigned use(int number);

unsigned use(int number) {
#if defined(WARNS_3)
    return in_a_template((long)number);
#else
    return in_a_template(number);
#endif
}
