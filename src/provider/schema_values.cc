#include "provider/schema_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "provider/elements.h"

namespace andon::provider {

using value::Mark;
using value::Path;
using value::PathMarks;
using value::Step;
using value::Type;
using value::Value;

namespace {

using Attributes = std::vector<AttributeSchema>;

// What is asked of attributes: whether they are sensitive, or write-only.
using Flag = bool AttributeSchema::*;

bool Has(const Attributes& attributes, Flag flag) {
  return std::any_of(attributes.begin(), attributes.end(), [flag](const AttributeSchema& a) {
    return a.*flag || Has(a.attributes, flag);
  });
}

bool Has(const BlockSchema& schema, Flag flag) {
  return Has(schema.attributes, flag) ||
         std::any_of(schema.blocks.begin(), schema.blocks.end(),
                     [flag](const NestedBlock& nested) { return Has(nested.block, flag); });
}

// Calls visit(element, path) for what `nesting` gathers.
template <typename F>
void ForEach(Nesting nesting, const Value& value, const Path& path, F visit) {
  if (!value.is_known_not_null()) return;
  if (nesting == Nesting::kSingle || nesting == Nesting::kGroup) return visit(value, path);
  if (!value.CanIterate()) return;
  bool is_object = value.type().is_object();
  for (const auto& [key, element] : value.Elements())
    visit(element, is_object ? path.Attribute(key.string()) : path.Index(key));
}

void AddSensitive(const Attributes& attributes, const Value& object, const Path& path,
                  std::vector<PathMarks>* to) {
  if (!object.is_known_not_null()) return;
  for (const AttributeSchema& attribute : attributes) {
    if (attribute.sensitive) {
      to->push_back({path.Attribute(attribute.name), Mark::kSensitive});
    } else if (attribute.nesting && Has(attribute.attributes, &AttributeSchema::sensitive)) {
      const Value* member = object.Find(attribute.name);
      if (member == nullptr) continue;
      ForEach(*attribute.nesting, *member, path.Attribute(attribute.name),
              [&](const Value& element, const Path& at) {
                AddSensitive(attribute.attributes, element, at, to);
              });
    }
  }
}

void AddSensitive(const BlockSchema& schema, const Value& object, const Path& path,
                  std::vector<PathMarks>* to) {
  if (!object.is_known_not_null()) return;
  AddSensitive(schema.attributes, object, path, to);
  for (const NestedBlock& nested : schema.blocks) {
    const Value* member = object.Find(nested.name);
    if (member == nullptr || !Has(nested.block, &AttributeSchema::sensitive)) continue;
    ForEach(
        nested.nesting, *member, path.Attribute(nested.name),
        [&](const Value& element, const Path& at) { AddSensitive(nested.block, element, at, to); });
  }
}

Value RemoveIn(const Attributes& attributes, const std::vector<NestedBlock>& blocks,
               const Value& object) {
  if (!object.is_known_not_null()) return object;
  Value::Members members = object.members();
  for (auto& [name, member] : members) {
    if (const AttributeSchema* attribute = FindByName(attributes, name)) {
      if (attribute->write_only) {
        member = Value::Null(member.type());
      } else if (attribute->nesting && Has(attribute->attributes, &AttributeSchema::write_only)) {
        member = ChangeObjects(*attribute->nesting, member, [&](const Value& element) {
          return RemoveIn(attribute->attributes, {}, element);
        });
      }
      continue;
    }
    const NestedBlock* nested = FindByName(blocks, name);
    if (nested == nullptr || !HasWriteOnly(nested->block)) continue;
    member = ChangeObjects(nested->nesting, member, [&](const Value& element) {
      return RemoveIn(nested->block.attributes, nested->block.blocks, element);
    });
  }
  return Value::Object(std::move(members)).WithMarks(object.marks());
}

const AttributeSchema* AttributeAt(const Attributes& attributes, const std::vector<Step>& steps,
                                   size_t from) {
  const Attributes* inner = &attributes;
  for (size_t i = from; i < steps.size(); ++i) {
    const auto* step = std::get_if<value::AttributeStep>(&steps[i]);
    if (step == nullptr) continue;
    const AttributeSchema* attribute = FindByName(*inner, step->name);
    // The key of an object that stands for a map.
    if (attribute == nullptr) continue;
    if (i + 1 == steps.size()) return attribute;
    if (!attribute->nesting) return nullptr;
    inner = &attribute->attributes;
  }
  return nullptr;
}

// Where the type does not conform, from the outside in; empty where it does.
std::optional<std::string> Mismatch(const Type& got, const Type& wanted, const Path& path) {
  if (ConformsTo(got, wanted)) return std::nullopt;
  auto here = [&path](std::string text) {
    return path.empty() ? text : ToString(path) + ": " + text;
  };
  if (wanted.is_object() && got.is_object()) {
    for (const Type::Attribute& attribute : wanted.attributes()) {
      const Type::Attribute* has = got.FindAttribute(attribute.name);
      if (has == nullptr) return here(fmt::format("attribute \"{}\" is required", attribute.name));
      auto inner = Mismatch(has->type, attribute.type, path.Attribute(attribute.name));
      if (inner) return inner;
    }
    for (const Type::Attribute& attribute : got.attributes()) {
      if (!wanted.has_attribute(attribute.name))
        return here(fmt::format("unsupported attribute \"{}\"", attribute.name));
    }
  }
  if (wanted.is_collection() && got.kind() == wanted.kind()) {
    Value any = Value::Unknown(wanted.is_list() ? Type::Number() : Type::String());
    return Mismatch(got.element(), wanted.element(), path.Index(any));
  }
  if (wanted.is_tuple() && got.is_tuple() && wanted.elements().size() == got.elements().size()) {
    for (size_t i = 0; i < wanted.elements().size(); ++i) {
      auto inner = Mismatch(got.elements()[i], wanted.elements()[i],
                            path.Index(Value::Number(static_cast<int64_t>(i))));
      if (inner) return inner;
    }
  }
  return here(fmt::format("{} required, but received {}", wanted.FriendlyNameForConstraint(),
                          got.FriendlyName()));
}

}  // namespace

const AttributeSchema* AttributeAt(const BlockSchema& schema, const Path& path) {
  const std::vector<Step>& steps = path.steps();
  const BlockSchema* block = &schema;
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto* step = std::get_if<value::AttributeStep>(&steps[i]);
    if (step == nullptr) continue;
    if (block->FindAttribute(step->name) != nullptr)
      return AttributeAt(block->attributes, steps, i);
    if (const NestedBlock* nested = block->FindBlock(step->name)) {
      block = &nested->block;
      // The blocks of a map with dynamic parts are an object, so that a key is a name.
      bool is_key = nested->nesting == Nesting::kMap && i + 1 < steps.size();
      if (is_key) ++i;
      continue;
    }
    return nullptr;
  }
  return nullptr;
}

bool HasSensitive(const BlockSchema& schema) { return Has(schema, &AttributeSchema::sensitive); }

bool HasSensitive(const AttributeSchema& attribute) {
  return attribute.sensitive || Has(attribute.attributes, &AttributeSchema::sensitive);
}

bool HasWriteOnly(const BlockSchema& schema) { return Has(schema, &AttributeSchema::write_only); }

std::vector<PathMarks> SensitivePaths(const BlockSchema& schema, const Value& value) {
  std::vector<PathMarks> paths;
  AddSensitive(schema, value, {}, &paths);
  return paths;
}

Value RemoveWriteOnly(const BlockSchema& schema, const Value& value) {
  return HasWriteOnly(schema) ? RemoveIn(schema.attributes, schema.blocks, value) : value;
}

bool ConformsTo(const Type& got, const Type& wanted) {
  if (wanted.is_dynamic() || got == wanted) return true;
  if (got.kind() != wanted.kind() || !wanted.has_dynamic()) return false;
  if (wanted.is_collection()) return ConformsTo(got.element(), wanted.element());
  if (wanted.is_tuple()) {
    return std::equal(got.elements().begin(), got.elements().end(), wanted.elements().begin(),
                      wanted.elements().end(), ConformsTo);
  }
  if (!wanted.is_object()) return true;
  return std::equal(got.attributes().begin(), got.attributes().end(), wanted.attributes().begin(),
                    wanted.attributes().end(),
                    [](const Type::Attribute& a, const Type::Attribute& b) {
                      return a.name == b.name && ConformsTo(a.type, b.type);
                    });
}

std::optional<std::string> CheckConformance(const Value& value, const Type& wanted) {
  return Mismatch(value.type(), wanted, {});
}

std::optional<std::string> CheckConformance(const BlockSchema& schema, const Value& value) {
  return CheckConformance(value, ImpliedType(schema));
}

Value Storable(const BlockSchema& schema, const Value& value, std::vector<value::PathMarks> marks) {
  for (value::PathMarks& one : marks) one.marks = one.marks.Without(value::Mark::kEphemeral);
  std::erase_if(marks, [](const value::PathMarks& one) { return one.marks.empty(); });
  Value kept = RemoveWriteOnly(schema, value);
  for (value::PathMarks& mark : SensitivePaths(schema, kept)) marks.push_back(std::move(mark));
  return marks.empty() ? kept : value::MarkWithPaths(kept, marks);
}

}  // namespace andon::provider
