# room(NAME [USES room...] [LIBRARIES target...] [TEST_USES room...])
#
# Declares the folder src/NAME as one library `tarn_NAME`:
#   *.cc, internal/*.cc and the same in sub-rooms (every folder but tests/, testing/, main/)  the room
#   *.proto                        its records, generated for protobuf's lite runtime
#   testing/*.cc                   `tarn_NAME_testing`, lent to other rooms' tests
#   tests/*_test.cc                the test program `NAME_tests`
#   tests/*_concurrency_test.cc    the test program `NAME_concurrency_tests`, labelled `concurrency`
#
# USES names the rooms whose headers it may include; scripts/check_layers.py holds every #include to it.
# TEST_USES names further rooms that only its tests may include.
function(room name)
    cmake_parse_arguments(arg "" "" "USES;LIBRARIES;TEST_USES" ${ARGN})

    file(GLOB_RECURSE sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS *.cc)
    set(tests ${sources})
    set(testing ${sources})
    list(FILTER sources EXCLUDE REGEX "^(.*/)?(tests|testing|main)/")
    list(FILTER tests INCLUDE REGEX "^(.*/)?tests/[^/]*\\.cc$")
    list(FILTER testing INCLUDE REGEX "^(.*/)?testing/[^/]*\\.cc$")

    add_library(tarn_${name} STATIC ${CMAKE_SOURCE_DIR}/cmake/empty.cc ${sources})
    target_link_libraries(tarn_${name} PUBLIC tarn_flags ${arg_LIBRARIES})
    foreach(used ${arg_USES})
        target_link_libraries(tarn_${name} PUBLIC tarn_${used})
    endforeach()
    room_records(${name})

    add_library(tarn_${name}_testing STATIC ${CMAKE_SOURCE_DIR}/cmake/empty.cc ${testing})
    target_link_libraries(tarn_${name}_testing PUBLIC tarn_${name} GTest::gtest)
    foreach(used ${arg_USES} ${arg_TEST_USES})
        target_link_libraries(tarn_${name}_testing PUBLIC tarn_${used} tarn_${used}_testing)
    endforeach()

    set(concurrency ${tests})
    list(FILTER tests EXCLUDE REGEX "_concurrency_test\\.cc$")
    list(FILTER concurrency INCLUDE REGEX "_concurrency_test\\.cc$")
    room_tests(${name} ${name}_tests "unit" ${tests})
    room_tests(${name} ${name}_concurrency_tests "unit;concurrency" ${concurrency})
endfunction()

# Builds every test program labelled `concurrency`, the only ones that the tsan preset needs.
add_custom_target(concurrency)

# The .proto files of the room, generated into the build folder as <room>/<file>.pb.h.
function(room_records name)
    file(GLOB protos CONFIGURE_DEPENDS *.proto)
    foreach(proto ${protos})
        get_filename_component(stem ${proto} NAME_WE)
        set(out ${CMAKE_BINARY_DIR}/generated/${name}/${stem}.pb)
        file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/${name})
        add_custom_command(
            OUTPUT ${out}.h ${out}.cc
            COMMAND protobuf::protoc --cpp_out=${CMAKE_BINARY_DIR}/generated -I ${CMAKE_SOURCE_DIR}/src ${proto}
            DEPENDS ${proto})
        set_source_files_properties(${out}.cc PROPERTIES COMPILE_OPTIONS "-w")
        target_sources(tarn_${name} PRIVATE ${out}.cc ${out}.h)
        target_link_libraries(tarn_${name} PUBLIC protobuf::libprotobuf-lite)
    endforeach()
endfunction()

function(room_tests name target labels)
    if(NOT ARGN)
        return()
    endif()
    add_executable(${target} ${ARGN})
    target_link_libraries(${target} PRIVATE tarn_${name}_testing GTest::gtest GTest::gtest_main)
    target_compile_definitions(${target} PRIVATE TARN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES LABELS "${labels}" TIMEOUT 600)
    if("concurrency" IN_LIST labels)
        add_dependencies(concurrency ${target})
    endif()
endfunction()
