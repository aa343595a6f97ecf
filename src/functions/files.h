// Reading of the files that functions name.
#pragma once

#include <string>

#include "base/result.h"
#include "functions/environment.h"

namespace andon::functions {

// The path in the file system: "~" expanded, relative ones from the base directory.
std::string ResolvePath(const std::string& path, const Environment& environment);

// The bytes of the file; it is recorded as read. kNotFound where there is none,
// kInvalid for what is no regular file or larger than 1 GiB, kIo else.
Result<std::string> ReadBytes(const std::string& path, const Environment& environment);

// The same, where the bytes must be UTF-8.
Result<std::string> ReadText(const std::string& path, const Environment& environment);

}  // namespace andon::functions
