#include "cli/infrastructure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "base/text.h"
#include "builtin/language.h"
#include "cli/one_plan.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "config/terraform/validate.h"
#include "config/variables.h"
#include "functions/registry.h"
#include "hcl/eval.h"
#include "infra/codes.h"
#include "infra/expansion.h"
#include "infra/graph.h"
#include "infra/provider_resolution.h"
#include "state/local_backend.h"
#include "value/json.h"
#include "value/path.h"

namespace andon::cli {

using value::Value;

namespace {

bool IsTerraformFile(std::string_view name) {
  for (std::string_view end : {".tf", ".tofu", ".tf.json", ".tofu.json"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

// A look at the names alone: most data projects have no such file, and need not be read twice.
bool MayHaveInfrastructure(const io::FileSystem& files) {
  auto entries = files.List(".");
  if (!entries.ok()) return false;
  for (const auto& entry : *entries) {
    if (IsTerraformFile(entry.name) || entry.name == "terraform.tfstate" ||
        entry.name == "terraform.tfstate.d")
      return true;
  }
  return false;
}

// Outputs and settings alone are a project of Terraform's too, where no data stands beside them.
bool IsOnlyTerraform(const config::Module& module) {
  return module.blocks.empty() && (!module.outputs.empty() || module.terraform.backend ||
                                   !module.terraform.required_providers.empty());
}

}  // namespace

// TF_WORKSPACE wins over what was selected.
std::string SelectedWorkspace() {
  const char* given = std::getenv("TF_WORKSPACE");
  if (given != nullptr && *given != '\0') return given;
  return state::SelectedWorkspace(io::LocalFileSystem(), ".");
}

bool HasInfrastructure(const Context&) {
  io::LocalFileSystem files;
  if (!MayHaveInfrastructure(files)) return false;
  if (files.Exists(state::PathsOf(".", SelectedWorkspace()).state)) return true;
  config::Module module = config::Load(files, ".", builtin::DataLanguage());
  return module.terraform.has_infrastructure() || module.terraform.backend.has_value() ||
         IsOnlyTerraform(module);
}

bool HasInfrastructureAlone(const Context& context) {
  if (!HasInfrastructure(context)) return false;
  // A control store may be there for states alone.
  io::LocalFileSystem files;
  return !files.Exists(DatabasePath(context)) ||
         config::Load(files, ".", builtin::DataLanguage()).blocks.empty();
}

std::optional<Infrastructure> LoadInfrastructure(
    Context& context, const Arguments& arguments,
    const std::vector<std::pair<std::string, Value>>& given) {
  io::LocalFileSystem files;
  if (!MayHaveInfrastructure(files)) return std::nullopt;
  auto root = std::make_unique<config::Module>(config::Load(files, ".", builtin::DataLanguage()));
  Infrastructure out;
  out.workspace = SelectedWorkspace();
  out.has_data = !root->blocks.empty() && !context.speaks_as_other();
  bool has_state = files.Exists(state::PathsOf(".", out.workspace).state);
  if (!root->terraform.has_infrastructure() && !has_state && !IsOnlyTerraform(*root))
    return std::nullopt;
  config::VariableInput input = VariablesOf(arguments);
  input.values = given;
  config::VariableValues variables = config::ReadVariables(files, *root, input);
  out.tree = config::LoadModuleTree(files, std::move(root),
                                    {.variables = variables.values, .workspace = out.workspace});
  context.sources = out.tree.root->module->sources;
  Diagnostics found;
  found.Append(std::move(out.tree.diagnostics));
  if (!out.tree.root->module->has_syntax_errors) {
    found.Append(config::Validate(out.tree));
    out.home = FindStateHome(*out.tree.root->module, variables.values, out.workspace, &found);
  }
  if (!out.tree.root->module->has_syntax_errors) found.Append(std::move(variables.diagnostics));
  found.Sort();
  context.Report(found);
  out.has_errors = found.has_errors();
  out.variables = std::move(variables.values);
  out.functions = std::make_unique<hcl::FunctionTable>(
      functions::MakeTable({.base_dir = ".", .clock = context.clock, .only_repeatable = true}));
  return out;
}

namespace {

// Every file of Terraform's language with its text.
std::string FilesOf(const Infrastructure& infrastructure) {
  std::string all;
  std::function<void(const config::ModuleNode&)> add = [&](const config::ModuleNode& node) {
    for (const auto& file : node.module->files) {
      if (file->filename().ends_with(".andon.hcl")) continue;
      all += fmt::format("{}\n{}\n{}", file->filename(), file->text().size(), file->text());
    }
    for (const auto& [name, child] : node.children) add(*child);
  };
  add(*infrastructure.tree.root);
  return all;
}

// As it is kept; empty where it cannot be read.
std::string TextOfState(const Context& context, const StateHome& home) {
  auto backend = OpenBackend(context, home);
  if (!backend.ok()) return {};
  auto storage = (*backend)->Open(home.workspace);
  if (!storage.ok()) return {};
  auto stored = (*storage)->Read();
  return stored.ok() ? std::move(stored->text) : std::string();
}

// What was applied: the files, the variables, the state.
std::string DigestOf(const Context& context, const Infrastructure& infrastructure) {
  std::string all = FilesOf(infrastructure);
  // A variable that data blocks alone read makes no difference here.
  Diagnostics unused;
  infra::Graph graph = infra::BuildGraph(infrastructure.tree, state::State(), &unused);
  for (const auto& [name, value] : infrastructure.variables) {
    auto node = graph.modules[0].variables.find(name);
    if (node == graph.modules[0].variables.end() || graph.dag.DependentsOf(node->second).empty())
      continue;
    auto text = value::ToJsonText(value.UnmarkDeep());
    all += fmt::format("{}={}\n", name, text.ok() ? *text : std::string("?"));
  }
  all += infrastructure.workspace + "\n" + TextOfState(context, infrastructure.home);
  return Sha256(all);
}

// State files write an attribute of dynamic type as {"type": …, "value": …}.
Value WithoutTypes(const Value& object) {
  Value::Members members = object.members();
  for (auto& [name, value] : members) {
    bool is_typed = value.is_known_not_null() && value.type().is_object() && value.size() == 2 &&
                    value.Find("type") != nullptr && value.Find("value") != nullptr;
    if (is_typed) value = *value.Find("value");
  }
  return Value::Object(std::move(members));
}

std::string DigestPath() { return ".andon/infrastructure"; }

}  // namespace

std::string ConfigurationDigest(const Infrastructure& infrastructure) {
  return Sha256(FilesOf(infrastructure));
}

bool IsAsApplied(const Context& context, const Infrastructure& infrastructure) {
  io::LocalFileSystem files;
  auto remembered = files.Read(DigestPath());
  return remembered.ok() && *remembered == DigestOf(context, infrastructure);
}

void RememberAsApplied(const Context& context, const Infrastructure& infrastructure) {
  io::LocalFileSystem files;
  // Best effort: without it the next plan asks the providers once more.
  (void)files.WriteAtomically(DigestPath(), DigestOf(context, infrastructure)).ok();
}

namespace {

// The instances of the root module's resources, as a plan has them.
using PlannedInstances = std::multimap<address::Address, const infra::ResourceChange*>;
PlannedInstances InstancesOf(const infra::Plan* plan) {
  PlannedInstances out;
  if (plan == nullptr) return out;
  for (const infra::ResourceChange& change : plan->changes) {
    if (change.deposed.empty() && change.address.module.empty() && !change.address.is_data)
      out.emplace(change.address.WithoutKey(), &change);
  }
  return out;
}

}  // namespace

std::map<std::string, Value> RecordedInfrastructure(Context& context, const Arguments& arguments,
                                                    const config::Module* root,
                                                    const infra::Plan* plan) {
  std::map<std::string, Value> out;
  io::LocalFileSystem files;
  if (!MayHaveInfrastructure(files)) return out;
  std::optional<config::Module> read;
  if (root == nullptr) root = &read.emplace(config::Load(files, ".", builtin::DataLanguage()));
  const config::Module& module = *root;
  if (!module.terraform.has_infrastructure()) return out;
  auto recorded = ReadStateOnly(context, arguments);
  state::State state = recorded.ok() ? *std::move(recorded) : state::State();
  const PlannedInstances planned = InstancesOf(plan);
  std::map<std::string, std::map<std::string, Value::Members>> modes;  // "", "data": by type.
  for (const auto& [name, resource] : module.terraform.resources) {
    address::Address address{.is_data = resource.mode == config::ResourceMode::kData,
                             .kind = resource.type,
                             .name = resource.name};
    Value value = Value::Dynamic();
    std::vector<address::Key> keys;
    std::vector<Value> values;
    const state::Resource* recorded = state.FindResource(address);
    auto [from, to] = planned.equal_range(address);
    for (auto it = from; it != to; ++it) {
      if (it->second->after.is_null()) continue;
      keys.push_back(it->second->address.key);
      values.push_back(it->second->after);
    }
    if (from == to && recorded != nullptr) {
      for (const auto& [key, instance] : recorded->instances) {
        if (instance.current == nullptr) continue;
        // The types are those that the JSON shows: nobody is asked for a schema.
        auto object = value::FromJsonText(instance.current->attributes);
        if (!object.ok() || !object->is_known_not_null()) continue;
        *object = WithoutTypes(*object);
        std::vector<value::PathMarks> marks;
        for (const value::Path& path : instance.current->sensitive_paths)
          marks.push_back({path, value::Mark::kSensitive});
        keys.push_back(key);
        values.push_back(value::MarkWithPaths(*object, marks));
      }
    }
    infra::Repetition repetition = resource.count      ? infra::Repetition::kCount
                                   : resource.for_each ? infra::Repetition::kForEach
                                                       : infra::Repetition::kSingle;
    if (!values.empty()) value = infra::Gather(repetition, keys, std::move(values));
    modes[address.is_data ? "data" : ""][resource.type].emplace_back(resource.name, value);
  }
  for (auto& [type, members] : modes[""]) out[type] = Value::Object(std::move(members));
  if (!modes["data"].empty()) {
    Value::Members types;
    for (auto& [type, members] : modes["data"])
      types.emplace_back(type, Value::Object(std::move(members)));
    out["data"] = Value::Object(std::move(types));
  }
  return out;
}

std::vector<Flag> WithStateFlags(std::vector<Flag> flags) {
  flags.push_back({"lock", FlagKind::kBool, "",
                   "Locks the state, so that nobody else changes it meanwhile; on by default."});
  return flags;
}

std::vector<Flag> WithInfrastructureFlags(std::vector<Flag> flags) {
  std::vector<Flag> more = {
      {"exclude", FlagKind::kList, "ADDRESS",
       "All but this resource and what needs it; may be given several times."},
      {"replace", FlagKind::kList, "ADDRESS",
       "Makes this instance anew; may be given several times."},
      {"refresh", FlagKind::kBool, "",
       "Asks the providers how the resources stand; on by default."},
      {"refresh-only", FlagKind::kBool, "", "Only takes into the state what has changed outside."},
      {"parallelism", FlagKind::kInteger, "N", "Operations at a time; 10 by default."},
      {"concise", FlagKind::kBool, "", "Leaves out what stays and what is only read."},
      {"show-sensitive", FlagKind::kBool, "", "Shows sensitive values."},
  };
  flags.insert(flags.end(), more.begin(), more.end());
  return WithStateFlags(std::move(flags));
}

Result<state::Session> OpenState(Context& context, const Arguments& arguments,
                                 const StateHome& home, const std::string& operation) {
  static io::LocalFileSystem files;
  state::LockInfo info = state::NewLockInfo(operation, ANDON_VERSION, *context.clock);
  auto backend = TRY(OpenBackend(context, home));
  auto storage = TRY(backend->Open(home.workspace));
  std::string location = storage->names().location;
  info.path = location;
  auto session = state::Session::Open(files, std::move(storage), std::move(info),
                                      {.lock = arguments.Bool("lock", true),
                                       .lock_timeout = arguments.Time("lock-timeout"),
                                       .terraform_version = kLanguageVersion,
                                       .codec = home.state_codec,
                                       .backend = backend});
  if (!session.ok()) return std::move(session).error();
  context.Report(session->diagnostics());
  if (session->diagnostics().has_errors())
    return Error::Corrupt("The state {} cannot be used as it is.", location);
  if (session->recovered() > 0 && !context.quiet)
    context.Note(
        fmt::format("An apply was interrupted; {} of its changes were in the journal and "
                    "are in the state now.",
                    session->recovered()));
  return session;
}

Result<state::State> ReadStateOnly(Context& context, const Arguments& arguments) {
  io::LocalFileSystem files;
  StateHome home = TRY(StateHomeOf(context, arguments));
  auto backend = TRY(OpenBackend(context, home));
  auto storage = TRY(backend->Open(home.workspace));
  state::Loaded loaded = state::Load(files, *storage, home.state_codec);
  context.Report(loaded.diagnostics);
  if (loaded.diagnostics.has_errors())
    return Error::Corrupt("The state {} cannot be used as it is.", storage->names().location);
  return loaded.state.value_or(state::State());
}

Result<infra::PlanOptions> PlanOptionsOf(const Context& context, const Arguments& arguments,
                                         const Infrastructure& infrastructure) {
  infra::PlanOptions out;
  out.functions = infrastructure.functions.get();
  out.variables = infrastructure.variables;
  out.workspace = infrastructure.workspace;
  out.cwd = context.project_dir;
  out.language_version = kLanguageVersion;
  out.refresh = arguments.Bool("refresh", true);
  out.parallel =
      static_cast<int>(std::clamp<int64_t>(arguments.Integer("parallelism", 10), 1, 256));
  auto read = [](std::string_view flag, const std::vector<std::string>& texts,
                 std::vector<address::Address>* to) -> Result<void> {
    for (const std::string& text : texts) {
      auto parsed = address::Parse(text);
      if (!parsed.ok())
        return Error::Invalid("-{}={} is no address: {}", flag, text, parsed.error().message);
      to->push_back(*parsed);
    }
    return {};
  };
  TRY(read("target",
           infrastructure.has_data ? TargetsOf(arguments).infrastructure : arguments.List("target"),
           &out.targets));
  TRY(read("exclude", arguments.List("exclude"), &out.excludes));
  TRY(read("replace", arguments.List("replace"), &out.replace));
  if (!out.targets.empty() && !out.excludes.empty())
    return Error::Invalid("-target and -exclude cannot be given together.");
  return out;
}

std::string ProviderHostOf(const state::State& state) {
  constexpr std::string_view kOther = "registry.terraform.io";
  bool has_other = false, has_default = false;
  for (const auto& [address, resource] : state.resources) {
    auto text = infra::ParseProviderText(resource.provider);
    if (!text) continue;
    has_other |= text->address.host == kOther;
    has_default |= text->address.host == config::kDefaultProviderHost;
  }
  if (!has_other && !has_default) {
    io::LocalFileSystem files;
    has_other = files.Exists(fmt::format(".terraform/providers/{}", kOther));
    has_default =
        files.Exists(fmt::format(".terraform/providers/{}", config::kDefaultProviderHost));
  }
  return std::string(has_other && !has_default ? kOther : config::kDefaultProviderHost);
}

infratext::RenderOptions TextOptionsOf(const Context& context, const Arguments& arguments) {
  return {.color = context.color,
          .show_sensitive = arguments.Bool("show-sensitive"),
          .concise = arguments.Bool("concise"),
          .shows_causes = !context.speaks_as_other(),
          .width = context.width,
          .product = std::string(context.product()),
          .command = std::string(context.command())};
}

infratext::ProviderSchemaOf ProviderSchemasOf(infra::ProviderPool& pool) {
  return [&pool](const config::ProviderAddress& address) -> const provider::ProviderSchema* {
    auto provider = pool.Unconfigured(address);
    return provider.ok() ? &(*provider)->GetSchema().schema : nullptr;
  };
}

infratext::SchemaOf SchemasOf(infra::ProviderPool& pool) {
  return [&pool](std::string_view provider, bool is_data,
                 std::string_view type) -> const provider::Schema* {
    auto text = infra::ParseProviderText(provider);
    if (!text) return nullptr;
    auto started = pool.Unconfigured(text->address);
    if (!started.ok()) return nullptr;
    const auto& schema = (*started)->GetSchema().schema;
    const auto& types = is_data ? schema.data_sources : schema.resources;
    auto it = types.find(type);
    return it == types.end() ? nullptr : &it->second;
  };
}

}  // namespace andon::cli
