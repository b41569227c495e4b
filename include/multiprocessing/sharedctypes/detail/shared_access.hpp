#pragma once

#include <multiprocessing/base/form.hpp>
#include <multiprocessing/memory/block.hpp>
#include <multiprocessing/reduction/reducer.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/redo_log.hpp>
#include <multiprocessing/sharedctypes/detail/external_log.hpp>
#include <multiprocessing/base/word.hpp>
#include <multiprocessing/sharedctypes/raw_value.hpp>
#include <multiprocessing/synchronize/rlock.hpp>

#include <cstddef>
#include <stdexcept>
#include <type_traits>
#include <utility>

/// \file
/// How the rest of the library makes Shared handles of parts it already has, and takes them apart.

namespace multiprocessing::detail {

/// Whether the object, of `extent` bytes, lies `offset` behind the lock of its own block, which is laid out for that, and its shadow behind it.
[[nodiscard]] bool is_behind_its_lock(const RLock& lock, const memory::block& object, std::size_t offset, bool is_array, std::size_t extent);

struct shared_access {
    /// A Raw object, guarded from now on.
    template <class Shared, class Raw>
    [[nodiscard]] static Shared guard(const RLock& lock, const Raw& object) {
        return Shared(lock, object);
    }

    template <class Shared>
    static void reduce(const Shared& shared, reduction::outgoing& out) {
        using Raw = std::remove_cvref_t<decltype(shared.get_obj())>;
        reduction::reducer<RLock>::reduce(shared.get_lock(), out);
        reduction::reducer<Raw>::reduce(shared.get_obj(), out);
        const external_log_ptr log = shared.external_log();
        out.put_number(log != nullptr);
        if (log != nullptr) {
            out.put_block(log->block());
        }
    }

    template <class Shared>
    [[nodiscard]] static Shared rebuild(reduction::incoming& in) {
        using Raw = std::remove_cvref_t<decltype(std::declval<const Shared&>().get_obj())>;
        RLock lock = reduction::reducer<RLock>::rebuild(in);
        Raw object = reduction::reducer<Raw>::rebuild(in);
        external_log_ptr log;
        if (in.take_number() != 0) {
            constexpr bool is_array = requires { object.size(); };
            constexpr std::size_t alignment = alignof(typename Shared::value_type);
            const std::size_t bytes = extent_of(object);
            log = make_external_log(lock, Shared::bytes_of(object), bytes, alignment, is_array,
                                    in.take_block(external_log::bytes_for(bytes, alignment), external_log::offset(alignment)));
        } else if (!has_log_in_block<Shared>(lock, object)) {
            throw std::runtime_error("multiprocessing: a description of a shared object says nothing of its redo log");
        }
        return Shared(std::move(lock), std::move(object), std::move(log));
    }

private:
    /// Whether the object lies behind its lock, and its shadow behind it; or is a word, which needs none.
    template <class Shared, class Raw>
    [[nodiscard]] static bool has_log_in_block(const RLock& lock, const Raw& object) {
        constexpr bool is_array = requires { object.size(); };
        if constexpr (!is_array && word<typename Shared::value_type>) {
            return true;
        } else {
            return is_behind_its_lock(lock, raw_access::block(object), Shared::offset, is_array, extent_of(object));
        }
    }

    template <class Raw>
    [[nodiscard]] static std::size_t extent_of(const Raw& object) noexcept {
        if constexpr (requires { object.size(); }) {
            return object.size() * sizeof(typename Raw::value_type);
        } else {
            return sizeof(typename Raw::value_type);
        }
    }
};

} // namespace multiprocessing::detail

#if MULTIPROCESSING_DEFINITIONS
#    include <multiprocessing/sharedctypes/detail/shared_access.ipp>
#endif
