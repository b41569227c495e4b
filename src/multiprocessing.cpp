// The compiled form: everything that the headers declare and leave to a library, once. See include/multiprocessing/base/form.hpp.
#define MULTIPROCESSING_SOURCE
#include <multiprocessing/multiprocessing.hpp>
