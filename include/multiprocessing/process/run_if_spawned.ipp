#pragma once

#include <multiprocessing/platform/native_handle.hpp>
#include <multiprocessing/process/detail/run_child.hpp>
#include <multiprocessing/process/detail/spawn_entry.hpp>
#include <multiprocessing/process/detail/spawn_message.hpp>
#include <multiprocessing/process/detail/spawn_patience.hpp>
#include <multiprocessing/process/detail/this_process.hpp>
#include <multiprocessing/process/run_if_spawned.hpp>
#include <multiprocessing/reduction/codec.hpp>
#include <multiprocessing/reduction/incoming.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

namespace multiprocessing {

MULTIPROCESSING_INLINE void run_if_spawned() {
    detail::own_start::called();
    detail::received_spawn* const spawned = detail::received_spawn::get();
    if (spawned == nullptr || spawned->is_running()) {
        return;
    }
    int status = 1;
    try {
        spawned->set_state(detail::spawn_state::called);
        platform::owned_handle parent = spawned->take_over();
        reduction::incoming in(spawned->description(), spawned->segments());
        const auto name = reduction::decode<std::string>(in);
        const auto offset = reduction::decode<std::uint64_t>(in);
        detail::birth_certificate certificate;
        certificate.path = reduction::decode<std::string>(in);
        certificate.name = reduction::decode<std::string>(in);
        certificate.daemon = reduction::decode<bool>(in);
        certificate.parent_number = reduction::decode<std::int64_t>(in);
        certificate.parent_name = reduction::decode<std::string>(in);
        const auto* const entry = detail::spawn_entry_base::find(name, offset);
        if (entry == nullptr) {
            spawned->fail("this program has no function called " + name +
                          " where its parent has it: it may be in a library that is loaded only after main has begun");
        } else {
            status = detail::run_child(std::move(certificate), std::move(parent), [&] {
                entry->run(in, [] { detail::received_spawn::get()->set_state(detail::spawn_state::running); });
            });
            if (!spawned->is_running()) {
                spawned->fail("an argument could not be read; the child has said why");
            }
        }
    } catch (const std::exception& error) {
        spawned->fail(error.what());
    }
    std::exit(status);
}

} // namespace multiprocessing
