#include "cli/installation.h"

#include <fmt/format.h>

#include <functional>

#include "base/text.h"
#include "builtin/language.h"
#include "cli/infrastructure.h"
#include "cli/infrastructure_tests.h"
#include "cli/planning.h"
#include "config/terraform/report.h"
#include "config/variables.h"
#include "infra/provider_resolution.h"
#include "infratext/events_json.h"
#include "io/path.h"
#include "registry/module_installer.h"
#include "registry/provider_folders.h"

extern char** environ;

namespace andon::cli {
namespace {

constexpr std::string_view kOtherHost = "registry.terraform.io";

void FindRequirements(const config::ModuleNode& node, registry::Requirements* out) {
  const config::Terraform& terraform = node.module->terraform;
  auto add = [&](const config::ProviderAddress& address,
                 const config::VersionConstraint& constraint) {
    if (address.empty() || address.is_builtin()) return;
    auto& constraints = (*out)[address];
    if (!constraint.empty()) constraints.push_back(constraint);
  };
  for (const auto& [name, required] : terraform.required_providers)
    add(required.address, required.version);
  for (const auto& [local, provider] : terraform.providers) add(provider.address, provider.version);
  for (const auto& [name, resource] : terraform.resources) add(resource.provider_address, {});
  for (const auto& [name, child] : node.children) FindRequirements(*child, out);
}

// Objects that the configuration has no more need their provider once more, to be removed.
void FindInState(Context& context, const Arguments& arguments, const config::ModuleNode& root,
                 registry::Requirements* out) {
  const auto& backend = root.module->terraform.backend;
  if (backend && backend->type != "local") return;
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return;
  for (const auto& [address, resource] : state->resources) {
    auto text = infra::ParseProviderText(resource.provider);
    if (text && !text->address.is_builtin()) (*out)[text->address];
  }
}

}  // namespace

registry::Environment ProcessEnvironment() {
  registry::Environment out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals != text.npos)
      out.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return out;
}

Result<std::unique_ptr<Installation>> OpenInstallation(std::stop_token stop) {
  auto out = std::make_unique<Installation>();
  out->environment = ProcessEnvironment();
  out->configuration = TRY(registry::ReadCliConfiguration(out->files, out->environment));
  out->configuration.remote.stop = std::move(stop);
  auto certificates = out->environment.find("SSL_CERT_FILE");
  out->http = io::NewHttpClient(certificates == out->environment.end() ? "" : certificates->second);
  out->remote = std::make_unique<registry::Remote>(*out->http, out->configuration.remote);
  out->services = std::make_unique<registry::Services>(*out->remote, out->configuration);
  return out;
}

void Tell(const Context& context, std::string_view text, bool is_warning) {
  if (!context.json) return is_warning ? context.Note(text) : context.Line(text);
  text = Trim(text);
  if (text.empty()) return;
  if (text.starts_with("- ")) text.remove_prefix(2);
  Json event = infratext::LogEvent({}, context.clock->Now(), text);
  if (is_warning) event.Set("@level", "warn");
  context.Event(event);
}

config::ProviderAddress AddressHere(const config::ProviderAddress& address,
                                    const registry::ProviderLocks& locks) {
  if (address.host != config::kDefaultProviderHost || locks.contains(address)) return address;
  config::ProviderAddress theirs = address;
  theirs.host = kOtherHost;
  io::LocalFileSystem files;
  bool is_theirs = locks.contains(theirs) ||
                   !registry::FindPackages(files, ".terraform/providers", theirs).empty();
  return is_theirs ? theirs : address;
}

registry::Requirements RequirementsOf(Context& context, const Arguments& arguments,
                                      const config::ModuleNode& root,
                                      const registry::ProviderLocks& locks) {
  registry::Requirements found;
  FindRequirements(root, &found);
  FindInState(context, arguments, root, &found);
  registry::Requirements out;
  for (auto& [address, constraints] : found) {
    auto& all = out[AddressHere(address, locks)];
    all.insert(all.end(), constraints.begin(), constraints.end());
  }
  return out;
}

std::set<config::ProviderAddress> BuiltinProvidersOf(const config::ModuleNode& root) {
  std::set<config::ProviderAddress> out;
  const config::Terraform& terraform = root.module->terraform;
  for (const auto& [name, required] : terraform.required_providers) out.insert(required.address);
  for (const auto& [name, resource] : terraform.resources) out.insert(resource.provider_address);
  std::erase_if(out, [](const auto& address) { return !address.is_builtin(); });
  for (const auto& [name, child] : root.children) out.merge(BuiltinProvidersOf(*child));
  return out;
}

TreeToInstall LoadToInstall(Context& context, const Arguments& arguments,
                            const io::FileSystem& files) {
  TreeToInstall out{.tests = FindInfrastructureTests(arguments)};
  auto root = std::make_unique<config::Module>(config::Load(files, ".", builtin::DataLanguage()));
  config::VariableValues variables = config::ReadVariables(files, *root, VariablesOf(arguments));
  auto& calls = root->terraform.module_calls;
  for (const infratest::TestFile& test : out.tests) {
    for (const infratest::Run& run : test.runs) {
      bool is_here =
          infratest::IsLocalModule(run.module_source) && io::Normalize(run.module_source) == ".";
      if (run.module_source.empty() || is_here) continue;
      std::string key = infratest::InstallationKey(test, run);
      calls.emplace(key, config::ModuleCall{.name = key,
                                            .source = run.module_source_expression,
                                            .version = run.module_version,
                                            .range = run.module_range});
    }
  }
  out.tree = config::LoadModuleTree(files, std::move(root), {.variables = variables.values});
  context.sources = out.tree.root->module->sources;
  return out;
}

bool BringModules(Context& context, const Arguments& arguments, const Installation& installation,
                  bool upgrade, const std::string& command) {
  // The files of the tests stay for as long as what was made of them.
  std::vector<std::vector<infratest::TestFile>> tests;
  auto load = [&] {
    TreeToInstall loaded = LoadToInstall(context, arguments, installation.files);
    tests.push_back(std::move(loaded.tests));
    return std::move(loaded.tree);
  };
  using Kind = registry::ModuleEvent::Kind;
  auto tell = [&](const registry::ModuleEvent& event) {
    if (event.kind == Kind::kDownloading) {
      std::string version = event.version.empty() ? "" : " " + event.version;
      Tell(context, fmt::format("Downloading {}{} for {}...", event.package, version, event.key));
    } else {
      Tell(context, context.json ? fmt::format("installing {} in {}", event.key, event.folder)
                                 : fmt::format("- {} in {}", event.key, event.folder));
    }
  };
  bool has_calls = !load().root->module->terraform.module_calls.empty();
  if (!has_calls) return true;
  Tell(context, upgrade ? "Upgrading modules..." : "Initializing modules...");
  auto failures = registry::InstallModules(
      load, installation.connection(),
      {.upgrade = upgrade, .clock = context.clock, .command = command}, tell);
  if (!failures.ok()) {
    context.Fail(failures.error());
    return false;
  }
  Diagnostics found;
  for (const registry::ModuleFailure& failure : *failures)
    found.Add(
        config::Mistake(config::kTerraformModule, failure.summary, failure.detail, failure.range));
  context.Report(found);
  return !found.has_errors();
}

}  // namespace andon::cli
