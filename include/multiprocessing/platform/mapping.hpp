#pragma once
#include <multiprocessing/base/language.hpp>

#include <multiprocessing/platform/access.hpp>
#include <multiprocessing/platform/mapped_ranges.hpp>
#include <multiprocessing/platform/memory_object.hpp>
#include <multiprocessing/platform/os_error.hpp>
#include <multiprocessing/platform/system.hpp>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <string>
#include <utility>

#if MULTIPROCESSING_WINDOWS
#    include <multiprocessing/platform/windows/discard_pages.hpp>
#else
#    include <multiprocessing/platform/posix/discard_pages.hpp>
#endif

/// \file
/// A memory object in the address space of this process, unmapped by the destructor.

namespace multiprocessing::platform {

#if MULTIPROCESSING_WINDOWS
using windows::discard_pages;
#else
using posix::discard_pages;
#endif

/// The whole of a memory object, mapped. After `fork` the child has the same mapping at the same address.
class mapping {
public:
    /// Throws `std::system_error` when there is no room in the address space.
    explicit mapping(const memory_object& object) : mapping(object, object.size(), access::read_write) {}

    /// The first `bytes` bytes of anything that Boost.Interprocess can map.
    template <class Mappable>
    mapping(const Mappable& object, std::size_t bytes, access how)
        : region_(map(object, bytes, how)), range_(static_cast<const std::byte*>(region_.get_address()), region_.get_size()) {}

    mapping(mapping&&) noexcept = default;
    /// What it was is unmapped after it is no range any more: another mapping may have its addresses at once.
    mapping& operator=(mapping&& other) noexcept {
        mapping before(std::move(other));
        region_.swap(before.region_);
        std::swap(range_, before.range_);
        return *this;
    }
    ~mapping() = default;

    /// The first byte, at the begin of a page.
    [[nodiscard]] std::byte* data() const noexcept { return static_cast<std::byte*>(region_.get_address()); }
    [[nodiscard]] std::size_t size() const noexcept { return region_.get_size(); } ///< In bytes.

    /// Whole pages, which nobody uses any more, go back to the system and read as zeros afterwards, in every process.
    void discard(std::byte* first, std::size_t bytes) noexcept { discard_pages(first, bytes); }

    /// The unit of `discard`, and of every address a mapping begins at.
    [[nodiscard]] static std::size_t page_size() noexcept {
        return boost::interprocess::mapped_region::get_page_size();
    }

private:
    template <class Mappable>
    static boost::interprocess::mapped_region map(const Mappable& object, std::size_t bytes, access how) {
        using boost::interprocess::mapped_region;
        try {
            return how == access::read_only ? mapped_region(object, boost::interprocess::read_only, 0, bytes)
                                            : mapped_region(object, boost::interprocess::read_write, 0, bytes);
        } catch (const boost::interprocess::interprocess_exception& refused) {
            const std::string name = "shared memory of " + std::to_string(bytes) + " bytes";
            const int code = refused.get_native_error();
            if (code == 0) {
                throw_not_enough_memory("map", name);
            }
            throw_os_error(code, "map", name);
        }
    }

    boost::interprocess::mapped_region region_;
    mapped_ranges::entry range_; // goes before the region
};

} // namespace multiprocessing::platform
