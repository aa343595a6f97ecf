#include "cli/init_infrastructure.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/installation.h"
#include "cli/stop_on_signal.h"
#include "config/terraform/report.h"
#include "infra/codes.h"

namespace andon::cli {
namespace {

using registry::ForDisplay;
using Kind = registry::InstallEvent::Kind;

// The reference's words, which scripts look for.
void TellEvent(const Context& context, const registry::InstallEvent& event) {
  std::string name = event.address.empty() ? "" : ForDisplay(event.address);
  switch (event.kind) {
    case Kind::kReusingLocked:
      return Tell(context, fmt::format("- Reusing previous version of {} from the dependency lock "
                                       "file",
                                       name));
    case Kind::kFinding:
      return Tell(context,
                  event.text.empty()
                      ? fmt::format("- Finding latest version of {}...", name)
                      : fmt::format("- Finding {} versions matching \"{}\"...", name, event.text));
    case Kind::kUsingInstalled:
      return Tell(context, fmt::format("- Using previously-installed {} v{}", name, event.version));
    case Kind::kUsingCache:
      return Tell(context, fmt::format("- Using {} v{} from the shared cache directory", name,
                                       event.version));
    case Kind::kInstalling:
      return Tell(context, fmt::format("- Installing {} v{}{}...", name, event.version,
                                       event.to_cache ? " to the shared cache directory" : ""));
    case Kind::kInstalled: {
      using Verdict = registry::Verdict;
      if (event.verdict.kind == Verdict::Kind::kSigningSkipped) {
        return Tell(context,
                    fmt::format("- Installed {} v{}. Signature validation was skipped due to the "
                                "registry not containing GPG keys for this provider",
                                name, event.version));
      }
      std::string key = event.verdict.key_id.empty()
                            ? ""
                            : ", key ID " + context.Paint("bold", event.verdict.key_id);
      return Tell(context, fmt::format("- Installed {} v{} ({}{})", name, event.version,
                                       ToString(event.verdict.kind), key));
    }
    case Kind::kWaitingForCache:
      return Tell(context, fmt::format("- Waiting for lock on cache directory {}", event.text));
    case Kind::kWarning:
      return Tell(context,
                  fmt::format("{}: {}: {}", context.Paint("yellow", "warning"), name, event.text),
                  true);
  }
}

// The folders of -plugin-dir instead of all that is configured.
std::vector<registry::InstallationMethod> MethodsFor(const Arguments& arguments,
                                                     const Installation& installation) {
  std::vector<registry::InstallationMethod> out;
  for (const std::string& dir : arguments.List("plugin-dir")) {
    out.push_back({.kind = registry::InstallationMethod::Kind::kFilesystemMirror, .location = dir});
  }
  if (!out.empty()) return out;
  return registry::MethodsOf(installation.configuration, installation.files,
                             installation.environment);
}

void LeaveOverridden(const Context& context, const Installation& installation,
                     registry::Requirements* requirements) {
  std::string lines;
  for (const auto& [address, dir] : installation.configuration.dev_overrides) {
    if (requirements->erase(address) > 0)
      lines += fmt::format("\n - {} in {}", ForDisplay(address), dir);
  }
  if (lines.empty()) return;
  Tell(context,
       fmt::format("{}: Provider development overrides are in effect{}\nThese providers are "
                   "started from there, and are neither installed nor locked.",
                   context.Paint("yellow", "warning"), lines),
       true);
}

// Whether the lock file may stay as it is; what is told of it.
Result<void> KeepLocks(const Context& context, const Arguments& arguments,
                       const registry::ProviderLocks& before,
                       const registry::InstallOutcome& outcome) {
  if (outcome.locks == before) return {};
  if (arguments.String("lockfile") == "readonly") {
    bool is_same = true;
    for (const auto& [address, lock] : outcome.locks) is_same &= before.contains(address);
    for (const auto& [address, lock] : before) is_same &= outcome.locks.contains(address);
    if (!is_same) {
      return Error::Invalid(
          "Provider dependency changes detected: changes to the required provider dependencies "
          "were detected, but the lock file is read-only. To use and record these requirements, "
          "run \"andon init\" without the \"-lockfile=readonly\" flag.");
    }
    Tell(context,
         fmt::format("{}: Provider lock file not updated: changes to the provider selections were "
                     "detected, but not saved in the {} file. To record these selections, run "
                     "\"andon init\" without the \"-lockfile=readonly\" flag.",
                     context.Paint("yellow", "warning"), registry::kLockFile),
         true);
    return {};
  }
  io::LocalFileSystem files;
  TRY(files.WriteAtomically(registry::kLockFile, registry::ProviderLockText(outcome.locks)));
  if (!outcome.incomplete.empty() && !context.quiet) {
    std::vector<std::string> names;
    for (const auto& address : outcome.incomplete) names.push_back("  - " + ForDisplay(address));
    Tell(context,
         fmt::format("{}: Incomplete lock file information for providers\nOnly checksums for {} "
                     "are known of:\n{}\nOn other platforms initialisation would fail: \"andon "
                     "providers lock -platform=OS_ARCH\" adds theirs.",
                     context.Paint("yellow", "warning"), registry::kPlatform, Join(names, "\n")),
         true);
  }
  Tell(context,
       fmt::format("\nAndon wrote {}. Put it under version control, so that everybody uses the "
                   "same providers.",
                   registry::kLockFile));
  return {};
}

Result<bool> BringProviders(Context& context, const Arguments& arguments,
                            const Installation& installation, const config::ModuleNode& root) {
  Tell(context, "Initializing provider plugins...");
  for (const config::ProviderAddress& address : BuiltinProvidersOf(root))
    Tell(context, fmt::format("- {} is built in to Andon", ForDisplay(address)));
  registry::ProviderLocks locks = TRY(registry::ReadProviderLocks(installation.files));
  registry::Requirements requirements = RequirementsOf(context, arguments, root, locks);
  LeaveOverridden(context, installation, &requirements);
  if (requirements.empty() && locks.empty()) return true;
  auto source = registry::JoinedSource(installation.connection(), installation.files,
                                       MethodsFor(arguments, installation));
  registry::InstallOptions options{
      .upgrade = arguments.Bool("upgrade"),
      .cache_dir = installation.configuration.plugin_cache_dir,
      .may_break_lock_file = installation.configuration.may_break_lock_file,
      .policy = registry::SigningPolicyOf(installation.environment),
      .clock = context.clock,
      .command = "andon init"};
  if (!options.cache_dir.empty() && !installation.files.Exists(options.cache_dir)) {
    return Error::Invalid("The specified plugin cache dir {} cannot be opened: make it first.",
                          options.cache_dir);
  }
  auto outcome = TRY(registry::InstallProviders(
      *source, *installation.remote, requirements, locks, options,
      [&](const registry::InstallEvent& event) { TellEvent(context, event); }));
  if (!outcome.failures.empty()) {
    Diagnostics found;
    for (const registry::InstallFailure& failure : outcome.failures)
      found.Add(config::Mistake(infra::kProviderFailed, failure.summary, failure.detail, {}));
    context.Report(found);
    return false;
  }
  if (outcome.has_signed) Tell(context, "\nProviders are signed by their developers.");
  TRY(KeepLocks(context, arguments, locks, outcome));
  return true;
}

}  // namespace

std::vector<Flag> WithInitFlags(std::vector<Flag> flags) {
  std::vector<Flag> more = {
      {"upgrade", FlagKind::kBool, "",
       "Chooses the newest providers and modules that are allowed, whatever is locked."},
      {"get", FlagKind::kBool, "", "Brings modules that are not there; on by default."},
      {"plugin-dir", FlagKind::kList, "DIR",
       "Takes providers from this folder alone; may be given several times."},
      {"test-directory", FlagKind::kString, "FOLDER",
       "Where tests are whose modules are brought too, beside this folder; \"tests\" without it."},
      {"lockfile", FlagKind::kString, "MODE",
       "readonly: the lock file is not changed, and it is an error where it would have to be."},
  };
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

ExitCode InitInfrastructure(Context& context, const Arguments& arguments) {
  StopOnSignal stop;
  std::string mode = arguments.String("lockfile");
  if (!mode.empty() && mode != "readonly")
    return context.Fail(Error::Invalid("-lockfile takes readonly, not \"{}\".", mode));
  if (!mode.empty() && arguments.Bool("upgrade"))
    return context.Fail(Error::Invalid("The -upgrade flag conflicts with -lockfile=readonly."));
  auto installation = OpenInstallation(stop.token());
  if (!installation.ok()) return context.Fail(installation.error());
  bool has_modules =
      !arguments.Bool("get", true) ||
      BringModules(context, arguments, **installation, arguments.Bool("upgrade"), "andon init");
  if (!has_modules) return ExitCode::kError;
  // Variables may be missing yet: nothing of them decides what is installed but sources of modules,
  // which are told as they are.
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (!infrastructure || infrastructure->has_errors) return ExitCode::kError;
  if (arguments.Bool("backend", true)) {
    auto done = InitBackend(context, arguments, infrastructure->home);
    if (!done.ok()) return context.Fail(done.error());
  }
  TreeToInstall whole = LoadToInstall(context, arguments, (*installation)->files);
  auto done = BringProviders(context, arguments, **installation, *whole.tree.root);
  if (!done.ok()) return context.Fail(done.error());
  if (!*done) return stop.stop_requested() ? ExitCode::kInterrupted : ExitCode::kError;
  Tell(context, "\n" +
                    context.Paint("green", fmt::format("{} has been successfully initialized!",
                                                       context.product())) +
                    fmt::format(" Next: {} plan.", context.command()));
  return ExitCode::kDone;
}

}  // namespace andon::cli
