// Modules that a configuration calls, brought below .terraform/modules, with the manifest
// modules.json that says where each call's module is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/source.h"
#include "config/terraform/module_tree.h"
#include "registry/provider_source.h"
#include "registry/remote.h"
#include "registry/services.h"

namespace andon::registry {

struct ModuleOptions {
  bool upgrade = false;  // Fetches all anew, the newest that are allowed.
  std::string folder = ".terraform/modules";
  const Clock* clock = nullptr;
  std::string command;  // Who waits for whom: "andon init".
};

struct ModuleEvent {
  enum class Kind { kDownloading, kInstalled };
  Kind kind = Kind::kInstalled;
  std::string package;  // "registry.opentofu.org/a/b/c"
  std::string version;  // Empty: of no registry.
  std::string key;      // "network.subnets"
  std::string folder;
};

struct ModuleFailure {
  std::string summary;
  std::string detail;
  SourceRange range;
};

// `load` reads the configuration as it stands now: it is called again with each level of modules
// that has come. The failures of one do not keep others from coming. An Error is of the machine.
Result<std::vector<ModuleFailure>> InstallModules(
    const std::function<config::ModuleTree()>& load, Connection connection,
    const ModuleOptions& options, const std::function<void(const ModuleEvent&)>& tell);

}  // namespace andon::registry
