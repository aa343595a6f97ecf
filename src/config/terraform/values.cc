// Variables, locals and outputs.
#include <fmt/format.h>

#include "base/text.h"
#include "config/terraform/decoder.h"
#include "config/terraform/files.h"
#include "config/terraform/reference.h"
#include "config/terraform/report.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Value;

// What a module block has itself, so that no variable could be set.
constexpr std::string_view kModuleArguments[] = {"source",     "version",   "count",     "for_each",
                                                 "depends_on", "providers", "lifecycle", "locals",
                                                 "provider",   "_"};

// The only label of a block whose name is checked; empty after a report.
void ReportTwice(Diagnostics* to, std::string what, const SourceRange& again,
                 const SourceRange& first) {
  Diagnostic d =
      Message(kDuplicate, std::move(what) + " is declared twice. Names must be unique.", again);
  d.labels.push_back({first, "declared here first"});
  to->Add(std::move(d));
}

void ReportMissingBase(Diagnostics* to, std::string_view summary, std::string_view what,
                       std::string_view name, const SourceRange& range) {
  to->Add(Mistake(kTerraformOverride, summary,
                  fmt::format("There is no {} \"{}\" in the other files, so there is nothing to "
                              "override.",
                              what, name),
                  range));
}

// An attribute that the type of the default will drop is probably misspelled.
void WarnOfDropped(hcl::Expression expression, const value::Type& type, Diagnostics* to) {
  if (type.is_object()) {
    std::vector<std::string> known;
    for (const value::Type::Attribute& a : type.attributes()) known.push_back(a.name);
    for (const hcl::StaticItem& item :
         hcl::AsMap(expression).value_or(std::vector<hcl::StaticItem>{})) {
      std::string name(item.parenthesized ? std::string_view() : hcl::AsKeyword(item.key));
      if (auto text = hcl::AsStringLiteral(item.key)) name = *text;
      if (name.empty()) continue;
      if (const value::Type::Attribute* attribute = type.FindAttribute(name)) {
        WarnOfDropped(item.value, attribute->type, to);
        continue;
      }
      Diagnostic d = Doubt(kInvalidDefault, "Object attribute is ignored",
                           fmt::format("The type has no attribute \"{}\", so it is dropped.", name),
                           item.key.range());
      d.at_caret = Suggest(DidYouMean(name, known));
      to->Add(std::move(d));
    }
  } else if (type.is_list() || type.is_set()) {
    for (hcl::Expression item : hcl::AsList(expression).value_or(std::vector<hcl::Expression>{}))
      WarnOfDropped(item, type.element(), to);
  } else if (type.is_map()) {
    for (const hcl::StaticItem& item :
         hcl::AsMap(expression).value_or(std::vector<hcl::StaticItem>{}))
      WarnOfDropped(item.value, type.element(), to);
  }
}

}  // namespace

void Decoder::ReadVariable(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.attributes = {{"type"},
                                                         {"default"},
                                                         {"description"},
                                                         {"sensitive"},
                                                         {"nullable"},
                                                         {"ephemeral"},
                                                         {"const"},
                                                         {"deprecated"}},
                                          .blocks = {{"validation", {}}}};
  hcl::BodyContent content = Take(block.body, kSchema);
  std::string name(block.labels[0].text);
  if (!hcl::IsIdentifier(name)) {
    return Report(&diagnostics(), kInvalidName,
                  fmt::format("\"{}\" is no name: it must begin with a letter or underscore and "
                              "contain only letters, digits, underscores and dashes.",
                              name),
                  block.label_range(0));
  }
  // A data project is called by nobody.
  bool can_be_called = IsTerraformFile(block.body.file->filename());
  for (std::string_view reserved : kModuleArguments) {
    if (can_be_called && name == reserved) {
      Error(
          kTerraformName, "Invalid variable name",
          fmt::format("\"{}\" means something else in a module block, so no module could be given "
                      "this variable.",
                      name),
          block.label_range(0));
    }
  }
  auto existing = module_->variables.find(name);
  if (is_override && existing == module_->variables.end()) {
    return ReportMissingBase(&diagnostics(), "Missing base variable declaration to override",
                             "variable", name, block.header_range());
  }
  Variable variable;
  if (is_override) variable = existing->second;
  variable.name = name;
  if (!is_override) variable.range = block.header_range();
  ReadText(content, "description", &variable.description);
  ReadBool(content, "sensitive", &variable.sensitive);
  ReadBool(content, "ephemeral", &variable.ephemeral);
  ReadBool(content, "nullable", &variable.nullable);
  if (ReadBool(content, "const", &variable.is_const)) variable.has_const = true;
  if (ReadText(content, "deprecated", &variable.deprecated) && Trim(variable.deprecated).empty()) {
    Error(kInvalidSetting, "Invalid `deprecated` value",
          "\"deprecated\" says what to use instead, so it must not be empty.",
          content.Find("deprecated")->expression().range());
  }
  if (auto* type = content.Find("type"))
    variable.type = ReadTypeConstraint(type->expression(), &diagnostics());
  if (auto* fallback = content.Find("default")) {
    ReadDefault(*fallback, &variable);
  } else if (variable.fallback && content.Find("type") != nullptr) {
    Result<Value> converted = value::Convert(*variable.fallback, variable.type.type);
    if (!converted.ok()) {
      Error(kInvalidDefault, "Invalid default value for variable",
            fmt::format("The default does not have the type that the override gives: {}.",
                        converted.error().message),
            block.header_range());
    } else {
      variable.fallback = *converted;
    }
  }
  if (variable.fallback && !variable.nullable && variable.fallback->is_null()) {
    auto* at = content.Find("default");
    Error(kInvalidDefault, "Invalid default value for variable",
          "The default must not be null where nullable is false.",
          at != nullptr ? at->expression().range() : block.header_range());
  }
  for (const hcl::Block* inner : content.blocks) ReadValidation(*inner, &variable, is_override);
  if (is_override) {
    existing->second = std::move(variable);
    return;
  }
  auto [it, is_new] = module_->variables.try_emplace(name, std::move(variable));
  if (!is_new) {
    ReportTwice(&diagnostics(), fmt::format("The variable \"{}\"", name), block.header_range(),
                it->second.range);
  }
}

void Decoder::ReadDefault(const hcl::Attribute& attribute, Variable* variable) {
  hcl::Evaluated evaluated = hcl::EvaluateConstant(attribute.expression());
  bool is_wrong = evaluated.diagnostics.has_errors();
  diagnostics().Append(std::move(evaluated.diagnostics));
  variable->fallback = Value::Unknown(variable->type.type);
  if (is_wrong) return;
  Value value = evaluated.value;
  if (variable->type.defaults) value = ApplyDefaults(value, *variable->type.defaults);
  Result<Value> converted = value::Convert(value, variable->type.type);
  if (converted.ok()) {
    variable->fallback = *converted;
    return WarnOfDropped(attribute.expression(), variable->type.type, &diagnostics());
  }
  Report(&diagnostics(), kInvalidDefault,
         "The default does not have the variable's type: " + converted.error().message + ".",
         attribute.expression().range());
}

void Decoder::ReadValidation(const hcl::Block& block, Variable* variable, bool is_override) {
  auto rule = ReadRule(block, is_override);
  if (!rule) return;
  bool is_about_itself = false;
  auto references = hcl::References(rule->condition);
  for (const hcl::Traversal& traversal : references) {
    auto reference = ParseReference(traversal, nullptr);
    is_about_itself |= reference && reference->kind == ReferenceKind::kVariable &&
                       reference->name == variable->name;
  }
  if (!is_about_itself && !references.empty()) {
    Error(kTerraformCondition, "Invalid variable validation condition",
          fmt::format("The condition must look at var.{}, whose values it judges.", variable->name),
          rule->condition.range());
  }
  variable->validations.push_back(std::move(*rule));
}

void Decoder::ReadLocals(const hcl::Block& block, bool is_override) {
  hcl::BodyContent content = hcl::JustAttributes(block.body);
  diagnostics().Append(std::move(content.diagnostics));
  for (const auto& [unused, attribute] : content.attributes) {
    std::string name(attribute->name);
    if (!hcl::IsIdentifier(name)) {
      Error(kTerraformName, "Invalid local value name",
            fmt::format("\"{}\" is no name that a reference could have.", name),
            attribute->name_range());
      continue;
    }
    Local local{name, attribute->expression(), attribute->name_range()};
    auto existing = module_->locals.find(name);
    if (is_override) {
      if (existing == module_->locals.end()) {
        ReportMissingBase(&diagnostics(), "Missing base local value definition to override",
                          "local value", name, local.range);
      } else {
        existing->second = std::move(local);
      }
    } else if (existing != module_->locals.end()) {
      ReportTwice(&diagnostics(), fmt::format("The local value \"{}\"", name), local.range,
                  existing->second.range);
    } else {
      module_->locals.emplace(name, std::move(local));
    }
  }
}

void Decoder::ReadOutput(const hcl::Block& block, bool is_override) {
  static const hcl::BodySchema kSchema = {.attributes = {{"value", true},
                                                         {"description"},
                                                         {"sensitive"},
                                                         {"ephemeral"},
                                                         {"deprecated"},
                                                         {"depends_on"}},
                                          .blocks = {{"precondition", {}}, {"postcondition", {}}}};
  static const hcl::BodySchema kOverride = [] {
    hcl::BodySchema schema = kSchema;
    schema.attributes[0].required = false;
    return schema;
  }();
  hcl::BodyContent content = Take(block.body, is_override ? kOverride : kSchema);
  std::string name(block.labels[0].text);
  if (!hcl::IsIdentifier(name)) {
    return Report(&diagnostics(), kInvalidName,
                  fmt::format("\"{}\" is no name: it must begin with a letter or underscore and "
                              "contain only letters, digits, underscores and dashes.",
                              name),
                  block.label_range(0));
  }
  auto existing = module_->outputs.find(name);
  if (is_override && existing == module_->outputs.end()) {
    return ReportMissingBase(&diagnostics(), "Missing base output definition to override", "output",
                             name, block.header_range());
  }
  Output output;
  if (is_override) output = existing->second;
  output.name = name;
  if (!is_override) output.range = block.header_range();
  if (auto* value = content.Find("value")) output.expression = value->expression();
  ReadText(content, "description", &output.description);
  ReadBool(content, "sensitive", &output.sensitive);
  ReadBool(content, "ephemeral", &output.ephemeral);
  if (ReadText(content, "deprecated", &output.deprecated) && Trim(output.deprecated).empty()) {
    Error(kInvalidSetting, "Invalid `deprecated` attribute",
          "\"deprecated\" says what to use instead, so it must not be empty.",
          content.Find("deprecated")->expression().range());
  }
  if (auto* depends_on = content.Find("depends_on")) {
    auto references = ReadDependsOn(*depends_on, is_override);
    output.depends_on.insert(output.depends_on.end(), references.begin(), references.end());
  }
  for (const hcl::Block* inner : content.blocks) {
    if (inner->type == "postcondition") {
      Error(kTerraformCondition, "Postconditions are not allowed",
            "An output has preconditions only.", inner->type_range());
    } else if (auto rule = ReadRule(*inner, is_override)) {
      output.preconditions.push_back(std::move(*rule));
    }
  }
  if (is_override) {
    existing->second = std::move(output);
    return;
  }
  auto [it, is_new] = module_->outputs.try_emplace(name, std::move(output));
  if (!is_new) {
    ReportTwice(&diagnostics(), fmt::format("The output \"{}\"", name), block.header_range(),
                it->second.range);
  }
}

}  // namespace andon::config
