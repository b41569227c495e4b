#pragma once

// What is formatted in tests/format.cpp and tests/fmt.cpp: alike.
#include "support/catch.hpp"

#include <multiprocessing/shared_memory.hpp>
#include <multiprocessing/sharedctypes.hpp>
#include <multiprocessing/synchronize.hpp>

#include <atomic>
#include <string>

namespace support {

struct Unprintable {
    int x;
};

/// What `format` makes of each kind of object, which is what is written to a stream.
template <class Format>
void check_format(Format format) {
    namespace mp = multiprocessing;
    CHECK(format(mp::SharedValue<int>{42}) == "42");
    CHECK(format(mp::RawValue<double>{0.5}) == "0.5");
    CHECK(format(mp::RawValue<std::atomic<int>>{3}) == "3");
    CHECK(format(mp::RawArray<int>{1, 2, 3}) == "[1, 2, 3]");

    mp::SharedArray<unsigned char> bytes{7, 8};
    CHECK(format(bytes) == "[7, 8]");
    CHECK(format(bytes[1]) == "8");
    mp::SharedArray<char> text(8);
    text.value("Grace");
    CHECK(format(text) == "Grace");

    mp::RLock rlock;
    CHECK(format(rlock) == "<RLock(None, 0)>");
    CHECK(format(mp::Lock()) == "<Lock(owner=None)>");
    CHECK(format(mp::Semaphore(2)) == "<Semaphore(value=2)>");
    CHECK(format(mp::BoundedSemaphore(2)) == "<BoundedSemaphore(value=2, maxvalue=2)>");
    CHECK(format(mp::Condition(rlock)) == "<Condition(<RLock(None, 0)>, 0)>");
    CHECK(format(mp::Barrier(2)).find("waiters=0/2") != std::string::npos);
    CHECK(format(mp::Event()).find(" unset>") != std::string::npos);

    const mp::ShareableList list({1, "two"});
    CHECK(format(list).starts_with("ShareableList([1, 'two'], name='"));
    CHECK(format(list[1]) == "'two'");
    list.shm().unlink();
}

} // namespace support
