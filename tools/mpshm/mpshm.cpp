// Shows the named objects of this machine, and removes them. What a name is, is said by its header alone: docs/named_objects.md.

#include "description.hpp"

#include <multiprocessing/base/escaped.hpp>
#include <multiprocessing/memory/named_objects.hpp>
#include <multiprocessing/memory/object_name.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <iomanip>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace mp = multiprocessing;

namespace {

constexpr int not_done = 1;
constexpr int not_understood = 2;

constexpr std::string_view help = R"(mpshm: the named objects of multiprocessing

  mpshm [list]      every object: name, kind, element, count, bytes, and who holds its lock
  mpshm show NAME   one object: its header, its value where an element is a number or a character, the state of a primitive
  mpshm unlink NAME takes the name away; who has the object open keeps it
  mpshm collect     removes the objects that asked for it (unlink_on_destroy) and whose makers were killed
  mpshm --help      this text

An element is written as in docs/named_objects.md: i4 a signed number of 4 bytes, f8 a double, 3*f8 three of them, {0:i4,8:f8}16 a struct.
A lock is `free`, or held by a thread: `user:12.3 lives` is the third one that had slot 12 of the user's table of lives; `object:`, of the object's own.
A file that has a name of ours and is no object (`no object`, `no memory`), or may not be read, is a line of the list, which goes on.
The exit code is 0, 1 when it could not be done (of a list: when there was such a file), 2 when it was not understood.
)";

int list() {
    using row = std::array<std::string, 6>;
    std::vector<row> rows{{"NAME", "KIND", "ELEMENT", "COUNT", "BYTES", "LOCK"}};
    bool are_objects = true;
    for (const std::string& name : mpshm::names()) {
        mpshm::row one = mpshm::row_of(name);
        rows.push_back(std::move(one.columns));
        are_objects = are_objects && one.is_object;
    }
    row::size_type column = 0;
    std::array<std::size_t, std::tuple_size_v<row>> widths{};
    for (std::size_t& width : widths) {
        for (const row& each : rows) {
            width = std::max(width, each[column].size());
        }
        ++column;
    }
    for (const row& each : rows) {
        for (column = 0; column + 1 < each.size(); ++column) {
            const bool number = column == 3 || column == 4;
            std::cout << (number ? std::right : std::left) << std::setw(static_cast<int>(widths[column])) << each[column] << "  ";
        }
        std::cout << each.back() << '\n';
    }
    return are_objects ? 0 : not_done;
}

int show(const std::string& name) {
    for (const auto& [what, value] : mpshm::details_of(mp::object_name(name).text())) {
        std::cout << std::left << std::setw(10) << what << ' ' << value << '\n';
    }
    return 0;
}

int unlink(const std::string& name) {
    if (!mp::unlink(name)) {
        std::cerr << "mpshm: there is no shared object \"" << name << "\"\n";
        return not_done;
    }
    return 0;
}

int collect() {
    for (const std::string& name : mp::collect()) {
        std::cout << mp::detail::escaped(name) << '\n';
    }
    return 0;
}

int run(std::span<char*> arguments) {
    const std::vector<std::string> words(arguments.begin(), arguments.end());
    const std::string command = words.empty() ? "list" : words[0];
    if (command == "list" && words.size() <= 1) {
        return list();
    }
    if (command == "show" && words.size() == 2) {
        return show(words[1]);
    }
    if (command == "unlink" && words.size() == 2) {
        return unlink(words[1]);
    }
    if (command == "collect" && words.size() == 1) {
        return collect();
    }
    if (command == "--help" || command == "-h") {
        std::cout << help;
        return 0;
    }
    std::cerr << "mpshm: not understood; `mpshm --help` tells what can be written\n";
    return not_understood;
}

} // namespace

int main(int count, char** arguments) {
    try {
        return run(std::span(arguments, static_cast<std::size_t>(count)).subspan(1));
    } catch (const std::exception& error) {
        std::cerr << "mpshm: " << error.what() << '\n';
        return not_done;
    }
}
