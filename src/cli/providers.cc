// andon providers, providers lock | mirror | schema: which providers a configuration needs, and
// what is known of them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/installation.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"
#include "config/terraform/report.h"
#include "infra/codes.h"
#include "infra/provider_resolution.h"
#include "infratext/provider_schemas_json.h"
#include "io/path.h"
#include "registry/mirror_writer.h"

namespace andon::cli {
namespace {

using config::ProviderAddress;
using registry::ForDisplay;

// Nothing where it was reported.
std::optional<Infrastructure> Load(Context& context, const Arguments& arguments) {
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (!infrastructure) {
    context.Fail(
        Error::NotFound("No configuration files: there are no files of infrastructure in "
                        "{}.",
                        context.project_dir));
    return std::nullopt;
  }
  if (infrastructure->has_errors) return std::nullopt;
  return infrastructure;
}

// ---- providers

std::map<ProviderAddress, std::vector<config::VersionConstraint>> OwnRequirements(
    const config::ModuleNode& node) {
  const config::Terraform& terraform = node.module->terraform;
  std::map<ProviderAddress, std::vector<config::VersionConstraint>> out;
  for (const auto& [name, required] : terraform.required_providers)
    out[required.address].push_back(required.version);
  for (const auto& [local, provider] : terraform.providers)
    out[provider.address].push_back(provider.version);
  for (const auto& [name, resource] : terraform.resources) {
    if (!resource.provider_address.empty()) out[resource.provider_address];
  }
  return out;
}

void PrintTree(const Context& context, const config::ModuleNode& node,
               const registry::ProviderLocks& locks, const std::string& indent) {
  auto required = OwnRequirements(node);
  size_t left = required.size() + node.children.size();
  for (const auto& [address, constraints] : required) {
    std::string versions = registry::CanonicalConstraints(constraints);
    context.Line(fmt::format("{}{} provider[{}]{}{}", indent, --left == 0 ? "└──" : "├──",
                             ToString(AddressHere(address, locks)), versions.empty() ? "" : " ",
                             versions));
  }
  for (const auto& [name, child] : node.children) {
    bool is_last = --left == 0;
    context.Line(fmt::format("{}{} module.{}", indent, is_last ? "└──" : "├──", name));
    PrintTree(context, *child, locks, indent + (is_last ? "    " : "│   "));
  }
}

ExitCode RunProviders(Context& context, const Arguments& arguments) {
  auto infrastructure = Load(context, arguments);
  if (!infrastructure) return ExitCode::kError;
  io::LocalFileSystem files;
  auto locks = registry::ReadProviderLocks(files);
  if (!locks.ok()) return context.Fail(locks.error());
  context.Line("\nProviders required by configuration:\n.");
  PrintTree(context, *infrastructure->tree.root, *locks, "");
  context.Line();
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return context.Fail(state.error());
  std::set<ProviderAddress> needed;
  for (const auto& [address, resource] : state->resources) {
    if (auto text = infra::ParseProviderText(resource.provider)) needed.insert(text->address);
  }
  if (needed.empty()) return ExitCode::kDone;
  context.Line("Providers required by state:\n");
  for (const ProviderAddress& address : needed)
    context.Line(fmt::format("    provider[{}]\n", ToString(address)));
  return ExitCode::kDone;
}

// ---- providers lock

Result<std::vector<std::string>> PlatformsOf(const Arguments& arguments) {
  std::vector<std::string> out = arguments.List("platform");
  for (const std::string& platform : out) {
    if (!registry::IsPlatform(platform)) {
      return Error::Invalid(
          "Invalid target platform: the string \"{}\" given in the -platform option is not a "
          "valid target platform, as linux_amd64 is.",
          platform);
    }
  }
  if (out.empty()) out.push_back(registry::kPlatform);
  return out;
}

// Only those that were named, all of which must be asked for.
Result<void> KeepNamed(const Arguments& arguments, registry::Requirements* requirements) {
  std::set<ProviderAddress> named;
  for (const std::string& text : arguments.positional) {
    auto address = config::ParseProviderSource(text);
    if (!address.ok()) return std::move(address).error();
    if (!requirements->contains(*address)) {
      return Error::Invalid(
          "Invalid provider argument: the provider {} is not required by the current "
          "configuration.",
          ToString(*address));
    }
    named.insert(*address);
  }
  if (!named.empty())
    std::erase_if(*requirements, [&](const auto& entry) { return !named.contains(entry.first); });
  return {};
}

Result<std::unique_ptr<registry::ProviderSource>> LockSource(const Arguments& arguments,
                                                             const Installation& installation) {
  std::string folder = arguments.String("fs-mirror");
  std::string url = arguments.String("net-mirror");
  if (!folder.empty() && !url.empty())
    return Error::Invalid("-fs-mirror and -net-mirror cannot be given together.");
  if (!folder.empty()) return registry::FilesystemMirror(installation.files, folder);
  if (url.empty()) return registry::RegistrySource(installation.connection());
  if (!AsciiLower(url).starts_with("https://"))
    return Error::Invalid(
        "Invalid network mirror URL: the -net-mirror option requires a valid https: URL as the "
        "mirror base URL.");
  return registry::NetworkMirror(installation.connection(), url.ends_with('/') ? url : url + "/");
}

void TellFetched(const Context& context, const registry::InstallEvent& event,
                 const std::string& platform) {
  using Kind = registry::InstallEvent::Kind;
  std::string name = event.address.empty() ? "" : ForDisplay(event.address);
  if (event.kind == Kind::kInstalling)
    Tell(context, fmt::format("- Fetching {} {} for {}...", name, event.version, platform));
  if (event.kind == Kind::kInstalled) {
    std::string key = event.verdict.key_id.empty()
                          ? ""
                          : ", key ID " + context.Paint("bold", event.verdict.key_id);
    Tell(context, fmt::format("- Retrieved {} {} for {} ({}{})", name, event.version, platform,
                              ToString(event.verdict.kind), key));
  }
  if (event.kind == Kind::kWarning)
    Tell(context, fmt::format("{}: {}: {}", context.Paint("yellow", "warning"), name, event.text),
         true);
}

// What the platform's packages add to the lock file; false where nothing was new.
bool AddPlatform(const Context& context, const registry::ProviderLocks& fetched,
                 const registry::ProviderLocks& before, const std::string& platform,
                 registry::ProviderLocks* locks) {
  bool is_changed = false;
  for (const auto& [address, lock] : fetched) {
    auto old = before.find(address);
    bool is_new = old == before.end();
    bool has_more = is_new || std::any_of(lock.hashes.begin(), lock.hashes.end(),
                                          [&](const auto& h) { return !old->second.Has(h); });
    std::string_view what =
        is_new ? "This was a new provider and the checksums for this platform are now tracked in "
                 "the lock file"
        : has_more ? "Additional checksums for this platform are now tracked in the lock file"
                   : "All checksums for this platform were already tracked in the lock file";
    Tell(context,
         fmt::format("- Obtained {} checksums for {}; {}", ForDisplay(address), platform, what));
    is_changed |= has_more;
    registry::ProviderLock& to = (*locks)[address];
    to.version = lock.version;
    to.constraints = lock.constraints;
    to.Add(lock.hashes);
  }
  return is_changed;
}

void ReportFailures(Context& context, const std::vector<registry::InstallFailure>& failures) {
  Diagnostics found;
  for (const registry::InstallFailure& failure : failures)
    found.Add(config::Mistake(infra::kProviderFailed, failure.summary, failure.detail, {}));
  context.Report(found);
}

Result<bool> LockAll(Context& context, const Arguments& arguments, const Installation& installation,
                     const config::ModuleNode& root) {
  std::vector<std::string> platforms = TRY(PlatformsOf(arguments));
  auto source = TRY(LockSource(arguments, installation));
  registry::ProviderLocks before = TRY(registry::ReadProviderLocks(installation.files));
  registry::Requirements requirements = RequirementsOf(context, arguments, root, before);
  TRY(KeepNamed(arguments, &requirements));
  registry::ProviderLocks locks = before;
  bool is_changed = false;
  io::LocalFileSystem files;
  for (const std::string& platform : platforms) {
    // What is fetched is only looked at: nothing of it stays.
    std::string scratch = ".terraform/locking/" + platform;
    TRY(files.RemoveAll(scratch));
    auto outcome = registry::InstallProviders(
        *source, *installation.remote, requirements, locks,
        {.folder = scratch + "/providers",
         .platform = platform,
         .is_anew = true,
         .policy = registry::SigningPolicyOf(installation.environment),
         .clock = context.clock,
         .command = "andon providers lock"},
        [&](const registry::InstallEvent& event) { TellFetched(context, event, platform); });
    TRY(files.RemoveAll(".terraform/locking"));
    if (!outcome.ok()) return std::move(outcome).error();
    if (!outcome->failures.empty()) {
      ReportFailures(context, outcome->failures);
      return false;
    }
    is_changed |= AddPlatform(context, outcome->locks, before, platform, &locks);
  }
  if (locks != before)
    TRY(files.WriteAtomically(registry::kLockFile, registry::ProviderLockText(locks)));
  std::string success = context.Paint("green", "Success!");
  if (is_changed) {
    Tell(context, fmt::format("\n{} Andon has updated the lock file.", success));
    Tell(context, fmt::format("\nReview the changes in {} and then commit to your\nversion control "
                              "system to retain the new checksums.",
                              registry::kLockFile));
  } else {
    Tell(context, fmt::format("\n{} Andon has validated the lock file and found no need for "
                              "changes.",
                              success));
  }
  return true;
}

ExitCode RunLock(Context& context, const Arguments& arguments) {
  StopOnSignal stop;
  auto infrastructure = Load(context, arguments);
  if (!infrastructure) return ExitCode::kError;
  auto installation = OpenInstallation(stop.token());
  if (!installation.ok()) return context.Fail(installation.error());
  auto done = LockAll(context, arguments, **installation, *infrastructure->tree.root);
  if (!done.ok()) return context.Fail(done.error());
  return *done ? ExitCode::kDone : ExitCode::kError;
}

// ---- providers mirror

ExitCode RunMirror(Context& context, const Arguments& arguments) {
  StopOnSignal stop;
  auto infrastructure = Load(context, arguments);
  if (!infrastructure) return ExitCode::kError;
  auto installation = OpenInstallation(stop.token());
  if (!installation.ok()) return context.Fail(installation.error());
  auto platforms = PlatformsOf(arguments);
  if (!platforms.ok()) return context.Fail(platforms.error());
  auto locks = registry::ReadProviderLocks((*installation)->files);
  if (!locks.ok()) return context.Fail(locks.error());
  auto source = registry::RegistrySource((*installation)->connection());
  auto failures = registry::MirrorProviders(
      *source, *(*installation)->remote,
      RequirementsOf(context, arguments, *infrastructure->tree.root, *locks), *locks,
      {.folder = arguments.positional[0],
       .platforms = *platforms,
       .policy = registry::SigningPolicyOf((*installation)->environment),
       .clock = context.clock},
      [&](std::string_view line) { Tell(context, line); });
  if (!failures.ok()) return context.Fail(failures.error());
  ReportFailures(context, *failures);
  return failures->empty() ? ExitCode::kDone : ExitCode::kError;
}

// ---- providers schema

ExitCode RunSchema(Context& context, const Arguments& arguments) {
  if (!context.json) {
    return context.Fail(Error::Invalid(
        "The \"andon providers schema\" command requires the -json flag: schemas are for "
        "programs."));
  }
  auto infrastructure = Load(context, arguments);
  if (!infrastructure) return ExitCode::kError;
  auto locks = registry::ReadProviderLocks(io::LocalFileSystem());
  if (!locks.ok()) return context.Fail(locks.error());
  const config::ModuleNode& root = *infrastructure->tree.root;
  std::set<ProviderAddress> needed = BuiltinProvidersOf(root);
  for (const auto& [address, constraints] : RequirementsOf(context, arguments, root, *locks))
    needed.insert(address);
  auto installed = InstalledProviders(context);
  std::vector<std::unique_ptr<provider::Provider>> running;
  std::vector<provider::GetSchemaResponse> answers;
  answers.reserve(needed.size());
  std::map<ProviderAddress, const provider::ProviderSchema*> schemas;
  for (const ProviderAddress& address : needed) {
    auto started = installed->Start(address);
    if (!started.ok()) return context.Fail(started.error());
    answers.push_back((*started)->GetSchema());
    running.push_back(std::move(*started));
    for (const auto& diagnostic : answers.back().diagnostics) {
      if (diagnostic.diagnostic.severity == Severity::kError)
        return context.Fail(Error::Invalid("{}: {} {}", ToString(address),
                                           diagnostic.diagnostic.summary,
                                           diagnostic.diagnostic.detail));
    }
    schemas[address] = &answers.back().schema;
  }
  infratext::JsonWriter out([&](std::string_view piece) { context.Print(piece); });
  infratext::WriteProviderSchemas(schemas, out);
  out.Flush();
  context.Line();
  return ExitCode::kDone;
}

Flag PlatformFlag() {
  return {"platform", FlagKind::kList, "OS_ARCH",
          "Packages for this platform, as linux_arm64; may be given several times. By default for "
          "this machine's."};
}

}  // namespace

extern const Command kProviders = {
    .name = "providers",
    .group = Group::kChange,
    .summary = "Show which providers are needed, and by which modules",
    .description =
        "Prints the modules of the configuration as a tree, with the providers that each asks for "
        "and the versions that it allows, and then the providers of what is in the state. Nothing "
        "is asked over the network.",
    .flags = WithVariableFlags({}),
    .examples = {{"andon providers", "Show the tree."},
                 {"andon -C network providers", "Of another folder."}},
    .run = RunProviders,
};

extern const Command kProvidersLock = {
    .name = "providers lock",
    .group = Group::kChange,
    .summary = "Add hashes of providers for other platforms to the lock file",
    .usage = "[PROVIDER]...",
    .description =
        "Fetches the packages of all providers, or of those that are named, for each platform, and "
        "writes their hashes into .terraform.lock.hcl. They come from their registries, whatever "
        "the CLI configuration says, or from the mirror that a flag names. Nothing is installed.",
    .positional_max = -1,
    .flags = WithVariableFlags(
        {PlatformFlag(),
         {"fs-mirror", FlagKind::kString, "DIR", "From this folder instead of the registries."},
         {"net-mirror", FlagKind::kString, "URL",
          "From this network mirror instead of the registries."}}),
    .examples = {{"andon providers lock", "For this platform."},
                 {"andon providers lock -platform=linux_arm64 -platform=darwin_arm64",
                  "For those of colleagues."}},
    .run = RunLock,
};

extern const Command kProvidersMirror = {
    .name = "providers mirror",
    .group = Group::kChange,
    .summary = "Copy the needed providers into a folder that serves as a mirror",
    .usage = "DIR",
    .description =
        "Fetches the packages of all providers from their registries, checks them, and leaves them "
        "in the folder, with index files. The folder is a filesystem mirror, and, behind any HTTPS "
        "server, a network mirror. Versions are those of the lock file, where there is one.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags({PlatformFlag()}),
    .examples = {{"andon providers mirror /srv/mirror", "For this platform."},
                 {"andon providers mirror -platform=linux_arm64 /srv/mirror", "For another one."}},
    .run = RunMirror,
};

extern const Command kProvidersSchema = {
    .name = "providers schema",
    .group = Group::kChange,
    .summary = "Print the schemas of the needed providers",
    .description =
        "Starts each provider that the configuration needs, and prints what it says of its "
        "resources, data sources and functions, as one JSON document (format version 1.0). It is "
        "for programs: -json must be given.",
    .flags = WithVariableFlags({}),
    .examples = {{"andon providers schema -json", "All schemas."},
                 {"andon providers schema -json > schemas.json", "Into a file."}},
    .run = RunSchema,
};

}  // namespace andon::cli
