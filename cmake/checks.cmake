# Checks of the source tree itself, run by ctest.

add_test(NAME check_layers COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/check_layers.py ${CMAKE_SOURCE_DIR})
add_test(NAME check_coroutines COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/check_coroutines.py ${CMAKE_SOURCE_DIR})
add_test(NAME check_format COMMAND ${CMAKE_SOURCE_DIR}/scripts/lint --format)
set_tests_properties(check_layers check_coroutines check_format PROPERTIES LABELS "unit")
