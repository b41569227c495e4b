#pragma once

#include <multiprocessing/base/chrono.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/fork_depth.hpp>
#include <multiprocessing/platform/named_memory.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

/// \file
/// The name of an object that was made with `unlink_on_destroy`.

namespace multiprocessing::memory::detail {

/// Stands between the maker's blocks and the mapping, which those who open the object in the same process have as well: the name goes with the last
/// block of the maker, whoever else has the object. What is passed on is the maker's own opening, which holds the name.
class made_name final : public block_owner {
public:
    /// The same block, of which the last copy takes the name away.
    [[nodiscard]] static block keep(block object, std::shared_ptr<const platform::named_memory> made, std::string file_name) {
        std::byte* const address = object.address();
        return {*new made_name(std::move(object), std::move(made), std::move(file_name)), address}; // takes over the first reference
    }

    void retain(const std::byte*) noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
    void release(const std::byte*) noexcept override {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }
    [[nodiscard]] location locate(const std::byte* where) noexcept override {
        const location begin = object_.locate();
        return {&made_->object(), begin.offset + static_cast<std::size_t>(where - object_.address())};
    }

private:
    made_name(block object, std::shared_ptr<const platform::named_memory> made, std::string file_name)
        : object_(std::move(object)), made_(std::move(made)), file_name_(std::move(file_name)), maker_(platform::fork_depth::current()) {}

    ~made_name() {
        // Not by the copy of a handle that a forked child has.
        if (maker_ == platform::fork_depth::current()) {
            constexpr std::chrono::seconds patience{1}; // a program that ends may have many of these
            try {
                static_cast<void>(made_->unlink_if_named(file_name_, platform::deadline_after(patience)));
            } catch (const std::exception&) {
                // a destructor has nobody to tell; collect() tries again
            }
        }
    }

    block object_;
    std::shared_ptr<const platform::named_memory> made_; // what the mapping is of, but when another thread opened the new name before its maker listed it
    std::string file_name_;
    std::uint64_t maker_; // its fork_depth
    std::atomic<std::size_t> references_{1};
};

} // namespace multiprocessing::memory::detail
