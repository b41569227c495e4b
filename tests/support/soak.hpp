#pragma once

#include <chrono>
#include <cstdlib>
#include <random>

#include <support/sanitized.hpp>

/// \file
/// Test cases that are tagged [soak] are random, and find more the longer they run. Each has a short form for every run of
/// the tests; scripts/soak sets MULTIPROCESSING_SOAK_SECONDS, and MULTIPROCESSING_SOAK_SEED to what it prints.

namespace support {

inline long number_from(const char* variable, long otherwise) {
    const char* const text = std::getenv(variable);
    return text != nullptr ? std::atol(text) : otherwise;
}

/// Whether scripts/soak runs the tests.
inline bool soaks() { return number_from("MULTIPROCESSING_SOAK_SECONDS", 0) > 0; }

/// How long such a test case runs: `otherwise` in an ordinary run.
template <class Duration>
Duration soak_time(Duration otherwise) {
    const std::chrono::seconds longer(number_from("MULTIPROCESSING_SOAK_SECONDS", 0));
    return longer.count() > 0 ? Duration(longer) : otherwise;
}

/// The seed for its random numbers: `otherwise` in an ordinary run.
inline unsigned soak_seed(unsigned otherwise = std::random_device{}()) {
    return static_cast<unsigned>(number_from("MULTIPROCESSING_SOAK_SEED", static_cast<long>(otherwise)));
}

/// How often a test case starts processes for the same question: `ordinary` times, and a fifth of that where each start takes
/// five times as long, under a sanitizer and on Windows; `soaking` times for scripts/soak.
inline int repetitions(int ordinary, int soaking) {
#ifdef _WIN32
    constexpr bool slow = true;
#else
    constexpr bool slow = sanitized;
#endif
    return soaks() ? soaking : slow ? ordinary / 5 : ordinary;
}

/// Counts rounds: `ordinary` of them, or those that begin within MULTIPROCESSING_SOAK_SECONDS.
class soak_rounds {
public:
    explicit soak_rounds(long ordinary)
        : left_(ordinary), until_(std::chrono::steady_clock::now() + soak_time(std::chrono::seconds(0))) {}

    /// Whether there is one more.
    [[nodiscard]] bool next() { return left_-- > 0 || std::chrono::steady_clock::now() < until_; }

private:
    long left_;
    std::chrono::steady_clock::time_point until_;
};

} // namespace support
