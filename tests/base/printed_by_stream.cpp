#include <multiprocessing/base/printed_by_stream.hpp>

#include <multiprocessing/multiprocessing.hpp>

#include "support/catch.hpp"

#include <string>

namespace mp = multiprocessing;

TEST_CASE("what the library prints can be formatted, and nothing else can by it") {
    using mp::detail::printed_by_stream;
    static_assert(printed_by_stream<mp::RawValue<int>> && printed_by_stream<mp::RawArray<int>>);
    static_assert(printed_by_stream<mp::SharedValue<int>> && printed_by_stream<mp::SharedArray<int>>);
    static_assert(printed_by_stream<decltype(std::declval<mp::SharedArray<int>&>()[0])>);
    static_assert(printed_by_stream<mp::Lock> && printed_by_stream<mp::RLock> && printed_by_stream<mp::Semaphore> && printed_by_stream<mp::BoundedSemaphore>);
    static_assert(printed_by_stream<mp::Event> && printed_by_stream<mp::Condition> && printed_by_stream<mp::Barrier>);
    static_assert(printed_by_stream<mp::SharedMemory> && printed_by_stream<mp::ReadOnlySharedMemory> && printed_by_stream<mp::ShareableList>);
    struct plain {};
    static_assert(!printed_by_stream<plain> && !printed_by_stream<mp::SharedValue<plain>> && !printed_by_stream<int> && !printed_by_stream<std::string>);
    SUCCEED();
}
