# The floors of include/multiprocessing/, bottom up, and what each may include beside itself. This is the one list: the tests read it (tests/layering, tests/CMakeLists.txt),
# and compare docs/design/floors.md with it. What lies directly in multiprocessing/ is above all floors; version.hpp is below them.
set(floors base platform memory robust reduction synchronize sharedctypes process shared_memory)

set(floor_base "")
set(floor_platform base)
set(floor_memory base platform)
set(floor_robust base platform memory)
set(floor_reduction base platform memory)
set(floor_synchronize base platform memory robust reduction)
set(floor_sharedctypes base platform memory robust reduction synchronize)
set(floor_process base platform memory robust reduction)
set(floor_shared_memory base platform memory reduction)
