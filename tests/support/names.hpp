#pragma once

#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/platform/process_id.hpp>

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

/// \file
/// Names for shared memory in tests.

namespace support {

/// A name that nobody else uses. What is there by that name at the end of the scope is removed.
class unused_name {
public:
    explicit unused_name(const std::string& prefix = {}) : text_(prefix + next()) {}
    unused_name(const unused_name&) = delete;
    unused_name& operator=(const unused_name&) = delete;
    ~unused_name() { multiprocessing::platform::named_memory::unlink(text_); }

    operator const std::string&() const noexcept { return text_; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] std::string with(const std::string& ending) const { return text_ + ending; }

    template <std::size_t N>
    void copy_to(char (&there)[N]) const {
        there[text_.copy(there, N - 1)] = '\0';
    }

private:
    static std::string next() {
        static std::atomic<int> count{0};
        return "mp-test-" + std::to_string(multiprocessing::platform::current_process_number()) + "-" + std::to_string(++count);
    }

    std::string text_;
};

/// The same for objects with names. What is there at the end is removed, whatever has become of it.
class unused_object {
public:
    unused_object() : text_(file_.text().substr(prefix.size())) {}

    operator multiprocessing::object_name() const { return text_; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// What the system calls its memory.
    [[nodiscard]] const std::string& file() const noexcept { return file_.text(); }

    template <std::size_t N>
    void copy_to(char (&there)[N]) const {
        there[text_.copy(there, N - 1)] = '\0';
    }

private:
    static constexpr std::string_view prefix = "mp.";

    unused_name file_{std::string(prefix)};
    std::string text_;
};

} // namespace support
