#include "state/local_backend.h"

#include <optional>
#include <utility>

#include "io/path.h"

namespace andon::state {
namespace {

constexpr const char* kFilename = "terraform.tfstate";

class File : public Storage {
 public:
  File(io::FileSystem& files, LocalPaths paths)
      : Storage({.location = paths.state, .beside = paths.state_out, .backup = paths.backup}),
        files_(files),
        paths_(std::move(paths)) {}

  Result<Stored> Read() override {
    Stored stored;
    stored.text = TRY(ReadIfAny(paths_.state));
    if (paths_.state_out != paths_.state) stored.replaces = TRY(ReadIfAny(paths_.state_out));
    return stored;
  }

  Result<void> Lock(LockInfo info, Duration timeout) override {
    lock_ = TRY(LockedFile::Acquire(paths_.state_out, std::move(info), timeout));
    return {};
  }

  Result<void> Write(std::string_view text) override {
    if (!lock_) lock_ = LockedFile::WithoutLock(paths_.state_out);
    return lock_->Replace([&](const Sink& sink) { return sink(text); });
  }

  Result<void> Unlock() override {
    if (!lock_) return {};
    auto released = lock_->Release();
    lock_.reset();
    return released;
  }

 private:
  Result<std::string> ReadIfAny(const std::string& path) const {
    auto text = files_.Read(path);
    if (!text.ok() && text.error().kind == ErrorKind::kNotFound) return std::string();
    return text;
  }

  io::FileSystem& files_;
  LocalPaths paths_;
  std::optional<LockedFile> lock_;
};

class Local : public Backend {
 public:
  Local(io::FileSystem& files, LocalOptions options)
      : files_(files), options_(std::move(options)) {}

  Result<std::vector<std::string>> Workspaces() override {
    std::vector<std::string> names = {kDefaultWorkspace};
    auto entries = files_.List(Above());
    if (!entries.ok()) {
      if (entries.error().kind == ErrorKind::kNotFound) return names;
      return std::move(entries).error();
    }
    for (const io::FileInfo& entry : *entries) {
      if (entry.is_dir) names.push_back(entry.name);
    }
    return names;
  }

  Result<std::unique_ptr<Storage>> Open(const std::string& workspace) override {
    return LocalStorage(files_, PathsFor(workspace));
  }

  Result<void> MakeWorkspace(const std::string& name, std::string_view) override {
    return files_.MakeDirs(io::Join(Above(), name));
  }

  Result<void> RemoveWorkspace(const std::string& name) override {
    return files_.RemoveAll(io::Join(Above(), name));
  }

  Result<void> ForceUnlock(const std::string& workspace, const std::string& id) override {
    return state::ForceUnlock(PathsFor(workspace).state, id);
  }

 private:
  std::string Above() const {
    return options_.workspace_dir.empty() ? io::Join(options_.dir, fmt::format("{}.d", kFilename))
                                          : options_.workspace_dir;
  }

  LocalPaths PathsFor(const std::string& workspace) const {
    LocalPaths paths = PathsOf(options_.dir, workspace);
    bool is_default = workspace.empty() || workspace == kDefaultWorkspace;
    if (is_default && !options_.path.empty()) paths.state = options_.path;
    if (!is_default) paths.state = io::Join(Above(), workspace, kFilename);
    return {paths.state, paths.state, paths.state + ".backup"};
  }

  io::FileSystem& files_;
  LocalOptions options_;
};

}  // namespace

LocalPaths PathsOf(const std::string& dir, const std::string& workspace) {
  bool is_default = workspace.empty() || workspace == kDefaultWorkspace;
  std::string folder = is_default ? dir : io::Join(dir, fmt::format("{}.d", kFilename), workspace);
  std::string state = io::Join(folder, kFilename);
  return {state, state, state + ".backup"};
}

std::unique_ptr<Storage> LocalStorage(io::FileSystem& files, LocalPaths paths) {
  if (paths.state_out.empty()) paths.state_out = paths.state;
  return std::make_unique<File>(files, std::move(paths));
}

std::unique_ptr<Backend> LocalBackend(io::FileSystem& files, LocalOptions options) {
  return std::make_unique<Local>(files, std::move(options));
}

}  // namespace andon::state
