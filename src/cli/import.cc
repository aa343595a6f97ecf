// andon import: an object that exists comes under management, without a plan.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"
#include "infratext/events_json.h"

namespace andon::cli {
namespace {

using address::Address;

Result<Address> ReadTarget(const std::string& text) {
  auto parsed = address::Parse(text);
  if (!parsed.ok() || parsed->kind.empty())
    return Error::Invalid(
        "\"{}\" is no address of a resource{} For example: aws_instance.web, "
        "module.a.aws_instance.web[0].",
        text, parsed.ok() ? "." : ": " + parsed.error().message);
  if (parsed->is_data || parsed->kind == "ephemeral")
    return Error::Invalid(
        "A managed resource address is required. Importing into {} is not allowed.",
        parsed->is_data ? "a data resource" : "an ephemeral resource");
  return *parsed;
}

// A typo in the address would bring something that the next plan destroys.
Result<void> CheckDeclared(const Infrastructure& infrastructure, const Address& target) {
  const config::ModuleNode* node = infrastructure.tree.root.get();
  std::string path;
  for (const address::ModuleStep& step : target.module) {
    path += (path.empty() ? "module." : ".module.") + step.name;
    auto child = node->children.find(step.name);
    if (child == node->children.end())
      return Error::NotFound(
          "Import to non-existent module: {} is not defined in the configuration. Add "
          "configuration for this module before importing into it.",
          path);
    node = child->second.get();
  }
  const auto& resources = node->module->terraform.resources;
  std::string name = fmt::format("{}.{}", target.kind, target.name);
  if (resources.contains(name)) return {};
  std::vector<std::string> known;
  for (const auto& [other, resource] : resources) {
    if (resource.mode == config::ResourceMode::kManaged) known.push_back(other);
  }
  std::string meant = DidYouMean(name, known);
  return Error::NotFound(
      "resource address \"{0}\" does not exist in the configuration.{1}\n\nBefore importing this "
      "resource, please create its configuration in {2}. For example:\n\nresource \"{3}\" \"{4}\" "
      "{{\n  # (resource arguments)\n}}",
      ToString(target), meant.empty() ? "" : " Did you mean " + meant + "?",
      path.empty() ? "the root module" : path, target.kind, target.name);
}

// What is known of the object by its id or its name.
std::string IdOf(const state::Object& object) {
  auto json = Json::Parse(object.attributes);
  if (!json.ok()) return {};
  for (const char* name : {"id", "name"}) {
    const Json& value = (*json)[name];
    if (value.is_string()) return fmt::format(" [{}={}]", name, value.AsString());
  }
  return {};
}

void Tell(const Context& context, const std::string& text) {
  if (context.quiet) return;
  if (!context.json) return context.Line(text);
  static const infratext::Speaker kSpeaker{.version = ANDON_VERSION};
  context.Event(infratext::LogEvent(kSpeaker, context.clock->Now(), text));
}

Result<ExitCode> Import(Context& context, const Arguments& arguments) {
  Address target = TRY(ReadTarget(arguments.positional[0]));
  const std::string& id = arguments.positional[1];
  if (id.empty()) return Error::Invalid("The id of the object must not be empty.");
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (!infrastructure)
    return Error::NotFound(
        "No configuration files: this folder has no *.tf or *.tf.json, so nothing says which "
        "provider knows {}.",
        ToString(target));
  if (infrastructure->has_errors) return ExitCode::kError;
  TRY(CheckDeclared(*infrastructure, target));
  StopOnSignal stop;
  auto session = TRY(OpenState(context, arguments, infrastructure->home, "OperationTypeImport"));
  const state::Instance* present = session.state().FindInstance(target);
  if (present != nullptr && present->current != nullptr) {
    return Error::Conflict(
        "Resource already managed: the state has an object for {0}. To import to this address, "
        "first remove that from the state: andon state rm '{0}'",
        ToString(target));
  }
  infra::PlanOptions options = TRY(PlanOptionsOf(context, arguments, *infrastructure));
  auto source = InstalledProviders(context);
  infra::ProviderPool pool(*source);
  Executor executor(options.parallel);
  options.pool = &pool;
  options.executor = &executor;
  options.stop = stop.token();
  // Only into the state: what would change is the next plan's matter.
  options.mode = infra::Mode::kRefreshOnly;
  options.refresh = false;
  options.targets = {target};
  options.imports[target] = id;
  options.provider_host = ProviderHostOf(session.state());
  Tell(context, fmt::format("{}: Importing from ID \"{}\"...", ToString(target), id));
  infra::Plan plan = infra::MakePlan(infrastructure->tree, session.state(), options);
  context.Report(plan.diagnostics);
  if (plan.diagnostics.has_errors())
    return stop.stop_requested() ? ExitCode::kInterrupted : ExitCode::kError;
  const state::Instance* imported = plan.state.FindInstance(target);
  if (imported == nullptr || imported->current == nullptr) {
    return Error::NotFound(
        "{} is no instance that the configuration declares: its count or for_each has another "
        "key.",
        ToString(target));
  }
  Tell(context, fmt::format("{}: Import prepared!\n  Prepared {} for import", ToString(target),
                            target.kind));
  Tell(context,
       fmt::format("{}: Refreshing state...{}", ToString(target), IdOf(*imported->current)));
  TRY(session.Write(std::move(plan.state)));
  TRY(session.Close());
  Tell(context,
       "\n" + context.Paint("green",
                            "Import successful!\n\nThe resources that were imported are shown "
                            "above. These resources are now in\nyour Andon state and will "
                            "henceforth be managed by Andon.\n"));
  return ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  auto code = Import(context, arguments);
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace

extern const Command kImport = {
    .name = "import",
    .group = Group::kChange,
    .summary = "Bring an existing object of the infrastructure under management",
    .usage = "ADDRESS ID",
    .description =
        "Asks the provider for the object that it knows by ID, and writes it into the state as "
        "ADDRESS, whose resource block must be written. Changes nothing outside; the next plan "
        "says what differs from the block. Import blocks do the same within a plan, and "
        "\"andon plan -generate-config-out=FILE\" writes the resource blocks that they lack.",
    .positional_min = 2,
    .positional_max = 2,
    .flags = WithStateFlags(WithVariableFlags({
        {"parallelism", FlagKind::kInteger, "N", "Operations at a time; 10 by default."},
        {"lock-timeout", FlagKind::kDuration, "DURATION", "How long to wait for another command."},
    })),
    .examples = {{"andon import aws_instance.web i-0123456789", "One object."},
                 {"andon import 'aws_instance.web[\"eu\"]' i-0123456789", "One of for_each."}},
    .run = Run,
};

}  // namespace andon::cli
