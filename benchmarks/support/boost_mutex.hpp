#pragma once

#include "shared_peers.hpp"

#include <boost/interprocess/sync/interprocess_recursive_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>

/// \file
/// The peer: Boost's recursive mutex, which is not robust.

namespace benchmarks {

template <class T>
class guarded_by_boost_mutex {
public:
    template <class Change>
    void update(Change change) const {
        const boost::interprocess::scoped_lock guard(shared_->mutex);
        change(shared_->value);
    }

private:
    struct alignas(64) shared {
        boost::interprocess::interprocess_recursive_mutex mutex;
        T value{};
    };
    mapped<shared> shared_;
};

} // namespace benchmarks
