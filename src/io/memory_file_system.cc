#include "io/memory_file_system.h"

#include <algorithm>

#include "io/path.h"

namespace andon::io {
namespace {

Error Missing(std::string_view verb, const std::string& path) {
  return Error::NotFound("cannot {} {}: there is no such file or folder", verb, path);
}

// What stands below `dir`, as it begins in a map of paths.
std::string Prefix(const std::string& dir) {
  if (dir == ".") return "";
  return dir == "/" ? "/" : dir + "/";
}

bool IsRoot(const std::string& dir) { return dir == "/" || dir == "."; }

}  // namespace

Result<std::string> MemoryFileSystem::Read(const std::string& path) const {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  auto file = files_.find(at);
  if (file != files_.end()) return file->second.bytes;
  if (IsRoot(at) || dirs_.contains(at)) {
    return Error::Invalid("cannot read {}: it is a folder", path);
  }
  return Missing("read", path);
}

Result<std::string> MemoryFileSystem::ReadRange(const std::string& path, int64_t offset,
                                                int64_t length) const {
  if (offset < 0 || length < 0) return Error::Invalid("cannot read {}: negative range", path);
  auto bytes = TRY(Read(path));
  if (static_cast<size_t>(offset) >= bytes.size()) return std::string();
  return bytes.substr(offset, length);
}

Result<void> MemoryFileSystem::Write(const std::string& path, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  if (files_.contains(at) || dirs_.contains(at) || IsRoot(at)) {
    return Error::Conflict("cannot write {}: it exists already", path);
  }
  TRY(MakeDirsLocked(Dirname(at)));
  files_[at] = {std::string(bytes), Now()};
  return {};
}

Result<void> MemoryFileSystem::WriteAtomically(const std::string& path, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  if (dirs_.contains(at) || IsRoot(at)) {
    return Error::Invalid("cannot write {}: it is a folder", path);
  }
  TRY(MakeDirsLocked(Dirname(at)));
  files_[at] = {std::string(bytes), Now()};
  return {};
}

Result<void> MemoryFileSystem::Append(const std::string& path, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  if (dirs_.contains(at) || IsRoot(at)) {
    return Error::Invalid("cannot append to {}: it is a folder", path);
  }
  TRY(MakeDirsLocked(Dirname(at)));
  File& file = files_[at];
  file.bytes.append(bytes);
  file.mtime = Now();
  return {};
}

Result<void> MemoryFileSystem::Sync(const std::vector<std::string>& paths) {
  std::lock_guard lock(mutex_);
  for (const auto& path : paths) {
    if (!files_.contains(Normalize(path))) return Missing("sync", path);
  }
  return {};
}

Result<std::vector<FileInfo>> MemoryFileSystem::List(const std::string& dir) const {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(dir);
  if (!IsRoot(at) && !dirs_.contains(at)) return Missing("list", dir);
  std::string prefix = Prefix(at);
  std::vector<FileInfo> entries;
  auto direct = [&](const std::string& path) {
    return path.size() > prefix.size() && path.starts_with(prefix) &&
           path.find('/', prefix.size()) == std::string::npos;
  };
  for (auto file = files_.lower_bound(prefix);
       file != files_.end() && file->first.starts_with(prefix); ++file) {
    if (!direct(file->first)) continue;
    entries.push_back({file->first.substr(prefix.size()),
                       static_cast<int64_t>(file->second.bytes.size()), file->second.mtime, false});
  }
  for (auto sub = dirs_.lower_bound(prefix); sub != dirs_.end() && sub->starts_with(prefix);
       ++sub) {
    if (direct(*sub)) entries.push_back({sub->substr(prefix.size()), 0, Timestamp(), true});
  }
  std::sort(entries.begin(), entries.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; });
  return entries;
}

Result<FileInfo> MemoryFileSystem::Stat(const std::string& path) const {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  auto file = files_.find(at);
  if (file != files_.end()) {
    return FileInfo{Basename(at), static_cast<int64_t>(file->second.bytes.size()),
                    file->second.mtime, false};
  }
  if (IsRoot(at) || dirs_.contains(at)) return FileInfo{Basename(at), 0, Timestamp(), true};
  return Missing("look at", path);
}

Result<void> MemoryFileSystem::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  if (files_.erase(at)) return {};
  if (dirs_.contains(at)) return Error::Invalid("cannot remove {}: it is a folder", path);
  return Missing("remove", path);
}

Result<void> MemoryFileSystem::RemoveAll(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::string at = Normalize(path);
  files_.erase(at);
  dirs_.erase(at);
  std::string prefix = Prefix(at);
  std::erase_if(files_, [&](const auto& file) { return file.first.starts_with(prefix); });
  std::erase_if(dirs_, [&](const auto& dir) { return dir.starts_with(prefix); });
  return {};
}

Result<void> MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  std::string source = Normalize(from), target = Normalize(to);
  auto file = files_.find(source);
  if (file != files_.end()) {
    if (dirs_.contains(target)) {
      return Error::Invalid("cannot rename {} to {}: there is a folder of that name", from, to);
    }
    TRY(MakeDirsLocked(Dirname(target)));
    if (source == target) return {};
    File moved = std::move(file->second);
    files_.erase(file);
    files_[target] = std::move(moved);
    return {};
  }
  if (!dirs_.contains(source)) return Missing("rename", from);
  if (files_.contains(target) || dirs_.contains(target) || IsWithin(target, source)) {
    return Error::Conflict("cannot rename {} to {}: it exists already", from, to);
  }
  TRY(MakeDirsLocked(Dirname(target)));
  std::string prefix = Prefix(source);
  std::map<std::string, File> files;
  for (auto& [path, content] : files_) {
    bool inside = path.starts_with(prefix);
    files[inside ? Prefix(target) + path.substr(prefix.size()) : path] = std::move(content);
  }
  std::set<std::string> dirs;
  for (const auto& dir : dirs_) {
    bool inside = dir.starts_with(prefix);
    dirs.insert(dir == source ? target : inside ? Prefix(target) + dir.substr(prefix.size()) : dir);
  }
  files_ = std::move(files);
  dirs_ = std::move(dirs);
  return {};
}

Result<void> MemoryFileSystem::MakeDirs(const std::string& dir) {
  std::lock_guard lock(mutex_);
  return MakeDirsLocked(Normalize(dir));
}

Result<void> MemoryFileSystem::MakeDirsLocked(const std::string& dir) {
  std::vector<std::string> missing;
  for (std::string at = dir; !IsRoot(at) && !dirs_.contains(at); at = Dirname(at)) {
    if (files_.contains(at)) {
      return Error::Conflict("cannot make the folder {}: there is a file of that name", at);
    }
    missing.push_back(at);
  }
  dirs_.insert(missing.begin(), missing.end());
  return {};
}

}  // namespace andon::io
