#include <fmt/format.h>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "config/value_json.h"
#include "infratext/state_json.h"
#include "value/display.h"

namespace andon::cli {
namespace {

// Of the state, where the folder is one of infrastructure alone.
Result<std::optional<std::string>> StateOutputsText(Context& context, const Arguments& arguments) {
  if (!HasInfrastructureAlone(context)) return std::optional<std::string>();
  state::State state = TRY(ReadStateOnly(context, arguments));
  return std::optional(infratext::OutputsJson(state.outputs));
}

Result<Json> CurrentOutputs(Context& context, const Arguments& arguments) {
  auto of_state = TRY(StateOutputsText(context, arguments));
  if (of_state) return Json::Parse(*of_state);
  auto db = TRY(OpenDatabase(context, false));
  int64_t id = TRY(release::CurrentId(*db));
  if (id == 0) return Error::NotFound("Nothing was applied yet. Run \"andon apply\" first.");
  release::Release current = TRY(release::Find(*db, id));
  return current.outputs;
}

ExitCode One(const Context& context, const Arguments& arguments, const Json& outputs) {
  const std::string& name = arguments.positional[0];
  const Json* output = outputs.Find(name);
  if (output == nullptr) {
    std::vector<std::string> known;
    for (const auto& [known_name, unused] : outputs.members()) known.push_back(known_name);
    std::string meant = DidYouMean(name, known);
    return context.Fail(Error::NotFound("There is no output \"{}\"{}", name,
                                        meant.empty() ? "." : ": did you mean \"" + meant + "\"?"));
  }
  const Json& value = (*output)["value"];
  if (context.json) {
    context.Line(value.Dump());
  } else if (arguments.Bool("raw")) {
    if (value.is_object() || value.is_array() || value.is_null()) {
      return context.Fail(Error::Invalid(
          "-raw prints only texts, numbers and true or false; \"{}\" is none. Use -json.", name));
    }
    context.Print(value.is_string() ? value.AsString() : value.Dump());
  } else {
    context.Line(value::Format(config::FromJson(value)));
  }
  return ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  auto outputs = CurrentOutputs(context, arguments);
  if (!outputs.ok()) return context.Fail(outputs.error());
  if (!arguments.positional.empty()) return One(context, arguments, *outputs);
  if (arguments.Bool("raw"))
    return context.Fail(Error::Invalid("-raw needs the name of one output."));
  if (context.json) {
    // In the layout of the state's own tools, which scripts may compare.
    auto of_state = StateOutputsText(context, arguments);
    if (!of_state.ok()) return context.Fail(of_state.error());
    context.Line(*of_state ? **of_state : outputs->Dump());
    return ExitCode::kDone;
  }
  for (const auto& [name, output] : outputs->members()) {
    bool is_sensitive = output["sensitive"].AsBool();
    context.Line(fmt::format(
        "{} = {}", name,
        is_sensitive ? "<sensitive>" : value::Format(config::FromJson(output["value"]))));
  }
  if (outputs->size() == 0 && !context.quiet)
    context.Note("The current release has no outputs. Declare one with an output block.");
  return ExitCode::kDone;
}

}  // namespace

extern const Command kOutput = {
    .name = "output",
    .group = Group::kChange,
    .summary = "Print the outputs of the current release",
    .usage = "[NAME]",
    .description =
        "Prints the values of the output blocks as they were applied last. Sensitive ones are "
        "shown only when they are asked for "
        "by name.",
    .positional_min = 0,
    .positional_max = 1,
    .flags = WithVariableFlags(
        {{"raw", FlagKind::kBool, "", "The text alone, without quotes and newline: for scripts."}}),
    .examples = {{"andon output", "All of them."},
                 {"andon output -json", "All of them, for programs."}},
    .run = Run,
};

}  // namespace andon::cli
