#include "registry/provider_folders.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "io/path.h"

namespace andon::registry {
namespace {

// The version and platform that the name of an archive tells.
bool ReadArchiveName(std::string_view name, const config::ProviderAddress& address,
                     LocalPackage* out) {
  std::string prefix = "terraform-provider-" + address.type + "_";
  if (!name.starts_with(prefix) || !name.ends_with(".zip")) return false;
  std::string_view rest = name.substr(prefix.size(), name.size() - prefix.size() - 4);
  size_t arch = rest.rfind('_');
  if (arch == rest.npos || arch == 0) return false;
  size_t os = rest.rfind('_', arch - 1);
  if (os == rest.npos) return false;
  auto version = config::Version::Parse(rest.substr(0, os));
  if (!version || !IsPlatform(rest.substr(os + 1))) return false;
  out->version = *version;
  out->platform = rest.substr(os + 1);
  out->is_archive = true;
  return true;
}

std::vector<std::string> Folders(const io::FileSystem& files, const std::string& dir) {
  std::vector<std::string> out;
  auto entries = files.List(dir);
  if (!entries.ok()) return out;
  for (const io::FileInfo& entry : *entries) {
    auto info = files.Stat(io::Join(dir, entry.name));  // A link to a folder is one.
    if (info.ok() && info->is_dir && !entry.name.starts_with('.')) out.push_back(entry.name);
  }
  return out;
}

}  // namespace

bool IsPlatform(std::string_view text) {
  size_t line = text.find('_');
  if (line == text.npos || line == 0 || line + 1 == text.size()) return false;
  return std::all_of(text.begin(), text.end(), [&](const char& c) {
    bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return is_word || &c == text.data() + line;
  });
}

std::vector<LocalPackage> FindPackages(const io::FileSystem& files, const std::string& folder,
                                       const config::ProviderAddress& address,
                                       std::string_view platform) {
  std::vector<LocalPackage> out;
  std::string base = io::Join(folder, config::ToString(address));
  auto entries = files.List(base);
  if (!entries.ok()) return out;
  for (const io::FileInfo& entry : *entries) {
    std::string path = io::Join(base, entry.name);
    LocalPackage package{.path = path};
    if (ReadArchiveName(entry.name, address, &package)) {
      if (platform.empty() || package.platform == platform) out.push_back(std::move(package));
      continue;
    }
    auto version = config::Version::Parse(entry.name);
    if (!version) continue;
    for (const std::string& name : Folders(files, path)) {
      if (IsPlatform(name) && (platform.empty() || name == platform))
        out.push_back({*version, name, io::Join(path, name), false});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const LocalPackage& a, const LocalPackage& b) {
    if (a.version != b.version) return b.version < a.version;
    return a.is_archive < b.is_archive;
  });
  return out;
}

std::vector<config::ProviderAddress> ProvidersBelow(const io::FileSystem& files,
                                                    const std::string& folder) {
  std::vector<config::ProviderAddress> out;
  for (const std::string& host : Folders(files, folder)) {
    for (const std::string& space : Folders(files, io::Join(folder, host))) {
      for (const std::string& type : Folders(files, io::Join(folder, host, space))) {
        auto address = config::ParseProviderSource(fmt::format("{}/{}/{}", host, space, type));
        if (address.ok() && !FindPackages(files, folder, *address, "").empty())
          out.push_back(*address);
      }
    }
  }
  return out;
}

std::string UnpackedPath(const config::ProviderAddress& address, const config::Version& version,
                         std::string_view platform) {
  return fmt::format("{}/{}/{}", config::ToString(address), config::ToString(version), platform);
}

std::string ArchiveName(const config::ProviderAddress& address, const config::Version& version,
                        std::string_view platform) {
  return fmt::format("terraform-provider-{}_{}_{}.zip", address.type, config::ToString(version),
                     platform);
}

Result<std::string> FindProgram(const io::FileSystem& files, const std::string& dir,
                                const config::ProviderAddress& address) {
  std::string prefix = "terraform-provider-" + address.type;
  auto entries = TRY(files.List(dir));
  for (const io::FileInfo& entry : entries) {
    if (!entry.is_dir && entry.name.starts_with(prefix)) return io::Join(dir, entry.name);
  }
  return Error::NotFound("The package in {} has no program {}.", dir, prefix);
}

}  // namespace andon::registry
