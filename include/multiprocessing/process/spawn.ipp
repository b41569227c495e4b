#pragma once

#include <multiprocessing/platform/child.hpp>
#include <multiprocessing/process/detail/process_access.hpp>
#include <multiprocessing/process/detail/spawn_child.hpp>
#include <multiprocessing/process/detail/this_process.hpp>
#include <multiprocessing/process/spawn.hpp>

#include <string>

namespace multiprocessing::detail {

inline void describe(reduction::outgoing& out, const spawn_entry_base& entry, const birth_certificate& certificate) {
    reduction::encode(out, std::string(entry.name()));
    reduction::encode(out, entry.offset());
    reduction::encode(out, certificate.path);
    reduction::encode(out, certificate.name);
    reduction::encode(out, certificate.daemon);
    reduction::encode(out, certificate.parent_number);
    reduction::encode(out, certificate.parent_name);
}

MULTIPROCESSING_INLINE Process start_spawned(const spawn_entry_base& function, process_options options,
                                             function_ref<void(reduction::outgoing&)> put_arguments) {
    require_may_spawn();
    if (function.is_ambiguous()) {
        throw SpawnError("multiprocessing: the program has two functions that are both called " + std::string(function.name()) +
                         " at the same place of their libraries: load the library once only, or rename one of them");
    }
    next_child next(std::move(options.name), options.daemon);
    reduction::outgoing description;
    describe(description, function, next.certificate());
    put_arguments(description);
    auto child = spawn_child(description, next.parent().get(), options.inherit_signals);
    next.is_there();
    return process_access::make(std::move(child), next.certificate().name, options.daemon);
}

} // namespace multiprocessing::detail
