// The calling thread's own name: kept at hand, given up with the thread, and no child's.
//
// Taken out once, to see it fail: when_gone in enrol_this_thread: "this_thread_id in a child"; its look at what other copies know: "the name that another copy
// of the library has had given"; resign in thread_ids::end: "alive as long as the thread is"; the mark of a forked child: "in the child of a fork".
#include "support/catch.hpp"
#include "support/run.hpp"

#include <multiprocessing/robust/life_registry.hpp>
#include <multiprocessing/robust/this_thread_life.hpp>
#include <multiprocessing/robust/thread_ids.hpp>

#include <thread>
#include <type_traits>

namespace mp = multiprocessing;
using mp::robust::enrol_this_thread;
using mp::robust::life_id;
using mp::robust::life_registry;
using mp::robust::life_scope;
using mp::robust::this_thread_id;
using mp::robust::this_thread_user_id;
using mp::robust::thread_may_be_in_parents_scopes;
using support::expect;

static_assert(std::is_trivially_destructible_v<decltype(this_thread_id)>); // a destructor would cost a guard at each access

namespace {

constexpr life_scope scopes_with_a_variable[] = {life_scope::family, life_scope::user};

template <class Body>
void in_fresh_thread(Body body) {
    std::thread(body).join();
}

} // namespace

TEST_CASE("enrol_this_thread") {
    SECTION("a name for each registry, given when first needed and kept") {
        in_fresh_thread([] {
            CHECK((!this_thread_id && !this_thread_user_id));
            const life_id family = enrol_this_thread();
            CHECK((this_thread_id == family && !this_thread_user_id));
            const life_id user = enrol_this_thread(life_scope::user);
            CHECK((this_thread_id == family && this_thread_user_id == user));
            CHECK((family.scope() == life_scope::family && user.scope() == life_scope::user));
            CHECK((enrol_this_thread() == family && enrol_this_thread(life_scope::user) == user));
        });
        CHECK(&mp::robust::this_thread_id_in(life_scope::family) == &this_thread_id);
        CHECK(&mp::robust::this_thread_id_in(life_scope::user) == &this_thread_user_id);
    }
    SECTION("the name that another copy of the library has had given") {
        in_fresh_thread([] {
            const life_id name = life_registry::family().enrol();
            mp::robust::thread_ids::get().at_hand[0] = name;
            CHECK(enrol_this_thread() == name);
        });
    }
    SECTION("alive as long as the thread is") {
        for (const life_scope scope : scopes_with_a_variable) {
            life_id name;
            in_fresh_thread([&] {
                name = enrol_this_thread(scope);
                CHECK(life_registry::is_alive(name));
            });
            CHECK_FALSE(life_registry::is_alive(name));
        }
    }
}

TEST_CASE("this_thread_id in a child") {
    for (const life_scope scope : scopes_with_a_variable) {
        const life_id parents = enrol_this_thread(scope);
        support::shared<life_id> childs;
        CHECK(support::run_child([&] {
            expect(!mp::robust::this_thread_id_in(scope), "the child's thread is another one");
            *childs = enrol_this_thread(scope);
            expect(*childs != parents && life_registry::is_alive(*childs));
            expect(life_registry::is_alive(parents));
        }) == 0);
        CHECK(*childs);
        CHECK_FALSE(life_registry::is_alive(*childs)); // its process has a number of its own, which went with it
        CHECK(life_registry::is_alive(parents));
        CHECK(mp::robust::this_thread_id_in(scope) == parents);
    }
}

TEST_CASE("thread_may_be_in_parents_scopes") {
    SECTION("in the child of a fork, when the parent's thread had used a lock") {
        static_cast<void>(enrol_this_thread());
        CHECK_FALSE(thread_may_be_in_parents_scopes());
        CHECK(support::run_child([] {
            expect(thread_may_be_in_parents_scopes());
            in_fresh_thread([] {
                static_cast<void>(enrol_this_thread());
                expect(!thread_may_be_in_parents_scopes(), "a thread of the child's own");
            });
            mp::robust::thread_is_in_no_scope_of_parents();
            expect(!thread_may_be_in_parents_scopes());
            static_cast<void>(enrol_this_thread());
            expect(!thread_may_be_in_parents_scopes());
        }) == 0);
        CHECK_FALSE(thread_may_be_in_parents_scopes());
    }
    SECTION("not when it had used none") {
        in_fresh_thread([] {
            CHECK(support::run_child([] {
                expect(!thread_may_be_in_parents_scopes());
                mp::robust::thread_is_in_no_scope_of_parents(); // which has nothing to note
            }) == 0);
        });
    }
}
