// The functions of multiprocessing.h: each is a call of any_object whose exceptions are turned into results.
#include "any_object.hpp"
#include "failure.hpp"
#include "multiprocessing.h"

#include <multiprocessing/memory/creation_tags.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/object_name.hpp>
#include <multiprocessing/platform/clock.hpp>
#include <multiprocessing/platform/mapping.hpp>
#include <multiprocessing/robust/lives_of.hpp>
#include <multiprocessing/robust/mutex.hpp>
#include <multiprocessing/robust/mutex_state.hpp>
#include <multiprocessing/robust/owner_died.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

struct mp_object {
    c_interface::any_object object;
};

namespace {

namespace mp = multiprocessing;
using c_interface::any_object;
using c_interface::guarded;
using c_interface::note;
using mp::detail::named_kind;

static_assert(MP_RAW_VALUE == static_cast<int>(named_kind::raw_value) && MP_RAW_ARRAY == static_cast<int>(named_kind::raw_array) &&
              MP_SHARED_VALUE == static_cast<int>(named_kind::shared_value) && MP_SHARED_ARRAY == static_cast<int>(named_kind::shared_array) &&
              MP_RLOCK == static_cast<int>(named_kind::rlock) && MP_LOCK == static_cast<int>(named_kind::lock));

void require(const void* pointer, const char* what) {
    if (pointer == nullptr) {
        throw std::invalid_argument(std::string("multiprocessing: ") + what + " is NULL");
    }
}

/// `possible` are the wishes that mean something to the caller.
mp::object_name checked_name(const char* name, unsigned wishes, unsigned possible) {
    require(name, "the name");
    if ((wishes & ~possible) != 0) {
        throw std::invalid_argument("multiprocessing: \"" + std::string(name) + "\": there is no wish " + std::to_string(wishes & ~possible) + " here");
    }
    mp::object_name checked(name);
    if ((wishes & MP_OF_ANY_USER) != 0) {
        checked = std::move(checked).of_any_user();
    }
    if ((wishes & MP_UNLINK_ON_DESTROY) != 0) {
        checked = std::move(checked).unlink_on_destroy();
    }
    return checked;
}

mp_result give(any_object made, mp_object** object) {
    *object = new mp_object{std::move(made)};
    return MP_OK;
}

/// For what works on a lock, where "operation not permitted" is that the thread does not hold it.
template <class Work>
mp_result with_lock_of(const mp_object* object, Work work) noexcept {
    return guarded(MP_NOT_OWNER, [&] {
        require(object, "the object");
        return work(object->object.lock());
    });
}

std::chrono::milliseconds at_most(uint64_t milliseconds) noexcept {
    constexpr uint64_t longest = 1000ull * 60 * 60 * 24 * 365; // a year, which can be added to any time
    return std::chrono::milliseconds(milliseconds < longest ? milliseconds : longest);
}

mp_result unlock(const any_object& object, const mp::RLock& lock) {
    if (!object.header().is_owner()) { // also where a guard of C++ would say nothing: C has none
        mp::robust::mutex::throw_not_owner("release");
    }
    lock.unlock();
    return MP_OK;
}

mp_result not_found(const char* name) noexcept {
    return guarded(MP_PERMISSION, [&] {
        return note(MP_NOT_FOUND, "multiprocessing: \"" + std::string(name) + "\": there is no shared object of that name");
    });
}

} // namespace

mp_result mp_create(const char* name, mp_kind kind, const char* format, uint64_t count, const void* initial, unsigned mode, unsigned wishes,
                    mp_object** object) {
    return guarded(MP_PERMISSION, [&] {
        require(object, "where the handle is to go");
        const bool is_lock = kind == MP_RLOCK || kind == MP_LOCK;
        if (!is_lock) {
            require(format, "the format");
        }
        if ((mode & ~0777u) != 0) {
            throw std::invalid_argument("multiprocessing: a mode is at most 0777, as for chmod");
        }
        mp::object_name checked = checked_name(name, wishes, MP_OPEN_OR_CREATE | MP_OF_ANY_USER | MP_UNLINK_ON_DESTROY);
        if (mode != 0) {
            checked = std::move(checked).mode(static_cast<std::filesystem::perms>(mode));
        }
        const auto make = [&](auto tag) {
            return any_object::create(tag, checked, static_cast<named_kind>(kind), is_lock ? "" : format, is_lock ? 1 : count, initial);
        };
        return give((wishes & MP_OPEN_OR_CREATE) != 0 ? make(mp::open_or_create) : make(mp::create_only), object);
    });
}

mp_result mp_open(const char* name, unsigned wishes, mp_object** object) {
    return guarded(MP_PERMISSION, [&] {
        require(object, "where the handle is to go");
        const auto how = (wishes & MP_READ_ONLY) != 0 ? mp::platform::access::read_only : mp::platform::access::read_write;
        auto found = any_object::open(checked_name(name, wishes, MP_OF_ANY_USER | MP_READ_ONLY), how);
        return found ? give(*std::move(found), object) : not_found(name);
    });
}

void mp_close(mp_object* object) { delete object; }

mp_result mp_unlink(const char* name) {
    return guarded(MP_PERMISSION, [&] { return mp::unlink(checked_name(name, 0, 0)) ? MP_OK : not_found(name); });
}

mp_result mp_collect(void (*removed)(const char* name, void* context), void* context) {
    return guarded(MP_PERMISSION, [&] {
        for (const std::string& name : mp::collect()) {
            if (removed != nullptr) {
                removed(name.c_str(), context);
            }
        }
        return MP_OK;
    });
}

mp_kind mp_kind_of(const mp_object* object) { return static_cast<mp_kind>(object->object.kind()); }
const char* mp_format(const mp_object* object) { return object->object.format().c_str(); }
uint64_t mp_count(const mp_object* object) { return object->object.count(); }
size_t mp_element_bytes(const mp_object* object) { return object->object.element_bytes(); }
size_t mp_element_alignment(const mp_object* object) { return object->object.element_alignment(); }
const char* mp_identity(const mp_object* object) { return object->object.identity().c_str(); }
void* mp_elements(const mp_object* object) { return object->object.elements(); }

mp_result mp_load(mp_object* object, uint64_t first, int64_t step, uint64_t count, void* bytes, size_t size) {
    return guarded(MP_NOT_OWNER, [&] {
        require(object, "the object");
        require(bytes, "where the bytes are to go");
        object->object.load({first, step, count}, static_cast<std::byte*>(bytes), size);
        return MP_OK;
    });
}

mp_result mp_store(mp_object* object, uint64_t first, int64_t step, uint64_t count, const void* bytes, size_t size) {
    return guarded(MP_NOT_OWNER, [&] {
        require(object, "the object");
        require(bytes, "what is to be stored");
        object->object.store({first, step, count}, static_cast<const std::byte*>(bytes), size);
        return MP_OK;
    });
}

mp_result mp_lock(mp_object* object) {
    return with_lock_of(object, [](const mp::RLock& lock) {
        lock.lock();
        return MP_OK;
    });
}

mp_result mp_try_lock_for(mp_object* object, uint64_t milliseconds) {
    return with_lock_of(object, [&](const mp::RLock& lock) { return lock.try_lock_for(at_most(milliseconds)) ? MP_OK : MP_TIMED_OUT; });
}

mp_result mp_unlock(mp_object* object) {
    return with_lock_of(object, [object](const mp::RLock& lock) { return unlock(object->object, lock); });
}

mp_result mp_enter(mp_object* object, uint64_t milliseconds, int to_repair, int* inside) {
    return with_lock_of(object, [&](const mp::RLock& lock) {
        require(inside, "where it is to be noted");
        const bool taken = to_repair != 0 ? object->object.header().try_lock_until(mp::platform::deadline_after(at_most(milliseconds)),
                                                                                   mp::robust::purpose::repair)
                                          : lock.try_lock_for(at_most(milliseconds));
        if (!taken) {
            return MP_TIMED_OUT;
        }
        *inside = 1;
        return MP_OK;
    });
}

mp_result mp_leave(mp_object* object, int* inside, ...) {
    if (inside != nullptr && std::exchange(*inside, 0) == 0) {
        return MP_OK; // also of an object that could not be entered
    }
    return with_lock_of(object, [&](const mp::RLock& lock) {
        require(inside, "where it was noted");
        return unlock(object->object, lock);
    });
}

int mp_is_locked(const mp_object* object) {
    if (!object->object.has_lock()) {
        return 0;
    }
    return object->object.header().has_living_owner() ? 1 : 0;
}

int mp_owner_died(const mp_object* object) { return object->object.has_lock() && object->object.lock().owner_died() ? 1 : 0; }

mp_result mp_make_consistent(mp_object* object) {
    return with_lock_of(object, [](const mp::RLock& lock) {
        lock.make_consistent();
        return MP_OK;
    });
}

mp_result mp_lock_to_repair(mp_object* object) {
    return with_lock_of(object, [&](const mp::RLock&) {
        object->object.header().lock(mp::robust::purpose::repair);
        return MP_OK;
    });
}

mp_result mp_set_owner_died_policy(mp_object* object, int refuses) {
    return with_lock_of(object, [&](const mp::RLock& lock) {
        lock.set_owner_died_policy(refuses != 0 ? mp::OwnerDiedPolicy::throw_exception : mp::OwnerDiedPolicy::recover);
        return MP_OK;
    });
}

const char* mp_error_message(void) { return c_interface::last_message; }
