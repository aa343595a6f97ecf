#include "registry/provider_installer.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/executor.h"
#include "base/text.h"
#include "io/local_file_system.h"
#include "io/lock.h"
#include "io/path.h"
#include "registry/archive.h"
#include "registry/package_hash.h"

namespace andon::registry {
namespace {

namespace fs = std::filesystem;
using config::ProviderAddress;
using config::ToString;
using config::Version;
using Kind = InstallEvent::Kind;

constexpr int kParallel = 4;              // Lines are shared; disks as well.
constexpr size_t kVersionsShownMax = 10;  // Of those that constraints left out.
constexpr Duration kLockWait = std::chrono::minutes(30);

bool Allows(const std::vector<config::VersionConstraint>& constraints, const Version& version) {
  return std::all_of(constraints.begin(), constraints.end(),
                     [&](const config::VersionConstraint& c) { return c.Allows(version); });
}

// A prerelease is only taken where somebody asks for exactly it.
bool IsWanted(const std::vector<config::VersionConstraint>& constraints, const Version& version) {
  using Operator = config::VersionConstraint::Operator;
  if (version.prerelease.empty()) return true;
  for (const config::VersionConstraint& constraint : constraints) {
    for (const auto& term : constraint.terms) {
      if (term.op == Operator::kEqual && term.version == version) return true;
    }
  }
  return false;
}

// A version that was asked for, and what came of it.
struct Choice {
  ProviderAddress address;
  Version version;
  std::string constraints;
  const ProviderLock* lock = nullptr;  // Of this very version; null: none.
  bool is_installed = false;           // Nothing is left to do.
  bool is_from_cache = false;          // The cache's package is to be linked.
  std::vector<std::string> hashes;     // What was learnt, beside those of the lock.
  bool has_told_hashes = false;        // Somebody vouched for more than was fetched.
  Verdict verdict;
  std::optional<Error> failure;
};

class Installer {
 public:
  Installer(ProviderSource& source, const Remote& remote, const InstallOptions& options,
            const std::function<void(const InstallEvent&)>& tell)
      : source_(source), remote_(remote), options_(options), tell_(tell) {}

  Result<InstallOutcome> Run(const Requirements& requirements, const ProviderLocks& locks) {
    io::FileLock lock = TRY(Lock(io::Join(io::Dirname(options_.folder), "installing.lock"), ""));
    staging_ = io::Join(io::Dirname(options_.folder), "installing");
    // Of one that was killed.
    TRY(files_.RemoveAll(staging_));
    std::vector<Choice> choices;
    for (const auto& [address, constraints] : requirements) {
      auto choice = Choose(address, constraints, locks);
      if (choice) choices.push_back(std::move(*choice));
    }
    for (Choice& choice : choices) LookAround(&choice);
    TRY(Fetch(choices));
    auto cleaned = files_.RemoveAll(staging_);
    for (Choice& choice : choices) Conclude(choice, locks);
    if (!cleaned.ok()) return std::move(cleaned).error();
    return std::move(outcome_);
  }

 private:
  void Fail(const ProviderAddress& address, std::string summary, std::string detail) {
    outcome_.failures.push_back({address, std::move(summary), std::move(detail)});
  }

  Result<io::FileLock> Lock(const std::string& path, const std::string& cache) const {
    io::LockHolder holder = io::ThisHolder(options_.command, *options_.clock);
    auto lock = io::FileLock::Acquire(path, holder);
    if (lock.ok() || lock.error().kind != ErrorKind::kHeld) return lock;
    Tell({.kind = Kind::kWaitingForCache, .text = cache.empty() ? options_.folder : cache});
    return io::FileLock::Acquire(path, holder, kLockWait);
  }

  // Which version; nothing where there is none, which is then a failure.
  std::optional<Choice> Choose(const ProviderAddress& address,
                               const std::vector<config::VersionConstraint>& constraints,
                               const ProviderLocks& locks) {
    Choice out{.address = address, .constraints = CanonicalConstraints(constraints)};
    auto lock = locks.find(address);
    if (lock != locks.end() && !options_.upgrade) {
      out.lock = &lock->second;
      out.version = *Version::Parse(lock->second.version);
      if (!Allows(constraints, out.version)) {
        Fail(address, "Failed to query available provider packages",
             fmt::format("The lock file has version {} of {}, which \"{}\" does not allow. "
                         "\"andon init -upgrade\" chooses anew.",
                         lock->second.version, ForDisplay(address), out.constraints));
        return std::nullopt;
      }
      Tell({.kind = Kind::kReusingLocked, .address = address, .version = lock->second.version});
      return out;
    }
    Tell({.kind = Kind::kFinding, .address = address, .text = out.constraints});
    auto versions = source_.Versions(address);
    if (!versions.ok()) {
      Fail(address, "Failed to query available provider packages",
           fmt::format("Could not retrieve the list of available versions for provider {}: {}",
                       ForDisplay(address), versions.error().message));
      return std::nullopt;
    }
    for (const std::string& warning : versions->warnings)
      Tell({.kind = Kind::kWarning, .address = address, .text = warning});
    auto fits =
        std::find_if(versions->versions.begin(), versions->versions.end(), [&](const auto& one) {
          return Allows(constraints, one.version) && IsWanted(constraints, one.version);
        });
    if (fits == versions->versions.end()) {
      Fail(address, "Failed to query available provider packages",
           fmt::format("Could not retrieve the list of available versions for provider {}: no "
                       "available releases match the given constraints {}{}",
                       ForDisplay(address), out.constraints, ShownVersions(*versions)));
      return std::nullopt;
    }
    out.version = fits->version;
    if (lock != locks.end() && lock->second.version == ToString(out.version))
      out.lock = &lock->second;
    return out;
  }

  static std::string ShownVersions(const ProviderVersions& versions) {
    std::vector<std::string> texts;
    for (const auto& one : versions.versions) {
      if (texts.size() == kVersionsShownMax) {
        texts.push_back("…");
        break;
      }
      texts.push_back(ToString(one.version));
    }
    return texts.empty() ? " (there are none)" : " (there are " + Join(texts, ", ") + ")";
  }

  std::string PlaceOf(const Choice& choice, const std::string& folder) const {
    return io::Join(folder, UnpackedPath(choice.address, choice.version, options_.platform));
  }

  // Whether the package is one that the lock file means. One without any hash means any.
  static bool IsLocked(const Choice& choice, const std::string& h1, const std::string& zip = {}) {
    return choice.lock == nullptr || choice.lock->hashes.empty() || choice.lock->Has(h1) ||
           (!zip.empty() && choice.lock->Has(zip));
  }

  // Whether it stands in its place already, or the cache has it.
  void LookAround(Choice* choice) {
    if (options_.is_anew) return;
    std::string place = PlaceOf(*choice, options_.folder);
    bool has_lock = choice->lock != nullptr && !choice->lock->hashes.empty();
    if (has_lock && FindProgram(files_, place, choice->address).ok()) {
      auto hash = PackageHash(place);
      if (hash.ok() && choice->lock->Has(*hash)) {
        choice->is_installed = true;
        choice->hashes = {*hash};
        return;
      }
    }
    if (options_.cache_dir.empty() || !(has_lock || options_.may_break_lock_file)) return;
    std::string cached = PlaceOf(*choice, options_.cache_dir);
    if (!FindProgram(files_, cached, choice->address).ok()) return;
    auto hash = PackageHash(cached);
    if (!hash.ok() || (has_lock && !choice->lock->Has(*hash))) return;
    choice->is_from_cache = true;
    choice->hashes = {*hash};
  }

  Result<void> Fetch(std::vector<Choice>& choices) {
    bool to_cache = !options_.cache_dir.empty();
    for (const Choice& choice : choices) {
      Tell({.kind = choice.is_installed    ? Kind::kUsingInstalled
                    : choice.is_from_cache ? Kind::kUsingCache
                                           : Kind::kInstalling,
            .address = choice.address,
            .version = ToString(choice.version),
            .to_cache = to_cache});
    }
    TRY(files_.MakeDirs(staging_));
    Executor executor(kParallel);
    for (size_t i = 0; i < choices.size(); ++i) {
      if (choices[i].is_installed) continue;
      executor.Submit([this, &choice = choices[i], i, to_cache] {
        auto done = to_cache ? InstallToCache(&choice, i)
                             : InstallInto(&choice, options_.folder, Staged(i));
        if (done.ok() && to_cache) done = LinkTo(choice, PlaceOf(choice, options_.cache_dir), i);
        if (!done.ok()) choice.failure = done.error();
      });
    }
    return {};
  }

  std::string Staged(size_t i) const { return io::Join(staging_, std::to_string(i)); }

  Result<void> InstallToCache(Choice* choice, size_t) {
    if (choice->is_from_cache) return {};
    std::string place = PlaceOf(*choice, options_.cache_dir);
    io::FileLock lock = TRY(Lock(place + ".lock", options_.cache_dir));
    // Another folder may have brought it meanwhile.
    LookAround(choice);
    if (choice->is_from_cache) return {};
    std::string staged = io::Join(io::Dirname(place), "." + io::Basename(place) + ".installing");
    TRY(files_.RemoveAll(staged));
    TRY(files_.MakeDirs(staged));
    auto done = InstallInto(choice, options_.cache_dir, io::Join(staged, "package"));
    TRY(files_.RemoveAll(staged));
    return done;
  }

  // Brings the package to its place below `folder`. `staged` is a name beside which there is room.
  Result<void> InstallInto(Choice* choice, const std::string& folder, const std::string& staged) {
    Offer offer = TRY(source_.Find(choice->address, choice->version, options_.platform));
    if (offer.place == Offer::Place::kFolder) return LinkFolder(choice, offer.location, staged);
    std::string archive = offer.location;
    if (offer.place == Offer::Place::kRemote) {
      archive = staged + ".zip";
      TRY(remote_.Download(offer.location, archive, offer.token));
    }
    // What was not checked is not looked into, as far as it can be told from outside.
    std::string zip = TRY(ArchiveHash(archive));
    if (offer.is_of_registry)
      choice->verdict = TRY(CheckPackage(offer, choice->address, archive, "", options_.policy,
                                         options_.clock->Now()));
    TRY(Unpack(archive, staged));
    std::string h1 = TRY(PackageHash(staged));
    if (!offer.is_of_registry)
      choice->verdict = TRY(CheckPackage(offer, choice->address, archive, h1, options_.policy,
                                         options_.clock->Now()));
    if (!IsLocked(*choice, h1, zip)) return NotAsLocked(*choice, h1);
    TRY(FindProgram(files_, staged, choice->address));
    TRY(Place(staged, PlaceOf(*choice, folder)));
    if (offer.place == Offer::Place::kRemote) TRY(files_.RemoveAll(archive));
    choice->hashes = choice->verdict.hashes;
    choice->has_told_hashes = choice->verdict.kind == Verdict::Kind::kSigned ||
                              choice->verdict.kind == Verdict::Kind::kSigningSkipped;
    choice->hashes.push_back(h1);
    return {};
  }

  Result<void> LinkFolder(Choice* choice, const std::string& dir, const std::string& staged) {
    std::string h1 = TRY(PackageHash(dir));
    if (!IsLocked(*choice, h1)) return NotAsLocked(*choice, h1);
    TRY(FindProgram(files_, dir, choice->address));
    choice->hashes = {h1};
    // A cache of what is a folder already would be one more link.
    if (!options_.cache_dir.empty()) {
      TRY(Link(dir, staged));
      return Place(staged, PlaceOf(*choice, options_.cache_dir));
    }
    TRY(Link(dir, staged));
    return Place(staged, PlaceOf(*choice, options_.folder));
  }

  Result<void> LinkTo(const Choice& choice, const std::string& dir, size_t i) {
    TRY(Link(dir, Staged(i)));
    return Place(Staged(i), PlaceOf(choice, options_.folder));
  }

  static Result<void> Link(const std::string& dir, const std::string& at) {
    std::string real = TRY(io::RealPath(dir));
    std::error_code failed;
    fs::create_directory_symlink(real, at, failed);
    if (failed) return Error::Io("cannot make the link {}: {}", at, failed.message());
    return {};
  }

  // Whatever stood there is gone from its place before the new one comes, never mixed with it.
  Result<void> Place(const std::string& staged, const std::string& place) {
    TRY(files_.MakeDirs(io::Dirname(place)));
    std::error_code failed;
    if (fs::symlink_status(place, failed).type() != fs::file_type::not_found) {
      std::string old = staged + ".old";
      TRY(files_.Rename(place, old));
      TRY(files_.Rename(staged, place));
      return files_.RemoveAll(old);
    }
    return files_.Rename(staged, place);
  }

  static Error NotAsLocked(const Choice& choice, const std::string& hash) {
    return Error::Invalid(
        "The package of {} {} has the hash {}, which is none of those in {}. Somebody may have "
        "changed it. If it is meant to be another package, remove the provider from the lock "
        "file.",
        ToString(choice.address), ToString(choice.version), hash, kLockFile);
  }

  void Conclude(Choice& choice, const ProviderLocks& locks) {
    std::string version = ToString(choice.version);
    if (choice.failure) {
      return Fail(choice.address, "Failed to install provider",
                  fmt::format("Error while installing {} v{}: {}", ForDisplay(choice.address),
                              version, choice.failure->message));
    }
    if (!choice.is_installed) {
      if (!choice.is_from_cache)
        Tell({.kind = Kind::kInstalled,
              .address = choice.address,
              .version = version,
              .to_cache = !options_.cache_dir.empty(),
              .verdict = choice.verdict});
      if (choice.verdict.is_expired)
        tell_(
            {.kind = Kind::kWarning,
             .address = choice.address,
             .text = fmt::format("the key {} that signed it has expired", choice.verdict.key_id)});
      RemoveOthers(choice);
    }
    outcome_.has_signed |= choice.verdict.kind == Verdict::Kind::kSigned;
    ProviderLock lock;
    auto before = locks.find(choice.address);
    if (before != locks.end() && before->second.version == version) lock = before->second;
    bool had_others = std::any_of(lock.hashes.begin(), lock.hashes.end(), [&](const auto& hash) {
      return std::find(choice.hashes.begin(), choice.hashes.end(), hash) == choice.hashes.end();
    });
    lock.version = version;
    lock.constraints = choice.constraints;
    lock.Add(choice.hashes);
    if (!choice.has_told_hashes && !had_others) outcome_.incomplete.push_back(choice.address);
    outcome_.locks[choice.address] = std::move(lock);
  }

  // Other versions stay out of the way of what is started.
  void RemoveOthers(const Choice& choice) {
    std::string base = io::Join(options_.folder, ToString(choice.address));
    auto entries = files_.List(base);
    if (!entries.ok()) return;
    for (const io::FileInfo& entry : *entries) {
      if (entry.name != ToString(choice.version))
        (void)files_.RemoveAll(io::Join(base, entry.name)).ok();
    }
  }

  // Also from the threads that fetch.
  void Tell(const InstallEvent& event) const {
    std::lock_guard lock(mutex_);
    tell_(event);
  }

  mutable std::mutex mutex_;  // Lets one event be told at a time.
  ProviderSource& source_;
  const Remote& remote_;
  const InstallOptions& options_;
  const std::function<void(const InstallEvent&)>& tell_;
  io::LocalFileSystem files_;
  std::string staging_;
  InstallOutcome outcome_;
};

}  // namespace

Result<InstallOutcome> InstallProviders(ProviderSource& source, const Remote& remote,
                                        const Requirements& requirements,
                                        const ProviderLocks& locks, const InstallOptions& options,
                                        const std::function<void(const InstallEvent&)>& tell) {
  return Installer(source, remote, options, tell).Run(requirements, locks);
}

}  // namespace andon::registry
