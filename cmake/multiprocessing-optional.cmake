# What is opt-in, each with a library of its own: multiprocessing::cereal and multiprocessing::fmt. Read in the tree and by find_package alike.
#
# Each of them says to every source file of the target that links to it that the library is there (MULTIPROCESSING_CEREAL=1, MULTIPROCESSING_FMT=1).
# The library is the one that the project has a target for by the time it is generated, or else the headers that are found here. Where there is
# neither, what uses the target does not compile, and the header's #error says what to install.
function(multiprocessing_add_optional name header its_target)
    string(TOUPPER ${name} upper)
    find_path(MULTIPROCESSING_${upper}_INCLUDE_FOLDER ${header} DOC "Where ${header} is, for multiprocessing::${name}")
    mark_as_advanced(MULTIPROCESSING_${upper}_INCLUDE_FOLDER)
    if(NOT TARGET multiprocessing::${name})
        add_library(multiprocessing::${name} INTERFACE IMPORTED)
        if(MULTIPROCESSING_IN_TREE)
            set_target_properties(multiprocessing::${name} PROPERTIES IMPORTED_GLOBAL ON) # for the project around it
        endif()
        target_compile_definitions(multiprocessing::${name} INTERFACE MULTIPROCESSING_${upper}=1)
        target_link_libraries(multiprocessing::${name} INTERFACE multiprocessing::multiprocessing $<TARGET_NAME_IF_EXISTS:${its_target}>)
        if(MULTIPROCESSING_${upper}_INCLUDE_FOLDER)
            target_include_directories(
                multiprocessing::${name}
                INTERFACE "$<$<NOT:$<TARGET_EXISTS:${its_target}>>:${MULTIPROCESSING_${upper}_INCLUDE_FOLDER}>"
            )
            if(name STREQUAL "fmt") # found as headers, which need to be told so
                target_compile_definitions(multiprocessing::fmt INTERFACE "$<$<NOT:$<TARGET_EXISTS:${its_target}>>:FMT_HEADER_ONLY=1>")
            endif()
        endif()
    endif()
endfunction()

multiprocessing_add_optional(cereal cereal/cereal.hpp cereal::cereal)
multiprocessing_add_optional(fmt fmt/ranges.h fmt::fmt)
