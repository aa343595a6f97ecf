# The rules of the house: one folder of src/ is one library, which may include
# only what it names under DEPS. tools/tidy checks the includes against them.

include(cmake/dependencies.cmake)

# Lowest first; a folder's DEPS stand before it.
set(ANDON_FOLDERS_ALL
  base
  value address graph io store html yaml jsonschema
  aws hcl functions dbt sql iceberg series encryption
  definition provider plugin config registry state notify lake modeltest
  infra infratext infratest plan backend
  ingest quality validation contract pipeline monitor alarm lineage incident release policy
  line builtin board docs
  server cli)
set(ANDON_FOLDERS)
foreach(folder ${ANDON_FOLDERS_ALL})
  if(EXISTS ${CMAKE_SOURCE_DIR}/src/${folder}/CMakeLists.txt)
    list(APPEND ANDON_FOLDERS ${folder})
  endif()
endforeach()

add_library(andon_flags INTERFACE)
target_include_directories(andon_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
# g++ 12 warns wrongly of restrict, and of moved-from members of variants and optionals as unset.
target_compile_options(andon_flags INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wno-restrict -Wno-maybe-uninitialized -Werror=return-type -Werror=unused-result
  -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
# What runs only at the start, and what runs hardly ever, stands apart: a command then touches fewer
# pages of the program. A target that sets ANDON_OWN_LINKER names its own.
target_link_options(andon_flags INTERFACE
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:ANDON_OWN_LINKER>>>:-fuse-ld=mold;-Wl,-z,keep-text-section-prefix>)
if(ANDON_SANITIZE STREQUAL "address")
  target_compile_options(andon_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1)
  target_link_options(andon_flags INTERFACE -fsanitize=address,undefined)
elseif(ANDON_SANITIZE STREQUAL "thread")
  target_compile_options(andon_flags INTERFACE -fsanitize=thread -O1)
  target_link_options(andon_flags INTERFACE -fsanitize=thread)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()

# andon_library(hcl DEPS base value [EXTERNAL lib…])
#
# Takes every *.cc of the folder but *_test.cc and main.cc as the library
# andon_<name>, and every *_test.cc as one test program <name>_test.
function(andon_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;EXTERNAL;TEST_DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  add_library(andon_${name} STATIC ${sources})
  target_link_libraries(andon_${name} PUBLIC andon_flags)
  foreach(dep ${ARG_DEPS})
    target_link_libraries(andon_${name} PUBLIC andon_${dep})
  endforeach()
  target_link_libraries(andon_${name} PRIVATE ${ARG_EXTERNAL})
  if(name STREQUAL "base")
    target_link_libraries(andon_${name} PUBLIC fmt::fmt)
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE andon_${name} GTest::gtest_main ${ARG_TEST_DEPS})
    target_compile_definitions(${name}_test PRIVATE
      ANDON_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ANDON_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared")
    add_test(NAME unit.${name} COMMAND ${name}_test)
  endif()
endfunction()
