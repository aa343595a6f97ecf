// Several states of one folder: which there are, and which is selected.
#pragma once

#include <string>
#include <string_view>

#include "encryption/codec.h"
#include "io/file_system.h"
#include "state/backend.h"

namespace andon::state {

bool IsWorkspaceName(std::string_view name);

// What .terraform/environment of the folder says; "default" where it says nothing.
std::string SelectedWorkspace(const io::FileSystem& files, const std::string& dir);
// kNotFound where the backend has none of this name.
Result<void> SelectWorkspace(io::FileSystem& files, const std::string& dir, Backend& backend,
                             const std::string& name);
// kConflict where it exists, kInvalid where the name cannot stand in a path or URL.
Result<void> CreateWorkspace(Backend& backend, const encryption::Codec& codec,
                             const std::string& name);
// kInvalid for "default", for the one that is selected, and for one whose state has
// objects, unless `force`.
Result<void> DeleteWorkspace(const io::FileSystem& files, const std::string& dir, Backend& backend,
                             const encryption::Codec& codec, const std::string& name, bool force);

}  // namespace andon::state
