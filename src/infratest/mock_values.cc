#include "infratest/mock_values.h"

#include <fmt/format.h>

#include "value/convert.h"

namespace andon::infratest {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using value::Type;
using value::Value;

class Composer {
 public:
  Composer(std::string_view seed, provider::AttributeDiagnostics* diagnostics)
      : diagnostics_(diagnostics) {
    for (char c : seed) random_ = (random_ ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }

  Value Object(const BlockSchema& schema, const Value& config, const Values& given) {
    Value::Members members;
    for (const AttributeSchema& attribute : schema.attributes)
      members.emplace_back(attribute.name, Attribute(attribute, config, given));
    for (const provider::NestedBlock& nested : schema.blocks)
      members.emplace_back(nested.name, Nested(nested, config, given));
    for (const auto& [name, value] : given) {
      if (schema.FindAttribute(name) != nullptr || schema.FindBlock(name) != nullptr) continue;
      Refuse(fmt::format("Invalid override for block field `{}`", name),
             "The field is unknown. Please, ensure it is a part of resource definition.");
    }
    return Value::Object(std::move(members));
  }

 private:
  void Refuse(std::string summary, std::string detail) {
    diagnostics_->push_back(provider::Refusal(std::move(summary), std::move(detail)));
  }

  Value Attribute(const AttributeSchema& attribute, const Value& config, const Values& given) {
    Type type = ImpliedType(attribute);
    const Value* written = config.is_known_not_null() ? config.Find(attribute.name) : nullptr;
    // Unknown is written as well: something stands there.
    bool is_written = written != nullptr && !written->is_null();
    auto found = given.find(attribute.name);
    bool is_given = found != given.end();
    if (attribute.write_only) return Value::Null(type);
    if (is_given && is_written) {
      Refuse(fmt::format("Invalid mock/override field `{}`", attribute.name),
             "The field is ignored since overriding configuration values is not allowed.");
    } else if (is_given && !attribute.computed) {
      Refuse(fmt::format("Non-computed field `{}` is not allowed to be overridden", attribute.name),
             "Overriding non-computed fields is not allowed, so this field cannot be processed.");
    } else if (is_given) {
      auto converted = value::Convert(found->second, type);
      if (converted.ok()) return *converted;
      Refuse(fmt::format("Invalid mock/override field `{}`", attribute.name),
             fmt::format("Values provided for override / mock must match resource fields types: "
                         "{}.",
                         converted.error().message));
    }
    if (is_written && (attribute.optional || attribute.required)) return *written;
    return attribute.computed ? MadeUp(type) : Value::Null(type);
  }

  Value Nested(const provider::NestedBlock& nested, const Value& config, const Values& given) {
    const Value* written = config.is_known_not_null() ? config.Find(nested.name) : nullptr;
    auto found = given.find(nested.name);
    bool is_given = found != given.end();
    if (is_given && !found->second.type().is_object()) {
      Refuse(fmt::format("Invalid override for block field `{}`", nested.name),
             fmt::format("Blocks can be overridden only by objects, got `{}`",
                         found->second.type().FriendlyName()));
      is_given = false;
    }
    Values inner;
    if (is_given) {
      for (const auto& [name, value] : found->second.members()) inner.emplace(name, value);
    }
    bool is_empty = written == nullptr || !written->is_known_not_null() ||
                    (written->type().is_collection() && written->size() == 0);
    if (is_empty && is_given) {
      Refuse(fmt::format("Invalid override for block field `{}`", nested.name),
             "Cannot override block value, because it's not present in configuration.");
    }
    // As the configuration has them: providers do not make blocks.
    if (written == nullptr) return Value::Null(ImpliedType(nested));
    if (is_empty) return *written;
    if (nested.nesting == provider::Nesting::kSingle || nested.nesting == provider::Nesting::kGroup)
      return Object(nested.block, *written, inner);
    Type type = ImpliedType(nested);
    if (nested.nesting == provider::Nesting::kMap) {
      Value::Members members;
      for (const auto& [key, element] : written->members())
        members.emplace_back(key, Object(nested.block, element, inner));
      return type.is_map() ? Value::Map(type.element(), std::move(members))
                           : Value::Object(std::move(members));
    }
    std::vector<Value> items;
    for (const Value& element : written->items())
      items.push_back(Object(nested.block, element, inner));
    if (type.is_set()) return Value::Set(type.element(), std::move(items));
    return type.is_list() ? Value::List(type.element(), std::move(items))
                          : Value::Tuple(std::move(items));
  }

  Value MadeUp(const Type& type) {
    switch (type.kind()) {
      case Type::Kind::kDynamic:
        return Value::Null(type);
      case Type::Kind::kString:
        return Value::String(Text());
      case Type::Kind::kNumber:
        return Value::Number(int64_t{0});
      case Type::Kind::kBool:
        return Value::False();
      case Type::Kind::kList:
        return Value::List(type.element(), {});
      case Type::Kind::kSet:
        return Value::Set(type.element(), {});
      case Type::Kind::kMap:
        return Value::Map(type.element(), {});
      case Type::Kind::kTuple:
        return Value::EmptyTuple();
      case Type::Kind::kObject: {
        Value::Members members;
        for (const Type::Attribute& attribute : type.attributes())
          members.emplace_back(attribute.name, MadeUp(attribute.type));
        return Value::Object(std::move(members));
      }
    }
    return Value::Null(type);
  }

  std::string Text() {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890";
    constexpr size_t kLength = 12;
    std::string out;
    for (size_t i = 0; i < kLength; ++i) {
      random_ = random_ * 6364136223846793005U + 1442695040888963407U;
      out += kLetters[(random_ >> 33) % kLetters.size()];
    }
    return out;
  }

  provider::AttributeDiagnostics* diagnostics_;
  uint64_t random_ = 14695981039346656037U;
};

}  // namespace

MockedObject MockObject(const BlockSchema& schema, const Value& config, const Values& given,
                        std::string_view seed) {
  MockedObject out;
  out.value = Composer(seed, &out.diagnostics).Object(schema, config, given);
  return out;
}

}  // namespace andon::infratest
