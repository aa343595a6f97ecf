#include "backend/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "backend/codes.h"
#include "backend/kinds.h"
#include "base/text.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/schema.h"
#include "value/json.h"

namespace andon::backend {
namespace {

using value::Value;

// The value as the argument's type; null where it is null.
Result<Json> Convert(const Argument& argument, const Value& given) {
  Value value = given.UnmarkDeep();
  if (value.is_null()) return Json();
  std::string text = TRY(value::ToJsonText(value));
  Json json = TRY(Json::Parse(text));
  auto is_text = [](const Json& one) { return one.is_string(); };
  switch (argument.type) {
    case ArgumentType::kText:
      if (json.is_string()) return json;
      if (json.is_integer() || json.is_bool()) return Json(json.Dump());
      break;
    case ArgumentType::kBool:
      if (json.is_bool()) return json;
      if (json.AsString() == "true" || json.AsString() == "false")
        return Json(json.AsString() == "true");
      break;
    case ArgumentType::kNumber: {
      if (json.is_integer()) return json;
      auto number = value::Number::Parse(json.AsString());
      if (json.is_string() && number.ok() && number->ToInt64()) return Json(*number->ToInt64());
      break;
    }
    case ArgumentType::kTexts:
      if (json.is_array() && std::ranges::all_of(json.items(), is_text)) return json;
      break;
    case ArgumentType::kMap: {
      bool is_map = json.is_object();
      Json set = Json::Object();
      for (const auto& [name, member] : json.members()) {
        if (member.is_null()) continue;
        is_map &= member.is_string();
        set.Set(name, member);
      }
      if (is_map) return set;
      break;
    }
  }
  constexpr std::string_view kNames[] = {"a text", "true or false", "a whole number",
                                         "a list of texts", "a map of texts"};
  return Error::Invalid("\"{}\" is {}.", argument.name, kNames[static_cast<size_t>(argument.type)]);
}

Result<void> Put(const Kind& kind, std::string_view name, const Value& value, Settings* settings) {
  const Argument* argument = kind.Find(name);
  if (argument == nullptr) {
    std::vector<std::string> known;
    for (const Argument& one : kind.arguments) known.emplace_back(one.name);
    std::string meant = DidYouMean(std::string(name), known);
    return Error::Invalid("The backend \"{}\" has no argument \"{}\"{}", kind.name, name,
                          meant.empty() ? "." : ": did you mean \"" + meant + "\"?");
  }
  Json json = TRY(Convert(*argument, value));
  if (json.is_null()) return {};
  if (!argument->refusal.empty()) return Error::Invalid("\"{}\": {}", name, argument->refusal);
  settings->values.insert_or_assign(std::string(name), std::move(json));
  return {};
}

}  // namespace

std::string Settings::Text(std::string_view name) const {
  auto it = values.find(std::string(name));
  return it == values.end() ? std::string() : it->second.AsString();
}

bool Settings::Bool(std::string_view name) const {
  auto it = values.find(std::string(name));
  return it != values.end() && it->second.AsBool();
}

std::vector<std::string> Settings::Texts(std::string_view name) const {
  std::vector<std::string> out;
  auto it = values.find(std::string(name));
  if (it == values.end()) return out;
  for (const Json& one : it->second.items()) out.push_back(one.AsString());
  return out;
}

std::map<std::string, std::string> Settings::Map(std::string_view name) const {
  std::map<std::string, std::string> out;
  auto it = values.find(std::string(name));
  if (it == values.end()) return out;
  for (const auto& [key, one] : it->second.members()) out[key] = one.AsString();
  return out;
}

Settings ReadBlock(const config::Backend& block, const Evaluate& evaluate,
                   Diagnostics* diagnostics) {
  Settings settings{.type = block.type};
  const Kind* kind = FindKind(block.type);
  if (kind == nullptr) {
    Report(diagnostics, kUnsupportedBackend, NoSuchKind(block.type).message, block.range);
    return settings;
  }
  // `endpoints` and the like may be written as blocks, too.
  hcl::BodyContent content = hcl::PartialContent(block.body, {});
  diagnostics->Append(std::move(content.diagnostics));
  auto put = [&](std::string_view name, const Value& value, const SourceRange& at) {
    auto done = Put(*kind, name, value, &settings);
    const Argument* argument = kind->Find(name);
    // The line of a secret is not shown.
    bool is_secret = argument != nullptr && argument->is_secret;
    if (!done.ok())
      Report(diagnostics, kInvalidBackend, done.error().message, is_secret ? block.range : at);
  };
  auto known = [&](const hcl::Attribute& attribute) {
    hcl::Evaluated found = evaluate(attribute.expression(), "backend");
    bool failed = found.diagnostics.has_errors();
    diagnostics->Append(std::move(found.diagnostics));
    if (failed) return Value::Null();
    if (found.value.is_wholly_known()) return found.value;
    Report(diagnostics, kInvalidBackend, "The value must be known before anything is planned.",
           attribute.expression().range());
    return Value::Null();
  };
  for (const hcl::Attribute* attribute : content.other_attributes)
    put(attribute->name, known(*attribute), attribute->range());
  for (const hcl::Block* inner : content.other_blocks) {
    Value::Members members;
    hcl::BodyContent attributes = hcl::JustAttributes(inner->body);
    diagnostics->Append(std::move(attributes.diagnostics));
    for (const auto& [name, attribute] : attributes.attributes)
      members.emplace_back(std::string(name), known(*attribute));
    put(inner->type, Value::Object(std::move(members)), inner->header_range());
  }
  return settings;
}

Result<void> AddOverride(const io::FileSystem& files, const std::string& text, Settings* settings) {
  const Kind* kind = FindKind(settings->type);
  if (kind == nullptr) return NoSuchKind(settings->type);
  size_t equals = text.find('=');
  if (equals != std::string::npos)
    return Put(*kind, Trim(text.substr(0, equals)), Value::String(text.substr(equals + 1)),
               settings);
  std::string content = TRY(files.Read(text));
  auto parsed = hcl::ParseFile(text, std::move(content));
  hcl::BodyContent body = hcl::JustAttributes(parsed.file->body());
  parsed.diagnostics.Append(std::move(body.diagnostics));
  for (const auto& [name, attribute] : body.attributes) {
    hcl::Evaluated found = hcl::EvaluateConstant(attribute->expression());
    parsed.diagnostics.Append(std::move(found.diagnostics));
    if (parsed.diagnostics.has_errors()) break;
    auto put = Put(*kind, name, found.value, settings);
    if (!put.ok())
      return Error::Invalid("{}:{}: {}", text, attribute->range().start.line, put.error().message);
  }
  // Without the line: it may have a secret.
  for (const Diagnostic& one : parsed.diagnostics) {
    if (one.severity == Severity::kError)
      return Error::Invalid("{}:{}: {}. {}", text, one.subject.start.line, one.summary, one.detail);
  }
  return {};
}

Result<Settings> FromObject(const std::string& type, const Value& object) {
  Settings settings{.type = type};
  const Kind* kind = FindKind(type);
  if (kind == nullptr) return NoSuchKind(type);
  if (object.is_null()) return settings;
  if (!object.type().is_object() && !object.type().is_map())
    return Error::Invalid("The configuration must be an object value.");
  for (const auto& [name, value] : object.members()) TRY(Put(*kind, name, value, &settings));
  return settings;
}

Result<void> Complete(const Settings& settings) {
  const Kind* kind = FindKind(settings.type);
  if (kind == nullptr) return NoSuchKind(settings.type);
  for (const Argument& argument : kind->arguments) {
    if (!argument.is_required || !settings.Text(argument.name).empty()) continue;
    return Error::Invalid(
        "The backend \"{}\" needs \"{}\": write it into the block, or give it to init with "
        "-backend-config={}=…",
        settings.type, argument.name, argument.name);
  }
  return {};
}

uint64_t HashOf(const Settings& settings) {
  Json all = Json::Object({{"type", settings.type}});
  for (const auto& [name, value] : settings.values) all.Set(name, value);
  uint64_t hash = 0;
  // 32 bits, as the programs have it whose number it takes the place of.
  for (char c : Sha256(all.Dump()).substr(0, 8))
    hash = hash * 16 + static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return hash;
}

}  // namespace andon::backend
