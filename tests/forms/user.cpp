// A user's file in the compiled form, for no_data.cmake.
#include <multiprocessing/multiprocessing.hpp>

int use_a_shared_value();

int use_a_shared_value() {
    multiprocessing::SharedValue<int> counter{41};
    counter += 1;
    return counter.value();
}
