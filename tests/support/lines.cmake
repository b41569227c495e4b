# take_line(line text): moves the first line of the variable `text` into the variable `line`.
#
# CMake's lists would be the usual way to walk over lines, but they split at every `;` and glue what stands between `[`
# and `]`, so no text of C++ survives them.
function(take_line _line _text)
    string(FIND "${${_text}}" "\n" _end)
    if(_end EQUAL -1)
        set(${_line} "${${_text}}" PARENT_SCOPE)
        set(${_text} "" PARENT_SCOPE)
    else()
        string(SUBSTRING "${${_text}}" 0 ${_end} _first)
        math(EXPR _end "${_end} + 1")
        string(SUBSTRING "${${_text}}" ${_end} -1 _rest)
        set(${_line} "${_first}" PARENT_SCOPE)
        set(${_text} "${_rest}" PARENT_SCOPE)
    endif()
endfunction()
