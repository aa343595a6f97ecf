#include "made.h"

#include <fmt/format.h>

#include "base/text.h"
#include "value/convert.h"
#include "value/json.h"

namespace andon::standin {

using value::Type;
using value::Value;

namespace {

// What the SDK's type system has for nothing.
Value ZeroOf(const Type& type) {
  if (type.is_string()) return Value::String("");
  if (type.is_number()) return Value::Number(int64_t{0});
  if (type.is_bool()) return Value::False();
  if (type.is_list()) return Value::List(type.element(), {});
  if (type.is_set()) return Value::Set(type.element(), {});
  if (type.is_map()) return Value::Map(type.element(), {});
  return Value::Null(type);
}

Value FromJson(const Json& json, const Type& type) {
  auto value = value::FromJsonText(json.Dump(), type);
  return value.ok() ? *value : Value::Null(type);
}

// Texts of templates stand for numbers and booleans too.
Value Converted(const Json& json, const Type& type) {
  auto value = value::FromJsonText(json.Dump());
  if (value.ok()) value = value::Convert(*value, type);
  return value.ok() ? *value : Value::Null(type);
}

// A template with "{name}" for attributes. Nothing while one of them is unknown.
class Template {
 public:
  Template(const Value& object, const std::string& hash, const std::string& region)
      : object_(object), hash_(hash), region_(region) {}

  std::optional<std::string> Fill(std::string_view text) const {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      size_t end = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
      std::string name(end == std::string_view::npos ? "" : text.substr(i + 1, end - i - 1));
      const Value* found = object_.Find(name);
      if (name == "hash") {
        out += hash_;
      } else if (name == "region") {
        out += region_;
      } else if (found != nullptr) {
        if (!found->is_known()) return std::nullopt;
        auto as_text = value::Convert(*found, Type::String());
        if (as_text.ok() && as_text->is_known_not_null()) out += as_text->string();
      } else {
        out += text[i];
        continue;
      }
      i = end;
    }
    return out;
  }

  // In a list, of each element.
  std::optional<Json> Fill(const Json& fact) const {
    if (fact.is_array()) {
      Json list = Json::List();
      for (const Json& one : fact.items()) {
        auto filled = Fill(one);
        if (!filled) return std::nullopt;
        list.Push(std::move(*filled));
      }
      return list;
    }
    if (!fact.is_string()) return fact;
    auto text = Fill(std::string_view(fact.AsString()));
    if (!text) return std::nullopt;
    return Json(*text);
  }

 private:
  const Value& object_;
  const std::string& hash_;
  const std::string& region_;
};

// Unknown parts of nested blocks.
Value Known(const Value& value) {
  if (!value.is_known()) return ZeroOf(value.type());
  if (value.is_null() || value.is_wholly_known()) return value;
  if (value.type().is_object()) {
    Value::Members members = value.members();
    for (auto& [name, member] : members) member = Known(member);
    return Value::Object(std::move(members));
  }
  std::vector<Value> elements;
  if (value.type().is_list() || value.type().is_set()) {
    for (const Value& element : value.items()) elements.push_back(Known(element));
    return value.type().is_list() ? Value::List(value.type().element(), std::move(elements))
                                  : Value::Set(value.type().element(), std::move(elements));
  }
  return value;
}

bool IsReplaced(const Value& proposed, const Value& prior, const Json& facts) {
  if (prior.is_null()) return true;
  for (const Json& name : facts["requires_replace"].items()) {
    const Value* now = proposed.Find(name.AsString());
    const Value* before = prior.Find(name.AsString());
    if (now != nullptr && before != nullptr && !now->RawEquals(*before)) return true;
  }
  return false;
}

// Defaults of the SDK; and what was read back where nothing was written stays: it sees no
// difference.
Value WithDefaults(const Value& proposed, const Value& prior, const Json& facts) {
  Value result = proposed;
  for (const auto& [name, fallback] : facts["defaults"].members()) {
    const Value* value = result.Find(name);
    if (value != nullptr && value->is_null())
      result = WithAttribute(result, name, FromJson(fallback, value->type()));
  }
  if (prior.is_null()) return result;
  for (const auto& [name, read] : facts["read"].members()) {
    const Value* now = result.Find(name);
    const Value* before = prior.Find(name);
    if (now != nullptr && before != nullptr && now->is_null() &&
        before->RawEquals(FromJson(read, before->type())))
      result = WithAttribute(result, name, *before);
  }
  return result;
}

// In nested blocks what is computed and not set is only told of a new object.
Value PlannedBlocks(const provider::BlockSchema& block, const Value& proposed) {
  if (!proposed.is_known_not_null()) return proposed;
  Value result = proposed;
  for (const provider::AttributeSchema& a : block.attributes) {
    const Value* value = result.Find(a.name);
    if (a.computed && value != nullptr && value->is_null())
      result = WithAttribute(result, a.name, Value::Unknown(value->type()));
  }
  for (const provider::NestedBlock& nested : block.blocks) {
    const Value* value = result.Find(nested.name);
    if (value == nullptr || !value->is_known_not_null() || !value->type().is_list()) continue;
    std::vector<Value> elements;
    for (const Value& element : value->items())
      elements.push_back(PlannedBlocks(nested.block, element));
    result = WithAttribute(result, nested.name,
                           Value::List(value->type().element(), std::move(elements)));
  }
  return result;
}

}  // namespace

Value WithAttribute(const Value& object, const std::string& name, const Value& value) {
  Value::Members members = object.members();
  for (auto& [key, member] : members) {
    if (key == name) member = value;
  }
  return Value::Object(std::move(members));
}

Value Planned(const provider::BlockSchema& block, const Value& given, const Value& prior,
              const Json& facts) {
  if (!given.is_known_not_null()) return given;
  Value proposed = WithDefaults(given, prior, facts);
  bool is_replaced = IsReplaced(proposed, prior, facts);
  Value result = proposed;
  for (const provider::AttributeSchema& a : block.attributes) {
    const Value* value = proposed.Find(a.name);
    if (!a.computed || value == nullptr) continue;
    bool is_set = is_replaced && !a.optional ? false : !value->is_null();
    if (!is_set) result = WithAttribute(result, a.name, Value::Unknown(value->type()));
  }
  if (is_replaced) {
    provider::BlockSchema nested{.blocks = block.blocks};
    result = PlannedBlocks(nested, result);
  }
  for (const auto& [name, from] : facts["copies"].members()) {
    const Value* value = result.Find(from.AsString());
    const Value* to = result.Find(name);
    if (value == nullptr || to == nullptr) continue;
    result = WithAttribute(result, name, value->is_null() ? ZeroOf(to->type()) : *value);
  }
  return result;
}

std::string Maker::HashOf(const std::string& type, const Value& planned) {
  std::string text = type + " " + planned.DebugString();
  text += fmt::format(" {}", seen_[text]++);
  return Sha256(text).substr(0, 17);
}

Value Maker::Make(const Value& planned, const Json& facts, const std::string& type,
                  const std::string& region) {
  if (!planned.is_known_not_null()) return planned;
  constexpr int kRoundsMax = 4;  // Facts that name facts: an endpoint has an address.
  Value result = planned;
  int64_t number = ++made_;
  std::string hash = HashOf(type, planned);
  for (const auto& [name, read] : facts["read"].members()) {
    const Value* value = result.Find(name);
    if (value != nullptr && value->is_null())
      result = WithAttribute(result, name, FromJson(read, value->type()));
  }
  for (const auto& [name, member] : planned.members()) {
    if (!member.is_known() && !facts["computed"].Has(name)) {
      Value value = ZeroOf(member.type());
      if (member.type().is_string())
        value = Value::String(fmt::format("{}-{}-{}", type, name, number));
      if (member.type().is_number()) value = Value::Number(number);
      result = WithAttribute(result, name, value);
    }
  }
  for (int round = 0; round < kRoundsMax; ++round) {
    for (const auto& [name, fact] : facts["computed"].members()) {
      const Value* member = result.Find(name);
      if (member == nullptr || member->is_known()) continue;
      if (auto filled = Template(result, hash, region).Fill(fact))
        result = WithAttribute(result, name, Converted(*filled, member->type()));
    }
  }
  Value::Members members = result.members();
  for (auto& [name, member] : members) member = Known(member);
  return Value::Object(std::move(members));
}

}  // namespace andon::standin
