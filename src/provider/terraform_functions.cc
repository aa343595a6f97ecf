#include "provider/terraform_functions.h"

#include <fmt/format.h>

#include "hcl/eval.h"
#include "hcl/format.h"
#include "hcl/parser.h"
#include "hcl/schema.h"
#include "value/display.h"

namespace andon::provider {
namespace {

using value::Type;
using value::Value;

CallFunctionResponse Refused(std::string text) {
  return {.result = Value::Null(), .error = FunctionError{.text = std::move(text), .argument = 0}};
}

// The expression whose value it is. The depth is that of the value, which has a bound.
void AppendExpression(const Value& value, std::string& out) {
  const Type& type = value.type();
  if (value.is_null()) {
    out += "null";
  } else if (type.is_bool()) {
    out += value.boolean() ? "true" : "false";
  } else if (type.is_number()) {
    out += value.number().ToString();
  } else if (type.is_string()) {
    out += value::QuoteHcl(value.string());
  } else if (type.is_object() || type.is_map()) {
    out += "{";
    for (const auto& [name, member] : value.members()) {
      out += "\n" + (hcl::IsIdentifier(name) ? name : value::QuoteHcl(name)) + " = ";
      AppendExpression(member, out);
    }
    out += value.members().empty() ? "}" : "\n}";
  } else {
    out += "[";
    bool is_first = true;
    for (const Value& item : value.items()) {
      if (!is_first) out += ", ";
      is_first = false;
      AppendExpression(item, out);
    }
    out += "]";
  }
}

CallFunctionResponse EncodeExpression(const Value& value) {
  if (!value.is_wholly_known()) return Refused("input is not wholly known");
  std::string text;
  AppendExpression(value, text);
  return {.result = Value::String(hcl::Format(text))};
}

CallFunctionResponse EncodeVariables(const Value& value) {
  if (!value.is_wholly_known()) return Refused("input is not wholly known");
  if (value.is_null()) return Refused("invalid input: must not be null");
  if (!value.type().is_object()) return Refused("invalid input: must be an object");
  std::string text;
  for (const auto& [name, member] : value.members()) {
    if (!hcl::IsIdentifier(name)) {
      return Refused(
          fmt::format("invalid input: object key: {} - must be a valid identifier", name));
    }
    text += name + " = ";
    AppendExpression(member, text);
    text += "\n";
  }
  return {.result = Value::String(hcl::Format(text))};
}

CallFunctionResponse DecodeVariables(const Value& value) {
  if (!value.is_known_not_null() || !value.type().is_string())
    return Refused("the content must be a string");
  constexpr char kName[] = "content";
  auto parsed = hcl::ParseFile(kName, value.string());
  hcl::BodyContent content = hcl::JustAttributes(parsed.file->body());
  Diagnostics& found = parsed.diagnostics;
  found.Append(std::move(content.diagnostics));
  Value::Members members;
  for (const auto& [name, attribute] : content.attributes) {
    hcl::Evaluated evaluated = hcl::EvaluateConstant(attribute->expression());
    found.Append(std::move(evaluated.diagnostics));
    members.emplace_back(std::string(name), std::move(evaluated.value));
  }
  if (!found.has_errors()) return {.result = Value::Object(std::move(members))};
  std::string why = "failed to decode tfvars content";
  for (const Diagnostic& one : found) {
    if (one.severity == Severity::kError)
      why += fmt::format("\n{}:{}: {}. {}", one.subject.start.line, one.subject.start.column,
                         one.summary, one.detail);
  }
  return Refused(why);
}

struct Function {
  const char* name;
  const char* parameter;
  Type takes;
  Type gives;
  const char* summary;
  CallFunctionResponse (*call)(const Value& argument);
};

const std::vector<Function>& Functions() {
  static const std::vector<Function> kFunctions = {
      {"decode_tfvars", "content", Type::String(), Type::Dynamic(),
       "The variables of a text in the form of a .tfvars file, as an object.", DecodeVariables},
      {"encode_expr", "expr", Type::Dynamic(), Type::String(),
       "An expression of the language whose value is the given one.", EncodeExpression},
      {"encode_tfvars", "input", Type::Dynamic(), Type::String(),
       "A text in the form of a .tfvars file, made of an object.", EncodeVariables},
  };
  return kFunctions;
}

}  // namespace

std::map<std::string, FunctionSchema, std::less<>> TerraformFunctions() {
  std::map<std::string, FunctionSchema, std::less<>> out;
  for (const Function& function : Functions()) {
    FunctionSchema schema;
    // A null is a value to be written, and of variables a mistake that the function tells.
    schema.parameters = {{.name = function.parameter,
                          .type = function.takes,
                          .allow_null = function.takes.is_dynamic()}};
    schema.return_type = function.gives;
    schema.summary = function.summary;
    out[function.name] = std::move(schema);
  }
  return out;
}

CallFunctionResponse CallTerraformFunction(const CallFunctionRequest& request) {
  for (const Function& function : Functions()) {
    if (request.name != function.name) continue;
    if (request.arguments.size() != 1)
      return Refused(fmt::format("{} takes one argument", request.name));
    return function.call(request.arguments[0]);
  }
  return {.result = Value::Null(),
          .error = FunctionError{.text = fmt::format("there is no function {}", request.name)}};
}

}  // namespace andon::provider
