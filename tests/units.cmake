# Which test files are compiled together (MULTIPROCESSING_TEST_UNITS). A file that is not named here belongs to the unit of
# its folder. When two files of a unit define the same local name, the compiler says so: give one of them another unit.
set(unit_numbers
    memory/heap=2 memory/shareable=2
    synchronize/owner_died_callback=2 synchronize/rlock=3
    sharedctypes/shared_array=2 sharedctypes/shared_value=2
    shared_memory/shared_memory_manager=2
    conformance/child=2 conformance/lease=2 conformance/named_objects=3 conformance/start_self=3
    conformance/named_primitives=4 conformance/threads=4 conformance/wait_word=5 conformance/life_token=6
    robustness/kill_primitives=2 robustness/kill_values=2 robustness/named_objects=3 robustness/named_users=4 robustness/hostile_writers=5 robustness/named_tables=6
)
# By themselves: what looks at declarations before definitions, and what includes cereal, which must come before anybody asks what travels.
set(units_of_one
    platform/forward platform/segment_keeper
    process/spawn reduction/cereal reduction/codec robustness/hostile_descriptions robustness/spawn
)

# unit_of(<file> <result>): the name of its unit, or nothing for one that is compiled by itself.
function(unit_of source result)
    cmake_path(REMOVE_EXTENSION source LAST_ONLY OUTPUT_VARIABLE name)
    set(unit "")
    if(name MATCHES "^([a-z_]+)/" AND NOT name IN_LIST units_of_one)
        set(unit ${CMAKE_MATCH_1})
        if(";${unit_numbers};" MATCHES ";${name}=([0-9]+);")
            string(APPEND unit _${CMAKE_MATCH_1})
        endif()
    endif()
    set(${result} "${unit}" PARENT_SCOPE)
endfunction()
