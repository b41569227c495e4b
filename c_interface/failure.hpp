#pragma once

#include "multiprocessing.h"

#include <multiprocessing/memory/layout_error.hpp>
#include <multiprocessing/robust/owner_died.hpp>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>

/// \file
/// What comes out of the library instead of its exceptions.

namespace c_interface {

/// Of the calling thread. An array, so that noting a lack of memory takes none, and nothing is destroyed at the thread's end.
inline thread_local char last_message[1024] = "";

inline mp_result note(mp_result result, std::string_view text) noexcept {
    const std::size_t length = std::min(text.size(), sizeof(last_message) - 1);
    std::memcpy(last_message, text.data(), length);
    last_message[length] = '\0';
    return result;
}

/// `not_permitted` is what the system's "operation not permitted" means in this call: of a lock, that the thread does not hold it.
[[nodiscard]] inline mp_result result_of(const std::error_code& code, mp_result not_permitted) noexcept {
    if (code == std::errc::file_exists) {
        return MP_EXISTS;
    }
    if (code == std::errc::no_such_file_or_directory) {
        return MP_NOT_FOUND;
    }
    if (code == std::errc::no_space_on_device || code == std::errc::not_enough_memory) {
        return MP_NO_SPACE;
    }
    if (code == std::errc::permission_denied) {
        return MP_PERMISSION;
    }
    if (code == std::errc::operation_not_permitted) {
        return not_permitted;
    }
    if (code == std::errc::resource_deadlock_would_occur) {
        return MP_DEADLOCK;
    }
    if (code == std::errc::owner_dead) {
        return MP_OWNER_DIED;
    }
    return MP_SYSTEM;
}

/// Calls `work`, which returns an mp_result, and turns what it throws into one.
template <class Work>
[[nodiscard]] mp_result guarded(mp_result not_permitted, Work work) noexcept {
    try {
        return work();
    } catch (const multiprocessing::LayoutError& error) {
        return note(MP_LAYOUT, error.what());
    } catch (const std::system_error& error) {
        return note(result_of(error.code(), not_permitted), error.what());
    } catch (const std::out_of_range& error) {
        return note(MP_OUT_OF_RANGE, error.what());
    } catch (const std::logic_error& error) { // invalid_argument, length_error
        return note(MP_INVALID_ARGUMENT, error.what());
    } catch (const std::bad_alloc&) {
        return note(MP_NO_MEMORY, "multiprocessing: this process has no memory left");
    } catch (const std::exception& error) {
        return note(MP_SYSTEM, error.what());
    } catch (...) {
        return note(MP_SYSTEM, "multiprocessing: an exception of an unknown type");
    }
}

} // namespace c_interface
