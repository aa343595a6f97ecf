// andon metadata functions: what expressions can call, for editors and other programs.
#include "cli/command.h"
#include "functions/registry.h"

namespace andon::cli {
namespace {

Json ParameterJson(const hcl::Parameter& parameter) {
  Json json = Json::Object({{"name", parameter.name}});
  if (parameter.allow_null) json.Set("is_nullable", true);
  json.Set("type", value::ToJson(parameter.type));
  return json;
}

ExitCode Functions(Context& context, const Arguments&) {
  if (!context.json)
    return context.Fail(
        Error::Invalid("The functions are told as JSON: andon metadata functions -json"));
  Json signatures = Json::Object();
  for (const functions::FunctionSignature& function : functions::Signatures()) {
    // Of the console alone.
    if (function.name == "type" || function.name == "core::type") continue;
    Json signature = Json::Object(
        {{"description", function.description}, {"return_type", value::ToJson(function.returns)}});
    if (!function.parameters.empty()) {
      Json parameters = Json::List();
      for (const hcl::Parameter& parameter : function.parameters)
        parameters.Push(ParameterJson(parameter));
      signature.Set("parameters", std::move(parameters));
    }
    if (function.variadic) signature.Set("variadic_parameter", ParameterJson(*function.variadic));
    signatures.Set(function.name, std::move(signature));
  }
  context.Line(
      Json::Object({{"format_version", "1.0"}, {"function_signatures", std::move(signatures)}})
          .Dump());
  return ExitCode::kDone;
}

}  // namespace

extern const Command kMetadataFunctions = {
    .name = "metadata functions",
    .group = Group::kHelp,
    .summary = "Print the signatures of all functions as JSON",
    .usage = "-json",
    .description =
        "The functions that expressions can call, with their parameters, types and descriptions, "
        "in the format that Terraform and OpenTofu print: one document, for editors and other "
        "programs. Reads nothing.",
    .examples = {{"andon metadata functions -json", "All of them."},
                 {"andon metadata functions -json | jq '.function_signatures.substr'", "One."}},
    .run = Functions,
};

}  // namespace andon::cli
