#include "cli/init_infrastructure.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/provider_lock.h"
#include "cli/provider_mirrors.h"

namespace andon::cli {
namespace {

namespace fs = std::filesystem;

struct Wanted {
  std::vector<config::VersionConstraint> constraints;
  SourceRange range;
};
using AllWanted = std::map<config::ProviderAddress, Wanted>;

void FindWanted(const config::ModuleNode& node, AllWanted* out) {
  const config::Terraform& terraform = node.module->terraform;
  for (const auto& [name, required] : terraform.required_providers) {
    Wanted& wanted = (*out)[required.address];
    wanted.range = required.range;
    if (!required.version.empty()) wanted.constraints.push_back(required.version);
  }
  for (const auto& [local, provider] : terraform.providers) {
    Wanted& wanted = (*out)[provider.address];
    if (!provider.version.empty()) wanted.constraints.push_back(provider.version);
  }
  for (const auto& [name, resource] : terraform.resources) {
    Wanted& wanted = (*out)[resource.provider_address];
    if (!wanted.range.exists()) wanted.range = resource.range;
  }
  for (const auto& [name, child] : node.children) FindWanted(*child, out);
}

bool Allows(const Wanted& wanted, const config::Version& version) {
  return std::all_of(wanted.constraints.begin(), wanted.constraints.end(),
                     [&](const config::VersionConstraint& c) { return c.Allows(version); });
}

std::string TextOf(const std::vector<config::VersionConstraint>& constraints) {
  std::set<std::string> texts;
  for (const config::VersionConstraint& constraint : constraints)
    texts.insert(config::ToString(constraint));
  return Join(std::vector<std::string>(texts.begin(), texts.end()), ", ");
}

std::string FolderOf(const config::ProviderAddress& address, const std::string& version) {
  return fmt::format(".terraform/providers/{}/{}/{}", config::ToString(address), version,
                     kPlatform);
}

// What is below .terraform/providers already, the newest first.
std::vector<ProviderPackage> Installed(const config::ProviderAddress& address) {
  return FindPackages({{.path = ".terraform/providers"}}, address);
}

class Installation {
 public:
  Installation(Context& context, const Arguments& arguments)
      : context_(context), upgrades_(arguments.Bool("upgrade")) {}

  Result<void> Run(const AllWanted& wanted) {
    locks_ = TRY(ReadProviderLocks(files_));
    mirrors_ = TRY(ReadProviderMirrors());
    ProviderLocks before = locks_;
    std::set<config::ProviderAddress> used;
    for (const auto& [address, one] : wanted) {
      if (address.empty() || address.is_builtin()) continue;
      config::ProviderAddress here = AsHere(address);
      used.insert(here);
      TRY(Install(here, one));
    }
    std::erase_if(locks_, [&](const auto& entry) { return !used.contains(entry.first); });
    if (locks_ != before) {
      TRY(files_.WriteAtomically(kLockFile, ProviderLockText(locks_)));
      context_.Line(
          fmt::format("Andon wrote {}. Put it under version control, so that everybody "
                      "uses the same providers.",
                      kLockFile));
    }
    return {};
  }

 private:
  // In a folder of Terraform's the providers of the default host are those of its registry, and
  // stay so: the folder can go back.
  config::ProviderAddress AsHere(const config::ProviderAddress& address) const {
    if (address.host != config::kDefaultProviderHost || locks_.contains(address)) return address;
    config::ProviderAddress theirs = address;
    theirs.host = "registry.terraform.io";
    return locks_.contains(theirs) || !Installed(theirs).empty() ? theirs : address;
  }

  Result<void> Install(const config::ProviderAddress& address, const Wanted& wanted) {
    std::string name = config::ToString(address);
    auto lock = locks_.find(address);
    bool is_locked = lock != locks_.end() && !upgrades_;
    auto fits = [&](const ProviderPackage& package) {
      if (is_locked) return config::ToString(package.version) == lock->second.version;
      return Allows(wanted, package.version);
    };
    if (is_locked) {
      auto version = config::Version::Parse(lock->second.version);
      if (version && !Allows(wanted, *version)) {
        return Error::Invalid(
            "The lock file has version {} of {}, which \"{}\" does not allow. \"andon init "
            "-upgrade\" "
            "chooses anew.",
            lock->second.version, name, TextOf(wanted.constraints));
      }
    }
    std::vector<ProviderPackage> here = Installed(address);
    std::vector<ProviderPackage> there = FindPackages(mirrors_, address);
    auto in_place = std::find_if(here.begin(), here.end(), fits);
    auto offered = std::find_if(there.begin(), there.end(), fits);
    bool uses_mirror =
        offered != there.end() &&
        (in_place == here.end() || (upgrades_ && in_place->version < offered->version));
    if (!uses_mirror && in_place == here.end()) return Missing(address, wanted, there);
    const ProviderPackage& chosen = uses_mirror ? *offered : *in_place;
    std::string version = config::ToString(chosen.version);
    std::string hash = TRY(PackageHash(chosen.dir));
    TRY(CheckHash(address, version, hash));
    if (uses_mirror) TRY(Link(address, version, chosen.dir));
    context_.Line(fmt::format(
        "- {} {} v{}", uses_mirror ? "Installed" : "Using previously-installed", name, version));
    Lock(address, wanted, version, hash);
    return {};
  }

  Error Missing(const config::ProviderAddress& address, const Wanted& wanted,
                const std::vector<ProviderPackage>& there) const {
    std::string constraints = TextOf(wanted.constraints);
    std::string found;
    for (const ProviderPackage& package : there)
      found += (found.empty() ? "" : ", ") + config::ToString(package.version);
    return Error::NotFound(
        "The provider {}{} is not installed, and no filesystem mirror offers it{}. This version "
        "cannot download from registries: run \"tofu init\" or \"terraform init\", or put the "
        "package into a filesystem_mirror of the CLI configuration.",
        config::ToString(address), constraints.empty() ? "" : " (" + constraints + ")",
        found.empty() ? "" : " (there are " + found + ")");
  }

  // A package that is not what the lock file has is somebody else's.
  Result<void> CheckHash(const config::ProviderAddress& address, const std::string& version,
                         const std::string& hash) const {
    auto lock = locks_.find(address);
    if (lock == locks_.end() || lock->second.version != version) return {};
    const std::vector<std::string>& hashes = lock->second.hashes;
    bool has_h1 = std::any_of(hashes.begin(), hashes.end(),
                              [](const std::string& h) { return h.starts_with("h1:"); });
    if (!has_h1 || std::find(hashes.begin(), hashes.end(), hash) != hashes.end()) return {};
    return Error::Invalid(
        "The package of {} {} has the hash {}, which is none of those in {}. Somebody may have "
        "changed it. If it is meant to be another package, remove the provider from the lock file.",
        config::ToString(address), version, hash, kLockFile);
  }

  Result<void> Link(const config::ProviderAddress& address, const std::string& version,
                    const std::string& dir) {
    fs::path to = FolderOf(address, version);
    std::error_code failed;
    // Other versions stay out of the way of what is started.
    fs::remove_all(to.parent_path().parent_path(), failed);
    fs::create_directories(to.parent_path(), failed);
    if (!failed) fs::create_directory_symlink(dir, to, failed);
    if (failed) return Error::Io("Cannot make {}: {}.", to.string(), failed.message());
    return {};
  }

  void Lock(const config::ProviderAddress& address, const Wanted& wanted,
            const std::string& version, const std::string& hash) {
    ProviderLock& lock = locks_[address];
    if (lock.version != version) lock.hashes.clear();
    lock.version = version;
    lock.constraints = TextOf(wanted.constraints);
    if (std::find(lock.hashes.begin(), lock.hashes.end(), hash) == lock.hashes.end())
      lock.hashes.push_back(hash);
    std::sort(lock.hashes.begin(), lock.hashes.end());
  }

  Context& context_;
  const bool upgrades_;
  io::LocalFileSystem files_;
  ProviderLocks locks_;
  std::vector<ProviderMirror> mirrors_;
};

}  // namespace

ExitCode InitInfrastructure(Context& context, const Arguments& arguments) {
  // Variables may be missing yet: nothing of them decides what is installed but sources of modules,
  // which are told as they are.
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (!infrastructure || infrastructure->has_errors) return ExitCode::kError;
  if (arguments.Bool("backend", true)) {
    auto done = InitBackend(context, arguments, infrastructure->home);
    if (!done.ok()) return context.Fail(done.error());
  }
  AllWanted wanted;
  FindWanted(*infrastructure->tree.root, &wanted);
  context.Line("Initializing provider plugins...");
  auto done = Installation(context, arguments).Run(wanted);
  if (!done.ok()) return context.Fail(done.error());
  context.Line();
  context.Line(context.Paint("green", "Andon has been successfully initialized!") +
               " Next: andon plan.");
  return ExitCode::kDone;
}

}  // namespace andon::cli
