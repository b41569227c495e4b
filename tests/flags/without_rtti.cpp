// A program without run-time type information: what the library finds by the name of a type is found.
#include <multiprocessing/multiprocessing.hpp>

#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>

namespace mp = multiprocessing;

namespace {

struct Place {
    double x = 0;
    double y = 0;
};
class Opaque {
public:
    [[nodiscard]] std::int64_t number() const { return number_; }
    void set(std::int64_t number) { number_ = number; }

private:
    std::int64_t number_ = 0;
};

void move_by(mp::SharedValue<Place>& place, double way) {
    place.update([&](Place& one) { one.x += way; });
}
void add(mp::SharedValue<int>& number, int more) { number += more; }
void fail() { throw std::runtime_error("on purpose"); }

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::logic_error(what);
    }
}

} // namespace

int main() {
    mp::run_if_spawned();
    try {
        mp::SharedValue<Place> place;
        mp::SharedValue<int> number{1};
        auto first = mp::spawn<move_by>(place, 2.5);
        auto second = mp::spawn<add>(number, 2);
        first.join();
        second.join();
        require(place.value().x == 2.5 && number.value() == 3, "each spawned child calls its own function");

        auto failing = mp::spawn<fail>();
        failing.join();
        require(failing.exitcode() == 1, "an exception ends a child");

        const std::string name = "without_rtti." + std::to_string(mp::current_process().pid());
        mp::SharedValue<Opaque> made(mp::create_only, mp::object_name(name).unlink_on_destroy());
        made.update([](Opaque& one) { one.set(7); });
        mp::SharedValue<Opaque> opened(mp::open_only, name);
        require(opened.value().number() == 7, "an object with a name is opened as what it is");
        try {
            const mp::SharedValue<double> other(mp::open_only, name);
            require(false, "an object of another type is refused");
        } catch (const mp::LayoutError& error) {
            std::cout << error.what() << '\n';
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
