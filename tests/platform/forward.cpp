#include <multiprocessing/platform/forward.hpp>

#include "support/catch.hpp"

#include <type_traits>

namespace platform = multiprocessing::platform;

// Referred to before they are known ...
namespace {
platform::child* child = nullptr;
const platform::memory_object* memory_object = nullptr;
platform::process_watch* process_watch = nullptr;
platform::segment_keeper* segment_keeper = nullptr;
} // namespace

// ... and the same when they are.
#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/process_watch.hpp>
#include <multiprocessing/platform/segment_keeper.hpp>

TEST_CASE("what is declared is what the floor has") {
    static_assert(platform::is_child<std::remove_pointer_t<decltype(child)>>);
    static_assert(platform::is_memory_object<std::remove_const_t<std::remove_pointer_t<decltype(memory_object)>>>);
    static_assert(platform::is_process_watch<std::remove_pointer_t<decltype(process_watch)>>);
    static_assert(platform::is_segment_keeper<std::remove_pointer_t<decltype(segment_keeper)>>);
    REQUIRE((child == nullptr && memory_object == nullptr && process_watch == nullptr && segment_keeper == nullptr));
}
