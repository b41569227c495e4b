#include <multiprocessing/sharedctypes/shared_value.hpp>
#include <multiprocessing/sharedctypes/typecode.hpp>

namespace mp = multiprocessing;

#if defined(REFUSED_1)
// REFUSED_1: multiprocessing: Python has no such type code. There are c u b B h H i I l L q Q f d;
// REFUSED_1: any other type is written as itself, SharedValue<T>
mp::SharedValue<mp::typecode_type<'z'>> refused;
#elif defined(REFUSED_2)
// REFUSED_2: multiprocessing: Python has no such type code.
mp::SharedValue<mp::typecode_type<'?'>> refused;
#else
mp::SharedValue<mp::typecode_type<'d'>> accepted;
mp::SharedValue<bool> written_as_itself;
#endif
