#pragma once

/// \file
/// How the threads of a model are written down.

namespace models {

/// What a thread's step was. `blocked`: it can do nothing now, and the state is as it was.
enum class outcome { running, done, blocked };

/// A program is a struct of bytes with a `pc`, and `run`, which goes on to the next MODEL_STEP: so it reads like the code that it mirrors.
/// Between two of them is one access to memory, at most, and whatever the thread does by itself.
#define MODEL_BEGIN                                                                                                                        \
    switch (pc) {                                                                                                                          \
    case 0:
#define MODEL_STEP                                                                                                                         \
    pc = __LINE__;                                                                                                                         \
    return ::models::outcome::running;                                                                                                     \
    case __LINE__:
/// All steps of another program.
#define MODEL_CALL(call)                                                                                                                   \
    MODEL_STEP if (const ::models::outcome did = (call); did != ::models::outcome::done) {                                                 \
        return did;                                                                                                                        \
    }
#define MODEL_BLOCK return ::models::outcome::blocked
#define MODEL_END                                                                                                                          \
    }                                                                                                                                      \
    pc = 0;                                                                                                                                \
    return ::models::outcome::done;

} // namespace models
