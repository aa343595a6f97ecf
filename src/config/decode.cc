#include "config/decode.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "config/codes.h"
#include "config/places.h"
#include "config/reference.h"
#include "hcl/static_form.h"
#include "io/path.h"
#include "value/convert.h"
#include "value/display.h"

namespace andon::config {
namespace {

using value::Type;
using value::Value;

bool IsObjectLike(const Value& value) {
  return value.is_known_not_null() && (value.type().is_object() || value.type().is_map());
}

bool IsListLike(const Value& value) {
  return value.is_known_not_null() &&
         (value.type().is_list() || value.type().is_tuple() || value.type().is_set());
}

// The members in the order in which they were written, where that is known.
std::vector<std::pair<std::string, Value>> MembersOf(const Value& value) {
  std::vector<std::pair<std::string, Value>> out;
  if (value.type().is_object()) {
    for (const std::string& name : value.attribute_order()) {
      if (const Value* member = value.Find(name)) out.emplace_back(name, *member);
    }
    return out;
  }
  for (const auto& [name, member] : value.members()) out.emplace_back(name, member);
  return out;
}

// Objects of the project inside of free values become what others call them: their table's name.
Value NamesForReferences(const Value& value) {
  if (!value.is_known_not_null()) return value;
  if (AddressOf(value)) return Value::String(NameOf(*AddressOf(value)));
  if (IsListLike(value)) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(NamesForReferences(item));
    return Value::Tuple(std::move(items));
  }
  if (!IsObjectLike(value)) return value;
  Value::Members members;
  for (const auto& [name, member] : MembersOf(value))
    members.emplace_back(name, NamesForReferences(member));
  return Value::Object(std::move(members));
}

class Decoder {
 public:
  Decoder(const DataBlock& block, const hcl::EvalContext& context, const std::string& dir,
          const std::set<std::string_view>& skip)
      : block_(block), context_(context), dir_(dir), skip_(skip) {}

  Decoded Run() {
    out_.positions[""] = block_.range;
    Value::Members members;
    for (const hcl::Attribute& attribute : block_.block->body.attributes) {
      const AttributeSchema* schema = block_.schema->FindAttribute(block_.type, attribute.name);
      if (schema == nullptr) {
        NoteMisspelled(attribute);
        continue;
      }
      std::string name(attribute.name);
      out_.positions[name] = attribute.range();
      if (skip_.contains(attribute.name)) continue;
      auto evaluated = hcl::Evaluate(attribute.expression(), context_);
      for (Diagnostic d : evaluated.diagnostics) {
        if (d.address.empty()) d.address = block_.address();
        out_.diagnostics.Add(std::move(d));
      }
      if (evaluated.diagnostics.has_errors()) continue;
      auto value = Attribute(*schema, evaluated.value, attribute.expression(), name);
      if (value) members.emplace_back(name, *value);
    }
    out_.object = Value::Object(std::move(members));
    return std::move(out_);
  }

 private:
  using Maybe = std::optional<Value>;

  std::nullopt_t Wrong(const Code& code, std::string detail, const SourceRange& range,
                       std::string at_caret = {}) {
    Diagnostic d = Message(code, std::move(detail), range);
    d.at_caret = std::move(at_caret);
    d.address = block_.address();
    out_.diagnostics.Add(std::move(d));
    return std::nullopt;
  }

  // A meta argument, or a name that was reported when the file was loaded: what was
  // meant is written, but has no value.
  void NoteMisspelled(const hcl::Attribute& attribute) {
    std::vector<std::string> known;
    for (auto* a : block_.schema->AttributesOf(block_.type)) known.push_back(a->name);
    for (const AttributeSchema& a : MetaAttributes()) known.push_back(a.name);
    std::string meant = DidYouMean(attribute.name, known);
    if (!meant.empty()) out_.positions.try_emplace(meant, attribute.range());
  }

  Maybe Attribute(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
                  const std::string& path) {
    SourceRange range = expression.range();
    if (value.is_null()) return std::nullopt;
    if (!value.is_wholly_known()) {
      return Wrong(
          kMustBeKnown,
          fmt::format(
              "\"{}\" must be known when the plan is made, but its value depends on something "
              "that only apply can tell.",
              path),
          range);
    }
    if (value.contains_marked()) {
      return Wrong(
          kSensitive,
          fmt::format("\"{}\" is recorded and shown in plans, but its value is sensitive.", path),
          range);
    }
    return Form(schema, value, expression, range, path);
  }

  // `expression` may be empty where the value is part of a computed one.
  Maybe Form(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
             const SourceRange& range, const std::string& path) {
    switch (schema.form) {
      case Form::kString:
      case Form::kText:
      case Form::kTypeName:
      case Form::kTimezone:
        return Text(schema, value, range, path);
      case Form::kDuration:
        return DurationText(schema, value, range, path);
      case Form::kSchedule:
        return Text(schema, value, range, path);
      case Form::kSecret:
        return IsSecret(value) ? Maybe(value) : Text(schema, value, range, path);
      case Form::kNumber:
        return Primitive(Type::Number(), "a number", value, range, path);
      case Form::kInteger:
        return Integer(value, range, path);
      case Form::kBool:
        return Primitive(Type::Bool(), "true or false", value, range, path);
      case Form::kStrings:
        return Strings(value, expression, range, path);
      case Form::kStringMap:
        return StringMap(value, expression, range, path);
      case Form::kReference:
        return Reference(schema, value, range, path);
      case Form::kReferences:
        return References(schema, value, expression, range, path, false);
      case Form::kConsumers:
        return References(schema, value, expression, range, path, true);
      case Form::kConsumer: {
        bool is_name = value.is_known_not_null() && value.type().is_string();
        return is_name ? Maybe(value) : Reference(schema, value, range, path);
      }
      case Form::kTable:
        return Table(value, range, path);
      case Form::kColumn:
        return Column(value, range, path);
      case Form::kSql:
        return Sql(value, expression, range, path);
      case Form::kColumns:
        return Columns(schema, value, expression, range, path);
      case Form::kChecks:
        return Checks(value, expression, range, path);
      case Form::kObject:
        return Object(schema, value, expression, range, path);
      case Form::kObjects:
        return Objects(schema, value, expression, range, path);
      case Form::kAny:
        return NamesForReferences(value);
    }
    return std::nullopt;
  }

  Maybe Text(const AttributeSchema& schema, const Value& value, const SourceRange& range,
             const std::string& path) {
    if (auto address = AddressOf(value)) {
      return Wrong(kWrongReference,
                   fmt::format("\"{}\" takes a text, not the object {}.", path, *address), range);
    }
    auto text = Primitive(Type::String(), "a text", value, range, path);
    if (!text || schema.allowed.empty()) return text;
    const std::string& word = text->string();
    if (std::find(schema.allowed.begin(), schema.allowed.end(), word) != schema.allowed.end())
      return text;
    return Wrong(kNotAllowed,
                 fmt::format("\"{}\" is none of the words that \"{}\" takes: {}.", word, path,
                             Join(schema.allowed, ", ")),
                 range, Suggest(DidYouMean(word, schema.allowed)));
  }

  Maybe DurationText(const AttributeSchema& schema, const Value& value, const SourceRange& range,
                     const std::string& path) {
    auto text = Text(schema, value, range, path);
    if (!text) return text;
    auto duration = ParseDuration(text->string());
    if (duration.ok()) return text;
    return Wrong(
        kInvalidText,
        fmt::format("\"{}\" is no duration. Write one like 90s, 15m, 1h30m or 7d.", text->string()),
        range);
  }

  Maybe Primitive(const Type& type, std::string_view what, const Value& value,
                  const SourceRange& range, const std::string& path) {
    auto converted = value::Convert(value, type);
    if (converted.ok()) return *converted;
    return Wrong(kWrongType,
                 fmt::format("\"{}\" takes {}, but this is {}.", path, what, Described(value)),
                 range);
  }

  static std::string Described(const Value& value) {
    if (auto address = AddressOf(value)) return "the object " + *address;
    if (IsTableReference(value)) return "a table of a source";
    if (IsColumnReference(value)) return "a column";
    if (IsSecret(value)) return "a secret";
    std::string name = value.type().FriendlyName();
    bool vowel = name.find_first_of("aeiou") == 0;
    return (vowel ? "an " : "a ") + name;
  }

  Maybe Integer(const Value& value, const SourceRange& range, const std::string& path) {
    auto number = Primitive(Type::Number(), "a whole number", value, range, path);
    if (!number || number->number().ToInt64()) return number;
    return Wrong(kWrongType,
                 fmt::format("\"{}\" takes a whole number, but this is {}.", path,
                             number->number().ToString()),
                 range);
  }

  // The expressions of a literal list's items; empty ones otherwise.
  static std::vector<hcl::Expression> ItemExpressions(const Value& value,
                                                      hcl::Expression expression) {
    size_t n = value.items().size();
    if (expression) {
      auto items = hcl::AsList(expression);
      if (items && items->size() == n) return *items;
    }
    return std::vector<hcl::Expression>(n);
  }

  Maybe Strings(const Value& value, hcl::Expression expression, const SourceRange& range,
                const std::string& path) {
    if (!IsListLike(value)) {
      return Wrong(
          kWrongType,
          fmt::format("\"{}\" takes a list of texts, but this is {}.", path, Described(value)),
          range,
          value.type().is_string()
              ? "write it as a list: [" + std::string(expression ? expression.text() : "…") + "]"
              : std::string());
    }
    std::vector<hcl::Expression> places = ItemExpressions(value, expression);
    std::vector<Value> out;
    for (size_t i = 0; i < places.size(); ++i) {
      const Value& item = value.items()[i];
      SourceRange at = places[i] ? places[i].range() : range;
      out_.positions[fmt::format("{}.{}", path, i)] = at;
      // A column or table of the project may be named by reference.
      if (IsColumnReference(item)) {
        out.push_back(*item.Find("column"));
        continue;
      }
      if (item.is_null()) {
        Wrong(kWrongType, fmt::format("\"{}\" takes texts, not null.", path), at);
        continue;
      }
      if (auto text = Primitive(Type::String(), "a text", item, at, path)) out.push_back(*text);
    }
    return Value::Tuple(std::move(out));
  }

  Maybe StringMap(const Value& value, hcl::Expression expression, const SourceRange& range,
                  const std::string& path) {
    if (!IsObjectLike(value)) {
      return Wrong(
          kWrongType,
          fmt::format("\"{}\" takes a map of texts, but this is {}.", path, Described(value)),
          range);
    }
    Places places(expression, range);
    Value::Members out;
    for (const auto& [name, member] : MembersOf(value)) {
      if (member.is_null()) continue;
      if (IsSecret(member)) {
        out.emplace_back(name, member);
      } else if (auto text = Primitive(Type::String(), "a text", member, places.value(name),
                                       path + "." + name)) {
        out.emplace_back(name, *text);
      }
    }
    return Value::Object(std::move(out));
  }

  bool CheckKind(const AttributeSchema& schema, const std::string& address,
                 const SourceRange& range, const std::string& path) {
    size_t dot = address.find('.');
    std::string kind = address.substr(0, dot);
    if (schema.kinds.empty() ||
        std::find(schema.kinds.begin(), schema.kinds.end(), kind) != schema.kinds.end()) {
      return true;
    }
    Wrong(kWrongReference,
          fmt::format("\"{}\" takes a reference to a {}, but {} is a {}.", path,
                      Join(schema.kinds, " or a "), address, kind),
          range);
    return false;
  }

  Maybe Reference(const AttributeSchema& schema, const Value& value, const SourceRange& range,
                  const std::string& path) {
    if (auto address = AddressOf(value)) {
      if (!CheckKind(schema, *address, range, path)) return std::nullopt;
      return Value::String(*address);
    }
    std::string kind = schema.kinds.empty() ? "dataset" : schema.kinds[0];
    std::string hint;
    if (value.is_known_not_null() && value.type().is_string()) {
      std::string name = value.string();
      hint = fmt::format("write the reference {}, without quotes",
                         name.find('.') != std::string::npos ? name : kind + "." + name);
    }
    return Wrong(kWrongReference,
                 fmt::format("\"{}\" takes a reference to a {}, but this is {}.", path,
                             Join(schema.kinds, " or a "), Described(value)),
                 range, hint);
  }

  Maybe References(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
                   const SourceRange& range, const std::string& path, bool names_too) {
    if (!IsListLike(value)) {
      return Wrong(
          kWrongType,
          fmt::format("\"{}\" takes a list of references, but this is {}.", path, Described(value)),
          range,
          AddressOf(value) && expression
              ? fmt::format("write it as a list: [{}]", expression.text())
              : std::string());
    }
    std::vector<hcl::Expression> places = ItemExpressions(value, expression);
    std::vector<Value> out;
    for (size_t i = 0; i < places.size(); ++i) {
      const Value& item = value.items()[i];
      SourceRange at = places[i] ? places[i].range() : range;
      out_.positions[fmt::format("{}.{}", path, i)] = at;
      bool is_name = names_too && item.is_known_not_null() && item.type().is_string();
      if (is_name) {
        out.push_back(item);
      } else if (auto address = Reference(schema, item, at, path)) {
        out.push_back(*address);
      }
    }
    return Value::Tuple(std::move(out));
  }

  Maybe Table(const Value& value, const SourceRange& range, const std::string& path) {
    if (IsTableReference(value)) return value;
    std::string hint;
    if (auto address = AddressOf(value); address && address->starts_with("source.")) {
      hint = fmt::format("name a table of it: {}.table.{}", *address, block_.name);
    }
    return Wrong(kWrongReference,
                 fmt::format("\"{}\" takes a table of a source, like "
                             "source.deliveries.table.payment, but this is {}.",
                             path, Described(value)),
                 range, hint);
  }

  Maybe Column(const Value& value, const SourceRange& range, const std::string& path) {
    if (IsColumnReference(value)) return value;
    std::string hint;
    if (auto address = AddressOf(value); address && address->starts_with("dataset.")) {
      hint = fmt::format("name a column of it: {}.column.NAME", *address);
    }
    return Wrong(
        kWrongReference,
        fmt::format(
            "\"{}\" takes a column, like dataset.customer.column.customer_id, but this is {}.",
            path, Described(value)),
        range, hint);
  }

  Maybe Sql(const Value& value, hcl::Expression expression, const SourceRange& range,
            const std::string& path) {
    auto text = Primitive(Type::String(), "an SQL statement", value, range, path);
    if (!text) return text;
    out_.positions[path] = SqlPlace(expression, range, text->string());
    return text;
  }

  // Where the statement's first line stands: in its own file, where it is read
  // with file(), else where its text begins.
  SourceRange SqlPlace(hcl::Expression expression, const SourceRange& range,
                       const std::string& text) {
    auto call = expression ? hcl::AsCall(expression) : std::nullopt;
    if (call && call->name == "file" && call->arguments.size() == 1) {
      auto path = hcl::Evaluate(call->arguments[0], context_);
      if (path.value.is_known_not_null() && path.value.type().is_string()) {
        std::string name = io::Normalize(path.value.string());
        if (io::IsAbsolute(name) && io::IsWithin(name, dir_)) name = io::Relative(name, dir_);
        out_.texts.emplace_back(name, text);
        return {name, {}, {}};
      }
    }
    SourceRange place = range;
    if (expression && expression.text().starts_with("<<")) {
      place.start = {range.start.line + 1, 1, range.start.byte};
      place.end = place.start;
    }
    return place;
  }

  Maybe Columns(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
                const SourceRange& range, const std::string& path) {
    if (!IsObjectLike(value)) {
      return Wrong(kWrongType,
                   fmt::format("\"{}\" takes a map with a member for each column, but this is {}.",
                               path, Described(value)),
                   range);
    }
    Places places(expression, range);
    Value::Members out;
    for (const auto& [name, member] : MembersOf(value)) {
      std::string below = path + "." + name;
      out_.positions[below] = places.key(name);
      if (auto column =
              Object(schema, member, places.expression(name), places.value(name), below)) {
        out.emplace_back(name, *column);
      }
    }
    return Value::Object(std::move(out));
  }

  // A text, or a reference where that is what the shorthand takes.
  static bool IsShort(const AttributeSchema& schema, const Value& value) {
    if (value.is_known_not_null() && value.type().is_string()) return true;
    auto nested =
        std::find_if(schema.nested.begin(), schema.nested.end(),
                     [&](const AttributeSchema& a) { return a.name == schema.shorthand; });
    return nested != schema.nested.end() && nested->form == config::Form::kReference &&
           AddressOf(value).has_value();
  }

  Maybe Object(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
               const SourceRange& range, const std::string& path) {
    bool is_short = !schema.shorthand.empty() && IsShort(schema, value);
    if (is_short) return Shorthand(schema, value, expression, range, path);
    if (!IsObjectLike(value) || AddressOf(value)) {
      return Wrong(kWrongType,
                   fmt::format("\"{}\" takes an object, but this is {}.", path, Described(value)),
                   range);
    }
    std::vector<std::string> known;
    for (const AttributeSchema& a : schema.nested) known.push_back(a.name);
    Places places(expression, range);
    std::set<std::string> misspelled;
    Value::Members out;
    for (const auto& [name, member] : MembersOf(value)) {
      auto nested = std::find_if(schema.nested.begin(), schema.nested.end(),
                                 [&](const AttributeSchema& a) { return a.name == name; });
      if (nested == schema.nested.end()) {
        misspelled.insert(UnknownMember(name, known, places.key(name), path));
        continue;
      }
      if (member.is_null()) continue;
      std::string below = path + "." + name;
      out_.positions[below] = places.value(name);
      if (auto v = Form(*nested, member, places.expression(name), places.value(name), below))
        out.emplace_back(name, *v);
    }
    CheckRequired(schema, value, misspelled, range, path);
    return Value::Object(std::move(out));
  }

  // Parts are named "need.0.who", also where the list is left out.
  Maybe Objects(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
                const SourceRange& range, const std::string& path) {
    std::vector<Value> out;
    if (!IsListLike(value)) {
      auto object = Object(schema, value, expression, range, path + ".0");
      if (!object) return std::nullopt;
      out.push_back(*object);
      return Value::Tuple(std::move(out));
    }
    std::vector<hcl::Expression> places = ItemExpressions(value, expression);
    for (size_t i = 0; i < places.size(); ++i) {
      SourceRange at = places[i] ? places[i].range() : range;
      std::string below = fmt::format("{}.{}", path, i);
      out_.positions[below] = at;
      if (auto object = Object(schema, value.items()[i], places[i], at, below))
        out.push_back(*object);
    }
    return Value::Tuple(std::move(out));
  }

  Maybe Shorthand(const AttributeSchema& schema, const Value& value, hcl::Expression expression,
                  const SourceRange& range, const std::string& path) {
    for (const AttributeSchema& nested : schema.nested) {
      if (nested.name != schema.shorthand) continue;
      auto inner = Form(nested, value, expression, range, path + "." + nested.name);
      if (!inner) return std::nullopt;
      return Value::Object({{nested.name, *inner}});
    }
    return std::nullopt;
  }

  // The name that was meant, or nothing.
  std::string UnknownMember(const std::string& name, const std::vector<std::string>& known,
                            const SourceRange& range, const std::string& path) {
    std::string meant = DidYouMean(name, known);
    Diagnostic d =
        Message(kUnknownMember, fmt::format("\"{}\" has no attribute \"{}\".", path, name), range);
    d.at_caret = Suggest(meant);
    d.address = block_.address();
    if (meant.empty()) d.help = "Attributes: " + Join(known, ", ") + ".";
    out_.diagnostics.Add(std::move(d));
    if (!meant.empty()) out_.positions.try_emplace(path + "." + meant, range);
    return meant;
  }

  void CheckRequired(const AttributeSchema& schema, const Value& value,
                     const std::set<std::string>& misspelled, const SourceRange& range,
                     const std::string& path) {
    for (const AttributeSchema& nested : schema.nested) {
      if (!nested.required || misspelled.contains(nested.name)) continue;
      const Value* found = value.Find(nested.name);
      if (found != nullptr && !found->is_null()) continue;
      Wrong(kMissingMember,
            fmt::format("\"{}\" needs the attribute \"{}\": {}", path, nested.name, nested.doc),
            range,
            nested.allowed.empty() ? std::string()
                                   : nested.name + " = \"" + nested.allowed[0] + "\", …");
    }
  }

  Maybe Checks(const Value& value, hcl::Expression expression, const SourceRange& range,
               const std::string& path) {
    if (!IsObjectLike(value)) {
      return Wrong(kWrongType,
                   fmt::format("\"{}\" takes a map with a member for each check, but this is {}.",
                               path, Described(value)),
                   range);
    }
    Places places(expression, range);
    Value::Members out;
    for (const auto& [name, member] : MembersOf(value)) {
      SourceRange call = CallOf(member);
      if (!call.exists()) {
        Wrong(kNoCheck,
              fmt::format("The check \"{}\" must be a call of an expectation, like "
                          "expect_column_values_to_not_be_null(\"amount\"), but this is {}.",
                          name, Described(member)),
              places.value(name));
        continue;
      }
      out_.positions[path + "." + name] = call;
      out.emplace_back(name,
                       Value::Object({{"type", *member.Find("type")},
                                      {"kwargs", NamesForReferences(*member.Find("kwargs"))}}));
    }
    return Value::Object(std::move(out));
  }

  const DataBlock& block_;
  const hcl::EvalContext& context_;
  const std::string& dir_;
  const std::set<std::string_view>& skip_;
  Decoded out_;
};

}  // namespace

Decoded Decode(const DataBlock& block, const hcl::EvalContext& context, const std::string& dir,
               const std::set<std::string_view>& skip) {
  return Decoder(block, context, dir, skip).Run();
}

std::string FileLine(const SourceRange& range) {
  if (!range.exists()) return {};
  return fmt::format("{}:{}", range.filename, range.start.line);
}

}  // namespace andon::config
