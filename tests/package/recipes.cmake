# The files in packaging/, as far as they can be checked without vcpkg and Conan: their version, and the changelog's, is this one; vcpkg.json has the keys, names and forms that
# vcpkg's documentation demands; the Python files compile; Conan's test program builds with the headers and runs.
# Made wrong, one after the other, and failed: the version, a dependency's name, a dependency left out, a key, a bracket in conanfile.py.
# cmake -D SOURCE=<tree> -D VERSION=<x.y.z> -D BOOST=<x.y> -D COMPILER=<path> -D SCRATCH=<folder> -P recipes.cmake
cmake_minimum_required(VERSION 3.25)

set(port "${SOURCE}/packaging/vcpkg/ports/multiprocessing")
set(conan "${SOURCE}/packaging/conan")
set(name_form "^[a-z0-9]+(-[a-z0-9]+)*$")

function(require condition complaint)
    cmake_language(EVAL CODE "if(NOT (${condition}))\n message(FATAL_ERROR [==[${complaint}]==])\n endif()")
endfunction()

# --- What else names the version --------------------------------------------------------------------------------------
file(STRINGS "${SOURCE}/CHANGELOG.md" newest REGEX "^## " LIMIT_COUNT 1)
if(NOT newest MATCHES "^## \\[${VERSION}\\]")
    message(FATAL_ERROR "CHANGELOG.md begins with ${newest}, and this is ${VERSION}")
endif()

# --- vcpkg ------------------------------------------------------------------------------------------------------------
# check_keys(<object> <required> <allowed>): of a JSON object.
function(check_keys object required allowed)
    string(JSON count LENGTH "${object}")
    math(EXPR last "${count} - 1")
    set(keys "")
    foreach(i RANGE ${last})
        string(JSON key MEMBER "${object}" ${i})
        list(APPEND keys ${key})
        if(NOT key IN_LIST required AND NOT key IN_LIST allowed)
            message(FATAL_ERROR "vcpkg.json: ${key} is not a key that vcpkg knows there")
        endif()
    endforeach()
    foreach(key IN LISTS required)
        if(NOT key IN_LIST keys)
            message(FATAL_ERROR "vcpkg.json: there is no ${key}")
        endif()
    endforeach()
endfunction()

function(check_dependencies list)
    string(JSON count LENGTH "${list}")
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
        string(JSON type TYPE "${list}" ${i})
        string(JSON dependency GET "${list}" ${i})
        if(type STREQUAL "OBJECT")
            check_keys("${dependency}" "name" "host;features;default-features;platform;version>=")
            string(JSON dependency GET "${dependency}" name)
        endif()
        if(NOT dependency MATCHES "${name_form}")
            message(FATAL_ERROR "vcpkg.json: ${dependency} is no name of a port")
        endif()
    endforeach()
endfunction()

file(READ "${port}/vcpkg.json" manifest)
check_keys("${manifest}" "name;version" "description;homepage;license;supports;dependencies;features;port-version")
foreach(key name version license description)
    string(JSON ${key} GET "${manifest}" ${key})
endforeach()
require("name STREQUAL multiprocessing" "vcpkg.json: the name is ${name}")
require("version STREQUAL \"${VERSION}\"" "vcpkg.json says version ${version}, and this is ${VERSION}")
require("license STREQUAL BSL-1.0" "vcpkg.json: the licence is ${license}")
string(JSON dependencies GET "${manifest}" dependencies)
check_dependencies("${dependencies}")

string(JSON features GET "${manifest}" features)
string(JSON count LENGTH "${features}")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
    string(JSON feature MEMBER "${features}" ${i})
    string(JSON content GET "${features}" ${feature})
    require("feature MATCHES \"${name_form}\"" "vcpkg.json: ${feature} is no name of a feature")
    check_keys("${content}" "description" "dependencies;supports")
    string(JSON dependencies ERROR_VARIABLE none GET "${content}" dependencies)
    if(NOT none)
        check_dependencies("${dependencies}")
    endif()
endforeach()

# Every Boost library that a header includes is a dependency.
file(GLOB_RECURSE headers "${SOURCE}/include/*.hpp" "${SOURCE}/include/*.ipp")
foreach(header IN LISTS headers)
    file(STRINGS "${header}" includes REGEX "#include <boost/")
    foreach(include IN LISTS includes)
        string(REGEX REPLACE ".*<boost/([a-z]+)/.*" "boost-\\1" library "${include}")
        require("manifest MATCHES \"\\\"${library}\\\"\"" "vcpkg.json: ${header} needs ${library}")
    endforeach()
endforeach()
require("EXISTS \"${port}/usage\" AND EXISTS \"${port}/portfile.cmake\"" "the port lacks a file")

# --- Conan ------------------------------------------------------------------------------------------------------------
file(READ "${conan}/conanfile.py" recipe)
string(FIND "${recipe}" "boost/[>=${BOOST} " found)
require("NOT found EQUAL -1" "conanfile.py does not ask for Boost ${BOOST}")

find_program(python NAMES python3)
if(python)
    foreach(file conanfile.py test_package/conanfile.py)
        execute_process(
            COMMAND "${python}" -c "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')" "${conan}/${file}"
            COMMAND_ERROR_IS_FATAL ANY
        )
    endforeach()
endif()

# What the recipe takes of the tree is enough to build the compiled form.
file(MAKE_DIRECTORY "${SCRATCH}")
string(REGEX MATCH "for pattern in ([^:]*):" exported "${recipe}")
require("exported STREQUAL [[for pattern in \"include/*.[hi]pp\", \"src/*.cpp\", \"cmake/*\", \"CMakeLists.txt\", \"LICENSE\":]]" "conanfile.py exports: ${exported}")
file(REMOVE_RECURSE "${SCRATCH}/exported")
file(COPY "${SOURCE}/include" "${SOURCE}/src" "${SOURCE}/cmake" "${SOURCE}/CMakeLists.txt" "${SOURCE}/LICENSE" DESTINATION "${SCRATCH}/exported")
execute_process(
    COMMAND
        "${CMAKE_COMMAND}" -S "${SCRATCH}/exported" -B "${SCRATCH}/configured" -D "CMAKE_CXX_COMPILER=${COMPILER}" -D MULTIPROCESSING_INSTALL=OFF
    COMMAND_ERROR_IS_FATAL ANY
)

set(program "${SCRATCH}/test_package")
execute_process(
    COMMAND "${COMPILER}" -std=c++20 -pthread -I "${SOURCE}/include" "${conan}/test_package/test_package.cpp" -o "${program}"
    COMMAND_ERROR_IS_FATAL ANY
)
execute_process(COMMAND "${program}" OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
require("output STREQUAL \"42\\n\"" "Conan's test program printed ${output}")
