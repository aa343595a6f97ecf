#include "registry/mirror_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/json.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "registry/archive.h"
#include "registry/package_hash.h"
#include "registry/provider_folders.h"

namespace andon::registry {
namespace {

using config::ProviderAddress;
using config::ToString;
using config::Version;

class Mirror {
 public:
  Mirror(ProviderSource& source, const Remote& remote, const MirrorOptions& options,
         const std::function<void(std::string_view)>& tell)
      : source_(source), remote_(remote), options_(options), tell_(tell) {}

  Result<std::vector<InstallFailure>> Run(const Requirements& requirements,
                                          const ProviderLocks& locks) {
    for (const auto& [address, constraints] : requirements) {
      tell_(fmt::format("- Mirroring {}...", ForDisplay(address)));
      auto version = Choose(address, constraints, locks);
      if (!version) continue;
      for (const std::string& platform : options_.platforms) {
        tell_(fmt::format("  - Downloading package for {}...", platform));
        auto done = Bring(address, *version, platform);
        if (!done.ok())
          Fail(address, "Provider release not available",
               fmt::format("Failed to download {} v{} for {}: {}.", ToString(address),
                           ToString(*version), platform, done.error().message));
      }
      TRY(WriteIndexes(address));
    }
    return std::move(failures_);
  }

 private:
  void Fail(const ProviderAddress& address, std::string summary, std::string detail) {
    failures_.push_back({address, std::move(summary), std::move(detail)});
  }

  std::optional<Version> Choose(const ProviderAddress& address,
                                const std::vector<config::VersionConstraint>& constraints,
                                const ProviderLocks& locks) {
    auto lock = locks.find(address);
    if (lock != locks.end()) {
      tell_(fmt::format("  - Selected v{} to match dependency lock file", lock->second.version));
      return Version::Parse(lock->second.version);
    }
    auto versions = source_.Versions(address);
    std::string text = CanonicalConstraints(constraints);
    if (versions.ok()) {
      for (const auto& one : versions->versions) {
        bool is_allowed = one.version.prerelease.empty() &&
                          std::all_of(constraints.begin(), constraints.end(),
                                      [&](const auto& c) { return c.Allows(one.version); });
        if (!is_allowed) continue;
        tell_(text.empty()
                  ? fmt::format("  - Selected v{} with no constraints", ToString(one.version))
                  : fmt::format("  - Selected v{} to meet constraints {}", ToString(one.version),
                                text));
        return one.version;
      }
    }
    Fail(address, "Provider not available",
         fmt::format("Failed to download {} from its origin registry: {}.", ToString(address),
                     versions.ok() ? "no releases match the given constraints " + text
                                   : versions.error().message));
    return std::nullopt;
  }

  Result<void> Bring(const ProviderAddress& address, const Version& version,
                     const std::string& platform) {
    Offer offer = TRY(source_.Find(address, version, platform));
    std::string folder = io::Join(options_.folder, ToString(address));
    TRY(files_.MakeDirs(folder));
    std::string name = ArchiveName(address, version, platform);
    // Not yet under a name that anybody would take.
    std::string staged = io::Join(folder, "." + name);
    TRY(remote_.Download(offer.location, staged, offer.token));
    auto verdict = CheckPackage(offer, address, staged, "", options_.policy, options_.clock->Now());
    if (!verdict.ok()) {
      TRY(files_.RemoveAll(staged));
      return std::move(verdict).error();
    }
    tell_("  - Package authenticated: " + ToString(verdict->kind));
    TRY(files_.Sync({staged}));
    return files_.Rename(staged, io::Join(folder, name));
  }

  // Both hashes: others may ask for either.
  Result<Json> HashesOf(const std::string& archive) {
    std::string scratch = archive + ".unpacked";
    TRY(files_.RemoveAll(scratch));
    TRY(Unpack(archive, scratch));
    auto inside = PackageHash(scratch);
    TRY(files_.RemoveAll(scratch));
    if (!inside.ok()) return std::move(inside).error();
    std::string zip = TRY(ArchiveHash(archive));
    return Json::List({Json(*inside), Json(zip)});
  }

  Result<void> WriteIndexes(const ProviderAddress& address) {
    std::string folder = io::Join(options_.folder, ToString(address));
    Json versions = Json::Object();
    std::map<std::string, Json> archives;
    for (const LocalPackage& package : FindPackages(files_, options_.folder, address, "")) {
      if (!package.is_archive) continue;
      std::string version = ToString(package.version);
      auto hashes = HashesOf(package.path);
      if (!hashes.ok()) {
        Fail(address, "Failed to update indexes",
             fmt::format("Failed to determine a hash value for {} v{} on {}: {}.",
                         ToString(address), version, package.platform, hashes.error().message));
        continue;
      }
      versions.Set(version, Json::Object());
      auto& of_version = archives.emplace(version, Json::Object()).first->second;
      of_version.Set(package.platform, Json::Object({{"hashes", std::move(*hashes)},
                                                     {"url", io::Basename(package.path)}}));
    }
    if (archives.empty()) return {};
    // First what the other names.
    for (auto& [version, of_version] : archives) {
      Json index = Json::Object({{"archives", std::move(of_version)}});
      TRY(files_.WriteAtomically(io::Join(folder, version + ".json"), index.Dump(2)));
    }
    Json index = Json::Object({{"versions", std::move(versions)}});
    return files_.WriteAtomically(io::Join(folder, "index.json"), index.Dump(2));
  }

  ProviderSource& source_;
  const Remote& remote_;
  const MirrorOptions& options_;
  const std::function<void(std::string_view)>& tell_;
  io::LocalFileSystem files_;
  std::vector<InstallFailure> failures_;
};

}  // namespace

Result<std::vector<InstallFailure>> MirrorProviders(
    ProviderSource& source, const Remote& remote, const Requirements& requirements,
    const ProviderLocks& locks, const MirrorOptions& options,
    const std::function<void(std::string_view line)>& tell) {
  return Mirror(source, remote, options, tell).Run(requirements, locks);
}

}  // namespace andon::registry
