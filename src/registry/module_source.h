// Addresses of modules that are not local, read: of a registry, of an archive on the web, of a git
// repository. "//" stands before the folder in the package that is meant.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::registry {

struct ModuleSource {
  enum class Kind { kRegistry, kArchive, kGit };
  Kind kind = Kind::kRegistry;
  // Of a registry: "registry.opentofu.org", "terraform-aws-modules/vpc/aws".
  std::string host;
  std::string package;
  bool has_host = false;  // It was written.
  // Of an archive or a repository: where it is, without folder and what only is for us.
  std::string url;
  std::string ref;     // Of a repository: "?ref=v1.2".
  std::string subdir;  // "modules/x"; "*" stands for the one folder that there is. May be empty.
};

// kInvalid, saying what can be read.
Result<ModuleSource> ParseModuleSource(std::string_view text);

// As manifests have it, with the host: "registry.opentofu.org/a/b/c//x".
std::string ToString(const ModuleSource& source);

}  // namespace andon::registry
