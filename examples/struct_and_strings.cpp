// A struct that many processes update, and that nobody ever sees half-changed; and a text that is replaced again and again,
// and is always one whole text.

#include <multiprocessing/multiprocessing.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace mp = multiprocessing;
using namespace std::chrono_literals;

constexpr int workers = 4;
constexpr long samples = 50'000; // of each worker

// What may be shared: a struct of plain members and std::array, no pointers, no std::string. The members belong together: the
// number of samples is the sum over the workers, and the sum of the samples can be told from them (see whole).
struct Statistics {
    long number = 0;
    double sum = 0;
    double largest = 0;
    std::array<long, workers> number_of_worker = {};
};

// Worker w has samples of w + 1, so that anybody can check what is in the struct.
bool whole(const Statistics& seen) {
    long number = 0;
    double sum = 0;
    double largest = 0;
    for (std::size_t w = 0; w < workers; ++w) {
        const auto sample = static_cast<double>(w + 1);
        number += seen.number_of_worker[w];
        sum += sample * static_cast<double>(seen.number_of_worker[w]);
        if (seen.number_of_worker[w] != 0) {
            largest = sample;
        }
    }
    return seen.number == number && seen.sum == sum && seen.largest == largest;
}

std::string report_of(std::size_t worker) {
    return "worker " + std::to_string(worker) + " says " + std::string(8 + 4 * worker, static_cast<char>('a' + worker));
}

void work(std::size_t worker, const mp::SharedValue<Statistics>& statistics, const mp::SharedArray<char>& report) {
    const auto sample = static_cast<double>(worker + 1);
    for (long n = 0; n < samples; ++n) {
        // The function changes a copy, and all of it becomes visible when it returns: to other processes, and to those who
        // come after if this one is killed in the middle. Four members change; nobody sees two of them changed.
        statistics.update([&](Statistics& s) {
            s.number += 1;
            s.sum += sample;
            s.largest = std::max(s.largest, sample);
            s.number_of_worker[worker] += 1;
        });
        if (n % 500 == 0) {
            report.value(report_of(worker)); // all of the text or nothing of it
            std::this_thread::sleep_for(1ms); // let the others have a turn
        }
    }
}

// Reads as fast as it can, and counts how often. Its exit code says whether it ever saw something half-changed: an exception that
// escapes is printed and becomes 1.
void watch(const mp::SharedValue<Statistics>& statistics, const mp::SharedArray<char>& report, const mp::SharedValue<bool>& done,
           const mp::SharedValue<long>& looks) {
    std::vector<std::string> possible = {"nobody has said anything"};
    for (std::size_t w = 0; w < workers; ++w) {
        possible.push_back(report_of(w));
    }
    do {
        looks += 1;
        if (!whole(statistics.value())) { // value(): a copy of the whole struct, taken under the lock
            throw std::runtime_error("a struct that is half-changed");
        }
        if (std::ranges::find(possible, report.value()) == possible.end()) {
            throw std::runtime_error("a text that nobody wrote: " + report.value());
        }
    } while (!done.value());
}

int main() {
    const mp::SharedValue<Statistics> statistics;
    const mp::SharedArray<char> report(64); // room for 64 characters, all NUL
    const mp::SharedValue<bool> done{false};
    const mp::SharedValue<long> looks{0};
    report.value("nobody has said anything");

    mp::Process watcher = mp::fork({.name = "watcher"}, watch, statistics, report, done, looks);
    std::vector<mp::Process> children;
    for (std::size_t w = 0; w < workers; ++w) {
        children.push_back(mp::fork(work, w, statistics, report));
    }
    for (mp::Process& child : children) {
        child.join();
    }
    done = true;
    watcher.join();

    const Statistics end = statistics.value();
    std::cout << end.number << " samples, sum " << end.sum << ", largest " << end.largest << '\n';
    std::cout << "the watcher looked " << looks << " times and ended with " << *watcher.exitcode()
              << ": 0 is never a half-changed struct, never half a text\n";
    std::cout << "the last report: " << report.value() << '\n';

    // value() is the text up to the first NUL, raw() every character; what does not fit is refused and changes nothing.
    const mp::SharedArray<char> name("CHARLES"); // as long as the text: 7
    name.value("ANNE");
    std::string all = name.raw();
    std::ranges::replace(all, '\0', '.');
    std::cout << "value " << name.value() << ", raw " << all << '\n';
    try {
        name.value("ALEXANDRA");
    } catch (const std::length_error& error) {
        std::cout << error.what() << '\n';
    }
    std::cout << "still " << name << '\n';

    const bool as_promised = whole(end) && end.number == workers * samples && watcher.exitcode() == 0 && name.value() == "ANNE";
    return as_promised ? 0 : 1;
}
