#include "cli/generate_config.h"

#include <fmt/format.h>

#include "cli/stop_on_signal.h"
#include "config/terraform/files.h"
#include "hcl/eval.h"
#include "infra/codes.h"
#include "infra/generated_config.h"
#include "io/path.h"
#include "value/display.h"

namespace andon::cli {
namespace {

using address::Address;

// The import blocks whose resource nobody has written, and of which the state knows nothing.
// What cannot be generated is reported.
std::vector<const config::Import*> Missing(const config::Module& root, const state::State& state,
                                           Diagnostics* wrong) {
  std::vector<const config::Import*> out;
  for (const config::Import& import : root.terraform.imports) {
    const Address& target = import.target;
    auto refuse = [&](std::string detail) {
      infra::Report(wrong, infra::kImportInvalid, std::move(detail), import.range);
    };
    if (!target.module.empty()) continue;  // Its module's matter; the plan says so.
    if (root.terraform.resources.contains(ToString(target))) continue;
    if (state.FindResource(target) != nullptr) continue;
    bool has_key = import.for_each || !import.instance ||
                   !std::holds_alternative<std::monostate>(import.instance->key);
    if (has_key) {
      refuse(
          fmt::format("Blocks with count or for_each cannot be generated. Write the block of {} "
                      "first.",
                      ToString(target)));
      continue;
    }
    out.push_back(&import);
  }
  return out;
}

// ` from "i-1"`, where the id is written as it is.
std::string OriginOf(const config::Import& import) {
  if (!import.id) return {};
  auto id = hcl::EvaluateConstant(import.id);
  bool is_text = id.value.is_known_not_null() && id.value.type().is_string();
  return is_text ? " from " + value::QuoteHcl(id.value.string()) : std::string();
}

// What a plan needs to ask for the object: a block without arguments.
config::Resource Stub(const config::Module& root, const config::Import& import) {
  config::Resource out{.type = import.target.kind,
                       .name = import.target.name,
                       .provider = import.provider,
                       .range = import.range,
                       .type_range = import.range};
  out.provider_local =
      import.provider ? import.provider->provider
                      : config::LocalProvider{std::string(config::ImpliedLocalName(out.type)), {}};
  out.provider_address = root.terraform.AddressOf(out.provider_local.name);
  return out;
}

}  // namespace

Result<Generated> GenerateConfig(Context& context, const Arguments& arguments,
                                 Infrastructure& infrastructure) {
  io::LocalFileSystem files;
  std::string path = arguments.String("generate-config-out");
  if (files.Exists(path)) {
    return Error::Conflict(
        "Target generated file already exists: {} is never written over. Choose another name, or "
        "move what is in it into your files and delete it.",
        path);
  }
  config::Module& root = *infrastructure.tree.root->module;
  state::State state = TRY(ReadStateOnly(context, arguments));
  Diagnostics wrong;
  std::vector<const config::Import*> missing = Missing(root, state, &wrong);
  context.Report(wrong);
  if (wrong.has_errors()) return Error::Invalid("Nothing was generated.");
  if (missing.empty()) return Generated::kNothing;

  infra::PlanOptions options = TRY(PlanOptionsOf(context, arguments, infrastructure));
  StopOnSignal stop;
  auto source = InstalledProviders(context);
  infra::ProviderPool pool(*source);
  Executor executor(options.parallel);
  options.pool = &pool;
  options.executor = &executor;
  options.stop = stop.token();
  options.mode = infra::Mode::kRefreshOnly;  // The blocks have no arguments to plan with.
  options.refresh = false;
  options.replace.clear();
  options.excludes.clear();
  options.targets.clear();
  options.provider_host = ProviderHostOf(state);
  for (const config::Import* import : missing) {
    root.terraform.resources.emplace(ToString(import->target), Stub(root, *import));
    options.targets.push_back(import->target);
  }
  infra::Plan plan = infra::MakePlan(infrastructure.tree, state, options);
  context.Report(plan.diagnostics);
  if (plan.diagnostics.has_errors()) return Error::Invalid("Nothing was generated.");

  std::string text =
      "# __generated__ by Andon\n"
      "# Please review these resources and move them into your main configuration files.\n";
  for (const config::Import* import : missing) {
    const config::Resource& stub = root.terraform.resources.at(ToString(import->target));
    const state::Instance* imported = plan.state.FindInstance(import->target);
    const provider::Schema* schema = nullptr;
    if (auto started = pool.Unconfigured(stub.provider_address); started.ok()) {
      const auto& resources = (*started)->GetSchema().schema.resources;
      if (auto found = resources.find(stub.type); found != resources.end()) schema = &found->second;
    }
    if (imported == nullptr || imported->current == nullptr || schema == nullptr)
      return Error::NotFound("The provider found nothing to import for {}.",
                             ToString(import->target));
    auto object = TRY(state::Decode(*imported->current, provider::ImpliedType(schema->block)));
    text += fmt::format("\n# __generated__ by Andon{}\n", OriginOf(*import));
    text += infra::GenerateResource(import->target, schema->block, stub.provider_local, object);
  }
  TRY(files.WriteAtomically(path, text));
  bool is_read = io::Dirname(io::Normalize(path)) == "." && config::IsTerraformFile(path);
  return is_read ? Generated::kInProject : Generated::kElsewhere;
}

}  // namespace andon::cli
