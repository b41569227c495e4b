#include <multiprocessing/process/spawn.hpp>
#include <multiprocessing/sharedctypes/shared_value.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mp = multiprocessing;

struct with_a_pointer {
    int number;
    int* pointer;
};

struct with_a_string { // and no serialize function
    std::string text;
};

class serialised_by_cereal { // its bytes are a number, and that is not for the library to know
public:
    explicit serialised_by_cereal(int number = 0) : number_(number) {}

private:
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number_);
    }
    int number_;
};

void take(const std::string&, int) {}
void write_to(int& number) { number = 1; }
int return_number(int number) { return number; }

// An argument must mean the same in another process.
void pass(const mp::SharedValue<int>& shared, std::vector<std::string> texts) {
    static_cast<void>(mp::spawn<&take>("text", 1));
    static_cast<void>(mp::spawn<[](const mp::SharedValue<int>&, const std::vector<std::string>&) {}>(shared, texts));
    static_cast<void>(mp::spawn<[](const std::string&) {}>("a literal as a string"));
    static_cast<void>(mp::spawn<[](const auto&) {}>("a literal"));
    static_cast<void>(mp::spawn<[](mp::SharedValue<int>& one, auto& two) { one += two.value(); }>(shared, shared));
    static_cast<void>(mp::spawn<[](std::string&& own, auto&& other) { own += other; }>("a", "b"));
    int number = 0;
    static_cast<void>(number);
#if defined(REFUSED_1)
    // REFUSED_1: an argument of this type cannot be passed to a spawned process, which shares no memory with this one
    static_cast<void>(mp::spawn<[](std::string_view) {}>("text"));
#elif defined(REFUSED_2)
    // REFUSED_2: an argument of this type cannot be passed to a spawned process
    static_cast<void>(mp::spawn<[](int*) {}>(&number));
#elif defined(REFUSED_3)
    // REFUSED_3: an argument of this type cannot be passed to a spawned process
    static_cast<void>(mp::spawn<[](const char*) {}>("text"));
#elif defined(REFUSED_4)
    // REFUSED_4: an argument of this type cannot be passed to a spawned process
    static_cast<void>(mp::spawn<[](with_a_pointer) {}>(with_a_pointer{1, &number}));
#elif defined(REFUSED_5)
    // REFUSED_5: or give the type a serialize function for cereal
    static_cast<void>(mp::spawn<[](const with_a_string&) {}>(with_a_string{"text"}));
#elif defined(REFUSED_6)
    // REFUSED_6: an argument of this type cannot be passed to a spawned process
    std::mutex mutex;
    static_cast<void>(mp::spawn<[](std::mutex&) {}>(mutex));
#elif defined(REFUSED_7)
    // REFUSED_7: an argument of this type cannot be passed to a spawned process
    static_cast<void>(mp::spawn<[](const std::vector<int*>&) {}>(std::vector<int*>{&number}));
#elif defined(REFUSED_8)
    // REFUSED_8: an argument of this type cannot be passed to a spawned process
    static_cast<void>(mp::spawn<[](const std::unique_ptr<int>&) {}>(std::make_unique<int>(1)));
#elif defined(REFUSED_9)
    // REFUSED_9: an argument of this type cannot be passed to a spawned process
    static_cast<void>(mp::spawn<[](const auto&) {}>(std::string_view("text")));
#elif defined(REFUSED_10)
    // REFUSED_10: an argument of this type cannot be passed to a spawned process
    std::atomic<int> atomic(1);
    static_cast<void>(mp::spawn<[](const std::atomic<int>&) {}>(atomic));
#elif defined(REFUSED_11)
    // REFUSED_11: spawn
    // REFUSED_11 is several errors of the compiler's own
    static_cast<void>(mp::spawn<[number] { static_cast<void>(number); }>());
#elif defined(REFUSED_12)
    // REFUSED_12: no matching function for call to
    static_cast<void>(mp::spawn<&take>("text"));
#elif defined(REFUSED_13)
    // REFUSED_13: or link to the target multiprocessing::cereal
    static_cast<void>(mp::spawn<[](const serialised_by_cereal&) {}>(serialised_by_cereal(1)));
#elif defined(REFUSED_14)
    // REFUSED_14: #include <multiprocessing/reduction/cereal.hpp> above
    static_cast<void>(mp::spawn<[](const std::vector<serialised_by_cereal>&) {}>(std::vector<serialised_by_cereal>(1)));
#elif defined(REFUSED_15)
    // REFUSED_15: this function takes a reference to non-const, and what it is given there is the child's own copy
    // REFUSED_15: Let it take a const reference or a value, and share what it is to change: a SharedValue or a SharedArray.
    static_cast<void>(mp::spawn<write_to>(number));
#elif defined(REFUSED_16)
    // REFUSED_16: this function takes a reference to non-const, and what it is given there is the child's own copy
    static_cast<void>(mp::spawn<[](const auto&, auto& text) { text += "!"; }>(shared, std::string("text")));
#elif defined(REFUSED_17)
    // REFUSED_17: this function returns something, which nobody would get
    // REFUSED_17: Let it store its result in a SharedValue or a SharedArray that it is given
    static_cast<void>(mp::spawn<return_number>(number));
#endif
}
