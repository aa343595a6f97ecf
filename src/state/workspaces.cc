#include "state/workspaces.h"

#include <algorithm>

#include "base/text.h"
#include "io/path.h"
#include "state/session.h"

namespace andon::state {
namespace {

std::string EnvironmentPath(const std::string& dir) {
  return io::Join(dir, ".terraform", "environment");
}

Result<bool> Exists(Backend& backend, const std::string& name) {
  auto names = TRY(backend.Workspaces());
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool IsWorkspaceName(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~$&+=:@").find(c) != std::string_view::npos;
  });
}

std::string SelectedWorkspace(const io::FileSystem& files, const std::string& dir) {
  auto text = files.Read(EnvironmentPath(dir));
  std::string name = text.ok() ? std::string(Trim(*text)) : std::string();
  return name.empty() ? kDefaultWorkspace : name;
}

Result<void> SelectWorkspace(io::FileSystem& files, const std::string& dir, Backend& backend,
                             const std::string& name) {
  bool exists = TRY(Exists(backend, name));
  if (!exists) return Error::NotFound("Workspace \"{}\" doesn't exist.", name);
  return files.WriteAtomically(EnvironmentPath(dir), name);
}

Result<void> CreateWorkspace(Backend& backend, const encryption::Codec& codec,
                             const std::string& name) {
  if (!IsWorkspaceName(name)) {
    return Error::Invalid(
        "The workspace name \"{}\" is not allowed. The name must contain only URL safe characters, "
        "contain no path separators, and not be an empty string.",
        name);
  }
  bool exists = TRY(Exists(backend, name));
  if (exists) return Error::Conflict("Workspace \"{}\" already exists", name);
  State empty;
  empty.lineage = RandomUuid();
  std::string text = TRY(WriteState(empty));
  std::string sealed = TRY(codec.SealState(text, empty.serial, empty.lineage));
  return backend.MakeWorkspace(name, sealed);
}

Result<void> DeleteWorkspace(const io::FileSystem& files, const std::string& dir, Backend& backend,
                             const encryption::Codec& codec, const std::string& name, bool force) {
  if (name == kDefaultWorkspace) return Error::Invalid("cannot delete default state");
  bool exists = TRY(Exists(backend, name));
  if (!exists) return Error::NotFound("Workspace \"{}\" doesn't exist.", name);
  if (name == SelectedWorkspace(files, dir)) {
    return Error::Invalid("Workspace \"{}\" is your active workspace: select another one first.",
                          name);
  }
  auto storage = TRY(backend.Open(name));
  Loaded loaded = Load(files, *storage, codec);
  bool is_empty = !loaded.diagnostics.has_errors() && (!loaded.state || loaded.state->empty());
  if (!is_empty && !force) {
    return Error::Invalid(
        "Workspace \"{}\" is currently tracking objects. Destroy them first, or delete it with "
        "-force, and nothing will know of them any more.",
        name);
  }
  storage.reset();
  return backend.RemoveWorkspace(name);
}

}  // namespace andon::state
