# Builds the Debian packages as the preset `package` does, looks at what they say of themselves, unpacks all of them into an empty folder and has
# Python use what it finds there. (C++ and C are consume.cmake's, which is given the same folder.)
# Taken out, and failed: the component of the headers, of the Python module; the library's dependencies (SHLIBDEPS).
# cmake -D SOURCE=<tree> -D COMPILER=<path> -D VERSION=<x.y.z> -D BOOST=<x.y> -D SCRATCH=<folder> -D ROOT=<folder to unpack into> -P debian.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
    message("${output}${errors}")
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "This ended with ${status}: ${ARGN}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect what text regex)
    if(NOT text MATCHES "${regex}")
        message(FATAL_ERROR "${what} does not match ${regex}:\n${text}")
    endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}" "${ROOT}")
file(MAKE_DIRECTORY "${ROOT}")
run("${CMAKE_COMMAND}" -S "${SOURCE}" --preset package -B "${SCRATCH}" -D "CMAKE_CXX_COMPILER=${COMPILER}" -D MULTIPROCESSING_INSTALL_TOOLS=OFF
    -D MULTIPROCESSING_BUILD_TOOLS=OFF -D CMAKE_CXX_FLAGS_RELEASE=-O0) # what is looked at is not how fast it is
run("${CMAKE_COMMAND}" --build "${SCRATCH}")
run("${CMAKE_CPACK_COMMAND}" -G DEB --config "${SCRATCH}/CPackConfig.cmake" -B "${SCRATCH}/packages")

# --- What they are ----------------------------------------------------------------------------------------------------
# Its files, as a list of regular expressions, come last.
function(expect_package name architecture what depends)
    file(GLOB package "${SCRATCH}/packages/${name}_${VERSION}_*.deb")
    list(LENGTH package count)
    if(NOT count EQUAL 1)
        message(FATAL_ERROR "There is not one package ${name} of version ${VERSION}: '${package}'")
    endif()
    run(dpkg-deb --field "${package}")
    expect("${name}" "${output}" "Version: ${VERSION}\n")
    expect("${name}" "${output}" "Architecture: ${architecture}\n")
    expect("${name}" "${output}" "Depends: ${depends}\n")
    expect("${name}" "${output}" "Description: ${what}[^\n]*\n [A-Z]")
    run(dpkg-deb --contents "${package}")
    foreach(file IN LISTS ARGN ITEMS share/doc/${name}/copyright)
        expect("${name}" "${output}" " [.]/usr/${file}( ->|\n)")
    endforeach()
    run(dpkg-deb --extract "${package}" "${ROOT}")
endfunction()

string(REGEX REPLACE "[.][0-9]+$" "" soversion "${VERSION}")
expect_package(libmultiprocessing-dev all "processes and shared values" "libboost-dev [(]>= ${BOOST}[)] [|] libboost1.81-dev"
    include/multiprocessing/multiprocessing.hpp include/multiprocessing/platform/windows/child.hpp share/multiprocessing/gdb/multiprocessing_printers.py
    share/doc/multiprocessing/README.md share/doc/multiprocessing/docs/README.md share/doc/multiprocessing/examples/counter.cpp)
expect_package(libmultiprocessing-compiled-dev "[a-z0-9]+" "processes and shared values" "libmultiprocessing-dev [(]= ${VERSION}[)]"
    "lib/.*libmultiprocessing.a" "lib/.*pkgconfig/multiprocessing-compiled.pc" share/cmake/multiprocessing/multiprocessing-compiled-targets.cmake)
expect_package(libmultiprocessing-c${soversion} "[a-z0-9]+" "named shared objects" "[^\n]*libstdc[+][+]6[^\n]*"
    "lib/.*libmultiprocessing_c.so.${soversion}")
expect_package(libmultiprocessing-c-dev "[a-z0-9]+" "named shared objects" "libmultiprocessing-c${soversion} [(]= ${VERSION}[)], libmultiprocessing-dev [(]= ${VERSION}[)]"
    include/multiprocessing.h "lib/.*libmultiprocessing_c.so")
expect_package(python3-multiprocessing-shared all "named shared objects" "python3, libmultiprocessing-c${soversion} [(]>= ${VERSION}[)]"
    lib/python3/dist-packages/multiprocessing_shared.py)

# --- What Python makes of them ----------------------------------------------------------------------------------------
find_program(python NAMES python3)
if(python)
    file(GLOB library "${ROOT}/usr/lib/*/libmultiprocessing_c.so.${soversion}" "${ROOT}/usr/lib/libmultiprocessing_c.so.${soversion}")
    set(ENV{PYTHONPATH} "${ROOT}/usr/lib/python3/dist-packages")
    set(ENV{PYTHONDONTWRITEBYTECODE} 1)
    run("${CMAKE_COMMAND}" -E env "MULTIPROCESSING_LIBRARY=${library}" "${python}" -c
        "import multiprocessing_shared as shared\nn = shared.SharedValue.create('package.python', 'i8', 6)\nn.value += 1\nshared.unlink('package.python')\nprint(n.value)")
    expect("Python" "${output}" "^7\n$")
endif()
