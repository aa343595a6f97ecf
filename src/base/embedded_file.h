// A file that was put into the program when it was built (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace andon {

struct EmbeddedFile {
  std::string_view path;     // Relative, with '/'.
  std::string_view content;  // Lives as long as the program.
};

}  // namespace andon
