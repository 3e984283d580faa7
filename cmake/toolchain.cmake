# Compiler, warnings, sanitizers, ccache and linker: everything that is the same for every room.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -gline-tables-only")  # optimised code with sanitizers takes twice as long to compile
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -gline-tables-only -DNDEBUG")

find_program(CCACHE ccache)
if(CCACHE)
    # Paths below the checkout are hashed as relative ones, so that every clone shares the cache.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(tarn_flags INTERFACE)
target_compile_options(tarn_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror -fno-omit-frame-pointer
                       -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_include_directories(tarn_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
target_link_options(tarn_flags INTERFACE -fuse-ld=lld)

set(TARN_SANITIZE "" CACHE STRING "value of -fsanitize=, empty for none")
if(TARN_SANITIZE)
    target_compile_options(tarn_flags INTERFACE -fsanitize=${TARN_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(tarn_flags INTERFACE -fsanitize=${TARN_SANITIZE})
endif()

if(TARN_FUZZ)
    target_compile_options(tarn_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
