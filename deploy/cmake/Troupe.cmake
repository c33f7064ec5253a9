# The verbs every folder's CMakeLists.txt uses.
#   troupe_library(NAME SOURCES a.cc ... DEPS ...)   a static library troupe_NAME, one per folder
#   troupe_program(NAME SOURCES a.cc ... DEPS ...)   a binary NAME under bin/
#   troupe_test(NAME SOURCES a_test.cc ... DEPS ... LABELS unit HEADERS rpc TIMEOUT 300)   a GoogleTest binary, each case
#                                                                                        known to ctest
#   troupe_embed(VARIABLE HEADER a.h TYPE T FUNCTION F ROOT folder FILES a b)   a source that compiles files in: HEADER
#                                                                             declares const std::vector<T>& F(), where a
#                                                                             T is made of a file's name and its text
# HEADERS says which precompiled headers a test takes: plain (GoogleTest, JSON), rpc (gRPC as well), own (its own). TIMEOUT
# is in seconds, for one case.
# DEPS are passed on to target_link_libraries, PUBLIC unless a keyword says otherwise.
include(GoogleTest)

function(troupe_common target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-missing-field-initializers
                         -Wno-restrict)  # gcc 12 sees overlaps in std::string that are not there (gcc bug 105651)
  if(TROUPE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

function(troupe_link target)
  set(scope PUBLIC)
  foreach(dep IN LISTS ARGN)
    if(dep MATCHES "^(PUBLIC|PRIVATE|INTERFACE)$")
      set(scope ${dep})
    else()
      target_link_libraries(${target} ${scope} ${dep})
    endif()
  endforeach()
endfunction()

function(troupe_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  set(target troupe_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  troupe_common(${target})
  if(TROUPE_COVERAGE)
    target_compile_options(${target} PRIVATE -fsanitize-coverage=trace-pc)
  endif()
  troupe_link(${target} ${arg_DEPS})
endfunction()

function(troupe_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  troupe_common(${name})
  troupe_link(${name} ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

function(troupe_embed variable)
  cmake_parse_arguments(arg "" "HEADER;TYPE;FUNCTION;ROOT" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${variable}.cc)
  set(script ${PROJECT_SOURCE_DIR}/deploy/cmake/embed.cmake)
  list(JOIN arg_FILES "," files)
  list(TRANSFORM arg_FILES PREPEND ${arg_ROOT}/)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DROOT=${arg_ROOT} -DFILES=${files} -DHEADER=${arg_HEADER} -DTYPE=${arg_TYPE}
            -DFUNCTION=${arg_FUNCTION} -DOUT=${out} -P ${script}
    DEPENDS ${arg_FILES} ${script} COMMENT "Embedding ${arg_FUNCTION}" VERBATIM)
  set(${variable} ${out} PARENT_SCOPE)
endfunction()

function(troupe_test name)
  cmake_parse_arguments(arg "" "HEADERS;TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  troupe_common(${name})
  # what tests do themselves takes no time worth optimising: half of theirs is compiling
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  # gcc 12 then sees overruns in std::string and std::variant that are not there (gcc bug 105651 and its kin)
  target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-maybe-uninitialized -Wno-stringop-overflow
                         -Wno-stringop-overread)
  if(NOT arg_HEADERS)
    set(arg_HEADERS plain)
  endif()
  if(NOT arg_HEADERS STREQUAL "own")
    target_precompile_headers(${name} REUSE_FROM test_headers_${arg_HEADERS})
  endif()
  troupe_link(${name} ${arg_DEPS} PRIVATE test_places GTest::gtest GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()
