# andon_embed(target name BASE dir FILES f1 f2 …)
#
# Puts files into the program: makes a header "name.h" in the build folder with
#   std::span<const andon::EmbeddedFile> andon::<name>();
# whose paths are relative to BASE. The bytes come in by the assembler, so that a
# large file costs no compile time.
function(andon_embed target name)
  cmake_parse_arguments(ARG "" "BASE" "FILES" ${ARGN})
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/embed)
  set(assembly ".section .rodata\n")
  set(declarations "")
  set(rows "")
  set(i 0)
  foreach(file ${ARG_FILES})
    file(RELATIVE_PATH path ${ARG_BASE} ${file})
    string(APPEND assembly
      ".global ${name}_${i}\n${name}_${i}:\n.incbin \"${file}\"\n.global ${name}_${i}_end\n${name}_${i}_end:\n.byte 0\n")
    string(APPEND declarations "extern \"C\" const char ${name}_${i}[];\nextern \"C\" const char ${name}_${i}_end[];\n")
    string(APPEND rows "      {\"${path}\", std::string_view(${name}_${i}, ${name}_${i}_end - ${name}_${i})},\n")
    math(EXPR i "${i} + 1")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
  file(CONFIGURE OUTPUT ${dir}/${name}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${dir}/${name}.cc CONTENT
"#include \"${name}.h\"
${declarations}
namespace andon {
std::span<const EmbeddedFile> ${name}() {
  static const EmbeddedFile files[] = {
${rows}  };
  return files;
}
}
" @ONLY)
  file(CONFIGURE OUTPUT ${dir}/${name}.h CONTENT
"#pragma once
#include <span>
#include \"base/embedded_file.h\"
namespace andon {
std::span<const EmbeddedFile> ${name}();
}
" @ONLY)
  set_property(SOURCE ${dir}/${name}.S APPEND PROPERTY OBJECT_DEPENDS "${ARG_FILES}")
  target_sources(${target} PRIVATE ${dir}/${name}.S ${dir}/${name}.cc)
  target_include_directories(${target} PRIVATE ${dir})
endfunction()
