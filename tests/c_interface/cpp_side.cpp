// The C++ side of test_python.py: a program that knows the library and nothing of Python. cpp_side COMMAND NAME [NUMBER]
#include <multiprocessing/multiprocessing.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <mutex>
#include <string>

namespace mp = multiprocessing;

namespace {

struct sample {
    std::int32_t number;
    double weight;
    std::array<double, 3> place;
};
struct nested {
    bool flag;
    sample inner;
    std::array<std::array<std::uint16_t, 2>, 2> grid;
};
class closed {
public:
    void set(std::int64_t one, std::int64_t other) { one_ = one, other_ = other; }

private:
    std::int64_t one_ = 0;
    std::int64_t other_ = 0;
};

using counter = mp::SharedValue<std::int64_t>;
using doubles = mp::SharedArray<double>;

/// Says that it is where the other side waits for it to be, and stays there until its standard input ends, or it is killed.
void stand() {
    std::cout << "ready" << std::endl;
    std::string line;
    std::getline(std::cin, line);
}

void run(const std::string& command, const std::string& name, std::int64_t number) {
    if (command == "increment") {
        counter shared(mp::open_only, name);
        stand();
        for (std::int64_t i = 0; i < number; ++i) {
            ++shared;
        }
    } else if (command == "hold") {
        const counter shared(mp::open_only, name);
        const std::scoped_lock held(shared);
        stand();
    } else if (command == "inherit") {
        const counter shared(mp::open_only, name);
        const std::unique_lock held(shared, std::chrono::seconds(30));
        std::cout << held.owns_lock() << " " << shared.get_lock().owner_died() << " " << shared.value() << std::endl;
        shared.get_lock().make_consistent();
    } else if (command == "make_counter") {
        const counter shared(mp::create_only, name, number);
        stand();
    } else if (command == "make_doubles") {
        const doubles shared(mp::create_only, name, number);
        stand();
        for (const double each : shared) {
            std::cout << each << " ";
        }
        std::cout << std::endl;
    } else if (command == "add") {
        const doubles shared(mp::open_only, name);
        for (double& each : shared.synchronize()) {
            each += static_cast<double>(number);
        }
    } else if (command == "is_uniform") {
        const doubles shared(mp::open_only, name);
        const auto all = shared.synchronize();
        bool uniform = true;
        for (const double& each : all) {
            uniform = uniform && each == all[0];
        }
        std::cout << uniform << std::endl;
    } else if (command == "make_samples") {
        const mp::SharedArray<sample> shared(mp::create_only, name, {sample{1, 0.5, {1, 2, 3}}, sample{2, 1.5, {4, 5, 6}}});
        stand();
        const sample last = shared[-1].value();
        std::cout << last.number << " " << last.weight << " " << last.place[2] << std::endl;
    } else if (command == "print_sample") {
        const mp::SharedValue<sample> shared(mp::open_only, name);
        const sample one = shared.value();
        std::cout << one.number << " " << one.weight << " " << one.place[2] << std::endl;
    } else if (command == "make_all_kinds") {
        const mp::SharedValue<nested> a(mp::create_only, name + ".nested", nested{true, sample{1, 0.5, {1, 2, 3}}, {{{1, 2}, {3, 4}}}});
        const mp::RawArray<char> b(mp::create_only, name + ".text", "hello");
        const mp::SharedArray<char32_t> c(mp::create_only, name + ".wide", U"h\u00e9");
        const mp::RawValue<long double> d(mp::create_only, name + ".long_double", 0.25L);
        const mp::SharedValue<closed> e(mp::create_only, name + ".closed");
        const mp::SharedArray<float> f(mp::create_only, name + ".empty", 0);
        const mp::RLock g(mp::create_only, name + ".rlock");
        const mp::Lock h(mp::create_only, name + ".lock");
        const mp::RawValue<std::array<std::uint8_t, 4>> i(mp::create_only, name + ".bytes", std::array<std::uint8_t, 4>{1, 2, 3, 255});
        stand();
    } else {
        throw std::invalid_argument("there is no command " + command);
    }
}

} // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "", argc > 3 ? std::stoll(argv[3]) : 0);
        return 0;
    } catch (const mp::LayoutError& error) {
        std::cout << "LayoutError: " << error.what() << std::endl;
        return 3;
    } catch (const std::exception& error) {
        std::cerr << error.what() << std::endl;
        return 1;
    }
}
