// The configuration files of folders, with what they are in the canonical format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/source.h"
#include "io/file_system.h"

namespace andon::cli {

struct FormattedFile {
  std::string path;
  std::string before;
  std::string after;

  bool differs() const { return before != after; }
};

struct Formatting {
  std::vector<FormattedFile> files;  // Those that can be parsed, also where nothing differs.
  Diagnostics diagnostics;           // Of the others.
};

// `paths` are files, of any name, and folders, of which the configuration files are taken. Texts
// that cannot be parsed are added to `sources`. Nothing is written.
Result<Formatting> FormatFiles(const io::FileSystem& files, const std::vector<std::string>& paths,
                               bool is_recursive, Sources* sources);

// One text; nothing added where it cannot be parsed.
void FormatText(const std::string& name, const std::string& text, Sources* sources,
                Formatting* formatting);

}  // namespace andon::cli
