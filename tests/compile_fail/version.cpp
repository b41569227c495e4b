#include <multiprocessing/version.hpp>

// The smallest case of the mechanism: the words come from this file, so they can be the same with every compiler.
// REFUSED_1: multiprocessing::version: it is text;
// REFUSED_1: compare it with text, "0.1.0", not with a number
#if defined(REFUSED_1)
static_assert(multiprocessing::version.empty(),
              "multiprocessing::version: it is text; compare it with text, \"0.1.0\", not with a number");
#else
static_assert(multiprocessing::version >= "0.1.0");
#endif
