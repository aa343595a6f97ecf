// Blocks: what a body holds, the meta-arguments, conditions and provisioners.
#include <fmt/format.h>

#include "base/text.h"
#include "config/terraform/validator.h"
#include "hcl/codes.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Mark;
using value::Type;
using value::Value;

const NestedShape* FindBlock(const BodyShape& shape, std::string_view type) {
  for (const NestedShape& block : shape.blocks) {
    if (block.type == type) return &block;
  }
  return nullptr;
}

// The names that the dynamic blocks of a JSON body give to their items.
void AddJsonIterators(const hcl::Attribute& attribute, Place* place) {
  if (attribute.name != "dynamic" || !attribute.file->is_json()) return;
  std::vector<hcl::Expression> maps{attribute.expression()};
  if (auto items = hcl::AsList(attribute.expression())) maps = *items;
  for (hcl::Expression map : maps) {
    for (const hcl::StaticItem& item : hcl::AsMap(map).value_or(std::vector<hcl::StaticItem>{})) {
      if (auto label = hcl::AsStringLiteral(item.key))
        place->iterators[std::string(*label)] = Value::Dynamic();
      std::vector<hcl::Expression> blocks{item.value};
      if (auto list = hcl::AsList(item.value)) blocks = *list;
      for (hcl::Expression block : blocks) {
        for (const hcl::StaticItem& inner :
             hcl::AsMap(block).value_or(std::vector<hcl::StaticItem>{})) {
          if (hcl::AsStringLiteral(inner.key) != "iterator") continue;
          place->iterators[std::string(hcl::AsKeyword(inner.value))] = Value::Dynamic();
        }
      }
    }
  }
}

}  // namespace

void Validator::CheckResourceBlock(const Resource& resource, ModuleState* state) {
  CheckRepetition(resource.count, resource.for_each, resource.enabled, state);
  CheckDependsOn(resource.depends_on, state, {.check = resource.check});
  Place place{.has_count = bool(resource.count),
              .has_each = bool(resource.for_each),
              .check = resource.check};
  const BodyShape* shape = ShapeOf(resource);
  bool is_unknown_type = shape == nullptr && resource.provider_address.is_builtin();
  if (is_unknown_type) {
    Wrong(kTerraformSchema,
          resource.mode == ResourceMode::kManaged ? "Invalid resource type"
          : resource.mode == ResourceMode::kData  ? "Invalid data source"
                                                  : "Invalid ephemeral resource",
          fmt::format("The built-in provider has no {} \"{}\".", BlockType(resource.mode),
                      resource.type),
          resource.type_range);
  }
  CheckBody(resource.body, shape, state, place);
  for (const hcl::Traversal& ignored : resource.ignore_changes) {
    bool is_known = shape == nullptr || shape->Find(ignored.root) != nullptr ||
                    FindBlock(*shape, ignored.root) != nullptr;
    if (is_known) continue;
    Wrong(kTerraformLifecycle, "Unsupported attribute",
          fmt::format("{} has no attribute \"{}\".", resource.type, ignored.root),
          ignored.PrefixRange(0));
  }
  if (resource.prevent_destroy) {
    Value value = Evaluate(resource.prevent_destroy, state, {});
    Result<Value> as_bool = value::Convert(value.UnmarkDeep(), Type::Bool());
    if (!as_bool.ok() || as_bool->is_null()) {
      Wrong(kTerraformLifecycle, "Invalid value for prevent_destroy",
            "prevent_destroy is true or false.", resource.prevent_destroy.range());
    }
  }
  if (resource.destroy) CheckConstantBool(resource.destroy, "destroy");
  for (hcl::Expression trigger : resource.replace_triggered_by) Evaluate(trigger, state, place);
  Place conditions = place;
  for (const config::CheckRule& rule : resource.preconditions) CheckRule(rule, state, conditions);
  conditions.self = &resource;
  for (const config::CheckRule& rule : resource.postconditions) CheckRule(rule, state, conditions);
  Place running = place;
  running.self = &resource;
  if (resource.connection && !resource.provisioners.empty())
    CheckBody(resource.connection->body, &ConnectionShape(), state, running);
  for (const Provisioner& provisioner : resource.provisioners)
    CheckProvisioner(provisioner, state, running);
}

void Validator::CheckProvisioner(const Provisioner& provisioner, ModuleState* state,
                                 const Place& place) {
  const BodyShape* shape = ProvisionerShape(provisioner.type);
  if (shape == nullptr) {
    Wrong(kTerraformProvisioner, "Unknown provisioner",
          fmt::format("There is no provisioner \"{}\"; there are local-exec, remote-exec and file.",
                      provisioner.type),
          provisioner.range, DidYouMean(provisioner.type, {"local-exec", "remote-exec", "file"}));
  }
  CheckBody(provisioner.body, shape, state, place);
  if (provisioner.connection)
    CheckBody(provisioner.connection->body, &ConnectionShape(), state, place);
}

// ---------------------------------------------------------------- bodies

void Validator::CheckBody(const hcl::Body& body, const BodyShape* shape, ModuleState* state,
                          const Place& place) {
  std::set<std::string_view> seen;
  for (const hcl::Attribute& attribute : body.attributes) {
    // A JSON body may have a block twice, but no argument.
    bool is_again = !seen.insert(attribute.name).second;
    if (is_again && shape != nullptr && shape->Find(attribute.name) != nullptr) {
      Wrong(hcl::kDuplicateArgument, "Duplicate argument",
            fmt::format("The argument \"{}\" is set already.", attribute.name),
            attribute.name_range());
      continue;
    }
    CheckAttribute(attribute, shape, state, place);
  }
  for (const hcl::Block& block : body.blocks) {
    const NestedShape* nested = shape != nullptr ? FindBlock(*shape, block.type) : nullptr;
    if (block.type == "dynamic") {
      CheckDynamic(block, shape, state, place);
      continue;
    }
    if (shape != nullptr && nested == nullptr) {
      std::vector<std::string> known;
      for (const NestedShape& one : shape->blocks) known.push_back(one.type);
      bool is_argument = shape->Find(block.type) != nullptr;
      Wrong(kTerraformSchema, "Unsupported block type",
            is_argument ? fmt::format("\"{0}\" is an argument here: {0} = …", block.type)
                        : fmt::format("There is no block \"{}\" here.", block.type),
            block.type_range(), DidYouMean(block.type, known));
      continue;
    }
    CheckBody(block.body, nested != nullptr ? &nested->body : nullptr, state, place);
  }
  if (shape == nullptr) return;
  for (const AttributeShape& attribute : shape->attributes) {
    if (!attribute.required || body.Find(attribute.name) != nullptr) continue;
    Wrong(kTerraformSchema, "Missing required argument",
          fmt::format("\"{}\" is required here.", attribute.name), body.end_range());
  }
}

void Validator::CheckAttribute(const hcl::Attribute& attribute, const BodyShape* shape,
                               ModuleState* state, const Place& place) {
  Place inner = place;
  AddJsonIterators(attribute, &inner);
  const AttributeShape* known = shape != nullptr ? shape->Find(attribute.name) : nullptr;
  bool is_block = shape != nullptr && FindBlock(*shape, attribute.name) != nullptr;
  if (shape != nullptr && known == nullptr && !(attribute.file->is_json() && is_block)) {
    std::vector<std::string> names;
    for (const AttributeShape& one : shape->attributes) names.push_back(one.name);
    Wrong(kTerraformSchema, "Unsupported argument",
          fmt::format("There is no argument \"{}\" here.", attribute.name), attribute.name_range(),
          DidYouMean(attribute.name, names));
    return;
  }
  Value value = Evaluate(attribute.expression(), state, inner);
  if (known == nullptr) return;
  if (!known->can_be_set) {
    Wrong(kTerraformSchema, "Value for unconfigurable attribute",
          fmt::format("\"{}\" is what the provider says of the object; it cannot be set.",
                      attribute.name),
          attribute.expression().range());
    return;
  }
  Result<Value> converted = value::Convert(value, known->type);
  if (!converted.ok()) {
    Wrong(kTerraformSchema, "Incorrect attribute value type",
          fmt::format("\"{}\" does not take this: {}.", attribute.name, converted.error().message),
          attribute.expression().range());
  } else if (known->required && converted->is_null()) {
    Wrong(kTerraformSchema, "Missing required argument",
          fmt::format("\"{}\" is required here, so it must not be null.", attribute.name),
          attribute.expression().range());
  }
}

void Validator::CheckDynamic(const hcl::Block& block, const BodyShape* shape, ModuleState* state,
                             const Place& place) {
  static const hcl::BodySchema kSchema = {
      .attributes = {{"for_each", true}, {"iterator"}, {"labels"}}, .blocks = {{"content", {}}}};
  if (block.labels.size() != 1) {
    Wrong(hcl::kWrongLabels, "Wrong number of labels",
          "A dynamic block has one label: the type of the blocks that it makes.",
          block.header_range());
    return;
  }
  const NestedShape* made = shape != nullptr ? FindBlock(*shape, block.labels[0].text) : nullptr;
  if (shape != nullptr && made == nullptr) {
    Wrong(kTerraformSchema, "Unsupported block type",
          fmt::format("There is no block \"{}\" here.", block.labels[0].text),
          block.label_range(0));
    return;
  }
  hcl::BodyContent content = hcl::Content(block.body, kSchema);
  diagnostics_.Append(std::move(content.diagnostics));
  if (content.blocks.size() != 1) {
    Wrong(kTerraformMeta,
          content.blocks.empty() ? "Missing dynamic content block"
                                 : "Extraneous dynamic content block",
          "A dynamic block has one content block, which says what each of its blocks holds.",
          block.header_range());
  }
  auto* for_each = content.Find("for_each");
  if (for_each == nullptr) return;
  Value value = Evaluate(for_each->expression(), state, place);
  const Type& type = value.type();
  bool is_list = type.is_dynamic() || type.is_collection() || type.is_structural();
  if (value.is_null() || !is_list) {
    Wrong(kTerraformMeta, "Invalid dynamic for_each value",
          value.is_null() ? "for_each must not be null; an empty list makes no blocks."
                          : fmt::format("for_each takes a list, a map or a set, and this is {}.",
                                        type.FriendlyName()),
          for_each->expression().range());
  }
  std::string name(block.labels[0].text);
  if (auto* iterator = content.Find("iterator")) {
    name = hcl::AsKeyword(iterator->expression());
    if (name.empty()) {
      Wrong(kTerraformMeta, "Invalid dynamic iterator name",
            "iterator is a name, without quotes: iterator = setting",
            iterator->expression().range());
      return;
    }
  }
  Place inner = place;
  inner.iterators[name] = Value::Object({{"key", Value::Dynamic()}, {"value", Value::Dynamic()}});
  if (auto* labels = content.Find("labels")) Evaluate(labels->expression(), state, inner);
  for (const hcl::Block* one : content.blocks)
    CheckBody(one->body, made != nullptr ? &made->body : nullptr, state, inner);
}

// ---------------------------------------------------------------- meta-arguments

void Validator::CheckRepetition(hcl::Expression count, hcl::Expression for_each,
                                hcl::Expression enabled, ModuleState* state) {
  Place place;
  if (count) CheckCount(count, state, place);
  if (for_each) CheckForEach(for_each, state, place);
  if (enabled) CheckEnabled(enabled, state, place);
}

void Validator::CheckCount(hcl::Expression expression, ModuleState* state, const Place& place) {
  Value value = Evaluate(expression, state, place);
  auto wrong = [&](std::string detail) {
    Wrong(kTerraformMeta, "Invalid count argument", std::move(detail), expression.range());
  };
  if (value.Has(Mark::kEphemeral)) return wrong("count must not be ephemeral.");
  Result<Value> number = value::Convert(value, Type::Number());
  if (!number.ok()) return wrong("count is a whole number: " + number.error().message + ".");
  if (number->is_null()) return wrong("count must not be null.");
  if (!number->is_known()) return;
  auto whole = number->number().ToInt64();
  if (!whole) return wrong("count is a whole number.");
  if (*whole < 0) wrong("count must not be negative.");
}

void Validator::CheckForEach(hcl::Expression expression, ModuleState* state, const Place& place) {
  Value value = Evaluate(expression, state, place);
  auto wrong = [&](std::string detail) {
    Wrong(kTerraformMeta, "Invalid for_each argument", std::move(detail), expression.range());
  };
  if (value.Has(Mark::kSensitive))
    return wrong("for_each must not be sensitive: its keys are shown.");
  if (value.Has(Mark::kEphemeral)) return wrong("for_each must not be ephemeral.");
  if (value.is_null()) return wrong("for_each must not be null. An empty map gives no instances.");
  const Type& type = value.type();
  if (type.is_dynamic() || type.is_map() || type.is_object()) return;
  if (!type.is_set()) {
    return wrong(
        fmt::format("for_each takes a map or a set of texts, and this is {}. toset(…) makes "
                    "a set of a list.",
                    type.FriendlyName()));
  }
  bool is_empty = value.is_known() && value.size() == 0;
  if (!is_empty && !type.element().is_string() && !type.element().is_dynamic()) {
    return wrong(fmt::format("A set in for_each holds texts, and this one holds {}.",
                             type.element().FriendlyName()));
  }
  if (!value.is_known()) return;
  for (const Value& item : value.items()) {
    if (item.is_null()) return wrong("A set in for_each must not hold null.");
  }
}

void Validator::CheckEnabled(hcl::Expression expression, ModuleState* state, const Place& place) {
  Value value = Evaluate(expression, state, place);
  Result<Value> converted = value::Convert(value, Type::Bool());
  if (converted.ok() && !converted->is_null() && !value.contains_marked()) return;
  Wrong(kTerraformMeta, "Invalid enabled argument",
        value.contains_marked() ? "enabled must not be sensitive or ephemeral."
                                : "enabled is true or false.",
        expression.range());
}

void Validator::CheckConstantBool(hcl::Expression expression, std::string_view name) {
  hcl::Evaluated evaluated = hcl::EvaluateConstant(expression);
  Result<Value> converted = value::Convert(evaluated.value, Type::Bool());
  bool is_fine =
      !evaluated.diagnostics.has_errors() && converted.ok() && converted->is_known_not_null();
  if (is_fine) return;
  Wrong(kTerraformLifecycle, fmt::format("Invalid value for {}", name),
        fmt::format("\"{}\" is true or false, written as such.", name), expression.range());
}

void Validator::CheckDependsOn(const std::vector<hcl::Traversal>& references, ModuleState* state,
                               const Place& place) {
  for (const hcl::Traversal& traversal : references) {
    auto reference = ParseReference(traversal, &diagnostics_);
    if (!reference) continue;
    if (reference->steps < traversal.steps.size()) {
      Wrong(kTerraformMeta, "Invalid depends_on reference",
            "depends_on names whole objects, and no attribute of one.", traversal.range());
      continue;
    }
    CheckReference(traversal, *state, place);
  }
}

void Validator::CheckRule(const config::CheckRule& rule, ModuleState* state, const Place& place) {
  Value condition = Evaluate(rule.condition, state, place);
  Result<Value> converted = value::Convert(condition.UnmarkDeep(), Type::Bool());
  // What is not known yet is judged when it is.
  if (condition.is_known() && (!converted.ok() || converted->is_null())) {
    Wrong(kTerraformCondition, "Invalid condition expression", "A condition is true or false.",
          rule.condition.range());
  }
  Value message = Evaluate(rule.error_message, state, place);
  Result<Value> text = value::Convert(message.UnmarkDeep(), Type::String());
  if (!text.ok() || text->is_null()) {
    Wrong(kTerraformCondition, "Invalid error message", "An error message is a text.",
          rule.error_message.range());
  }
}

}  // namespace andon::config
