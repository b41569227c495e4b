// A program whose standard library looks at accesses, and that makes a wrong one: `checks_access raw 1`.
#undef _GLIBCXX_ASSERTIONS
#define _GLIBCXX_ASSERTIONS 1

#include <multiprocessing/multiprocessing.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace mp = multiprocessing;

int main(int, char** arguments) {
    ::dup2(STDOUT_FILENO, STDERR_FILENO); // which is what the test reads
    const std::string_view which = arguments[1];
    const auto index = static_cast<std::size_t>(std::atol(arguments[2]));
    if (which == "raw") {
        const mp::RawArray<double> cells{1000};
        cells[index] = 1;
    } else if (which == "moved") {
        mp::RawValue<double> value;
        const mp::RawValue<double> to(std::move(value));
        std::printf("%f ", *value); // NOLINT(bugprone-use-after-move): that is what is asked
    } else {
        const std::string name = "checks-indices-" + std::to_string(::getpid());
        const mp::RawArray<double> cells(mp::create_only, name, 3);
        const mp::ReadOnlyArray<double> view(name);
        mp::unlink(name);
        std::printf("%f ", view[index]);
    }
    std::puts("no complaint");
}
