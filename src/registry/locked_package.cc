#include "registry/locked_package.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "io/path.h"
#include "registry/package_hash.h"

namespace andon::registry {
namespace {

constexpr int kDepthMax = 20;

// A line for each file: name, size, time.
Result<void> AddLook(const io::FileSystem& files, const std::string& dir, const std::string& below,
                     int depth, std::string* look) {
  auto entries = TRY(files.List(io::Join(dir, below)));
  for (const io::FileInfo& entry : entries) {
    std::string name = below.empty() ? entry.name : io::Join(below, entry.name);
    io::FileInfo info = TRY(files.Stat(io::Join(dir, name)));  // Of what a link leads to.
    if (!info.is_dir) {
      *look += fmt::format("{} {} {}\n", name, info.size, ToMicros(info.mtime));
    } else if (depth < kDepthMax) {
      TRY(AddLook(files, dir, name, depth + 1, look));
    }
  }
  return {};
}

}  // namespace

Result<void> CheckLocked(io::FileSystem& files, const config::ProviderAddress& address,
                         const ProviderLock& lock, const std::string& dir,
                         const std::string& remembered) {
  bool says_something = std::ranges::any_of(
      lock.hashes, [](const std::string& hash) { return hash.starts_with("h1:"); });
  if (!says_something) return {};
  std::string look;
  TRY(AddLook(files, dir, "", 0, &look));
  look = Sha256(look);
  Json known = Json::Parse(files.Read(remembered).value_or("{}")).value_or(Json::Object());
  if (!known.is_object()) known = Json::Object();
  std::string hash;
  if (known[dir]["look"].AsString() == look) hash = known[dir]["hash"].AsString();
  if (hash.empty()) {
    hash = TRY(PackageHash(dir));
    known.Set(dir, Json::Object({{"look", look}, {"hash", hash}}));
    // Where it cannot be kept, the next command hashes again.
    (void)files.WriteAtomically(remembered, known.Dump()).ok();
  }
  if (lock.Has(hash)) return {};
  return Error::Invalid(
      "Required plugins are not installed: the cached package for {} {} (in .terraform/providers) "
      "does not match any of the checksums recorded in the dependency lock file. Run \"andon "
      "init\", which brings the package that is locked; where the lock file itself is to follow, "
      "\"andon init -upgrade\".",
      config::ToString(address), lock.version);
}

}  // namespace andon::registry
