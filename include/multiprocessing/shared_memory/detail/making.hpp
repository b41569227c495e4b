#pragma once

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/platform/named_memory.hpp>
#include <multiprocessing/shared_memory/detail/random_name.hpp>
#include <multiprocessing/shared_memory/detail/shared_memory_state.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// \file
/// Named memory becomes the state of a SharedMemory.

namespace multiprocessing::detail {

[[noreturn]] inline void refuse_shared_memory(std::errc why, const char* call, const std::string& name) {
    throw std::system_error(std::make_error_code(why), std::string(call) + ", shared memory \"" + escaped(name) + "\"");
}

[[nodiscard]] inline std::shared_ptr<shared_memory_state> opened(std::string name, std::size_t size, platform::named_memory memory) {
    const auto mapping = std::make_shared<platform::named_memory>(std::move(memory));
    return std::make_shared<shared_memory_state>(shared_memory_state{std::move(name), size, mapping->data(), mapping});
}

/// `create(name)` makes memory of that name, and returns an empty optional when somebody else has the name. Without a name, tries new ones.
template <class Create>
[[nodiscard]] std::shared_ptr<shared_memory_state> make_by(std::optional<std::string_view> wanted, std::size_t size, const Create& create) {
    for (;;) {
        const std::string name = wanted ? std::string(*wanted) : random_name();
        if (std::optional<platform::named_memory> memory = create(name)) {
            return opened(name, size, *std::move(memory));
        }
        if (wanted) {
            refuse_shared_memory(std::errc::file_exists, "create", name);
        }
    }
}

} // namespace multiprocessing::detail
