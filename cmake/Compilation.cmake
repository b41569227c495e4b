# How our own programs are compiled quickly. Nothing here changes what a project that uses the library gets.

# ccache, where it is installed and nobody chose another launcher. It only accepts precompiled headers with this sloppiness.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(MULTIPROCESSING_CCACHE ccache DOC "Keeps object files for the next build of the same source")
    if(MULTIPROCESSING_CCACHE)
        set(
            CMAKE_CXX_COMPILER_LAUNCHER
            "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${MULTIPROCESSING_CCACHE}"
        )
    endif()
endif()
