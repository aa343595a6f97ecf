// The local backend: states in files of this machine. `terraform.tfstate` with its backup, its
// lock and its journal; workspaces each with a state of its own in
// `terraform.tfstate.d/NAME/`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/file_system.h"
#include "state/backend.h"
#include "state/session.h"
#include "state/workspaces.h"

namespace andon::state {

struct LocalPaths {
  std::string state;      // Read here first,
  std::string state_out;  // and written there; the same unless the user says otherwise.
  std::string backup;     // Empty: none is made.
};

// In the folder of the root module.
LocalPaths PathsOf(const std::string& dir, const std::string& workspace);

// Lifetime: `files` is kept.
std::unique_ptr<Storage> LocalStorage(io::FileSystem& files, LocalPaths paths);

struct LocalOptions {
  std::string dir = ".";
  std::string path;           // Of the default workspace's state; empty: the usual one.
  std::string workspace_dir;  // Above those of the others; empty: the usual one.
};
std::unique_ptr<Backend> LocalBackend(io::FileSystem& files, LocalOptions options);

}  // namespace andon::state
