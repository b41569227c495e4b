# Builds programs and plugins, each with a copy of the headers, and asks whether each pair of them is one process: host.cpp has the questions.
#
# Taken out once, to see it fail, with the copies each for itself: most pairs lose updates, and wait for themselves. Each alone: thread_ids (a thread waits for
# itself); loaded_copies::stay (clang++'s plugins leave descriptors, and functions that are called when they are gone); the comparison of layouts.
# cmake -D COMPILERS=<list> -D INCLUDE_FOLDERS=<list> -D SCRATCH=<folder> -P check.cmake
cmake_minimum_required(VERSION 3.25)

list(TRANSFORM INCLUDE_FOLDERS PREPEND "-I")
file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")
set(source "${CMAKE_CURRENT_LIST_DIR}")

function(compile compiler object)
    execute_process(COMMAND ${compiler} -std=c++20 -O0 ${INCLUDE_FOLDERS} ${ARGN} -c -o "${SCRATCH}/${object}.o" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
function(link compiler output)
    execute_process(COMMAND ${compiler} ${ARGN} -o ${output} -pthread -ldl WORKING_DIRECTORY "${SCRATCH}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(ask host question)
    execute_process(
        COMMAND "${SCRATCH}/${host}" "${question}" ${ARGN}
        WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output INPUT_FILE /dev/null
    )
    if(NOT status EQUAL 0)
        message(SEND_ERROR "${host} ${ARGN}: \"${question}\" ended with ${status}\n${output}")
    endif()
endfunction()

# Of each compiler: a program; a plugin as it comes, one that hides its names, and one that has the compiler's libraries in it as well.
set(hosts "")
set(plugins "")
foreach(compiler IN LISTS COMPILERS)
    cmake_path(GET compiler FILENAME name)
    compile(${compiler} host-${name} "${source}/host.cpp")
    compile(${compiler} plugin-${name} -fPIC "${source}/plugin.cpp")
    compile(${compiler} hidden-${name} -fPIC -fvisibility=hidden "${source}/plugin.cpp")
    link(${compiler} host-${name} host-${name}.o)
    link(${compiler} plugin-${name}.so -shared plugin-${name}.o)
    link(${compiler} hidden-${name}.so -shared hidden-${name}.o)
    link(${compiler} static-${name}.so -shared -static-libstdc++ -static-libgcc hidden-${name}.o)
    list(APPEND hosts host-${name})
    list(APPEND plugins ./plugin-${name}.so ./hidden-${name}.so ./static-${name}.so)

    compile(${compiler} differs-${name} -fPIC -D_GLIBCXX_DEBUG "${source}/plugin.cpp")
    link(${compiler} differs-${name}.so -shared differs-${name}.o)
    ask(host-${name} differs ./differs-${name}.so)
endforeach()

foreach(host IN LISTS hosts)
    foreach(plugin IN LISTS plugins)
        ask(${host} "counts" ${plugin})
        ask(${host} "counts, loaded after a fork" ${plugin})
        ask(${host} "is one process" ${plugin})
        ask(${host} "reloads" ${plugin})
    endforeach()
endforeach()

# Linked with each of them.
foreach(compiler IN LISTS COMPILERS)
    cmake_path(GET compiler FILENAME name)
    foreach(plugin IN LISTS plugins)
        link(${compiler} linked host-${name}.o -Wl,--no-as-needed ${plugin} -Wl,-rpath,${SCRATCH}) # which it refers to weakly
        ask(linked "counts")
        ask(linked "is one process")
    endforeach()
endforeach()
