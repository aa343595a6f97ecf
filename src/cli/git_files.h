// The files of a commit, as a file system in memory: what a change in review is compared with.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "io/memory_file_system.h"

namespace andon::cli {

// The files that `ref` has below the working folder, by their relative paths. Files beyond 1 MiB
// are left out: no project is made of them. kNotFound for a name that is no commit; kUnavailable
// where git is not there, or the folder is no git tree.
Result<std::unique_ptr<io::MemoryFileSystem>> ReadGitFiles(const std::string& ref);

// What a tar file (ustar, with pax headers, as git archive makes it) holds.
Result<std::unique_ptr<io::MemoryFileSystem>> ReadTar(std::string_view tar);

}  // namespace andon::cli
