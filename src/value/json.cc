#include "value/json.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

#include "base/text.h"
#include "value/path.h"

namespace andon::value {
namespace {

constexpr int kDepthMax = 512;

// Go's escapes: besides what JSON demands, what would break HTML and JavaScript.
void WriteString(std::string_view text, std::string& out) {
  out += '"';
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '<':
      case '>':
      case '&':
        out += fmt::format("\\u{:04x}", static_cast<int>(c));
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else if (text.substr(i).starts_with("\u2028") || text.substr(i).starts_with("\u2029")) {
          out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
          i += 2;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

class Writer {
 public:
  // False where something is unknown or infinite; `steps` tell where.
  bool Write(const Value& value, const Type& wanted);
  std::string text;
  std::vector<Step> steps;  // To what is in the way, innermost first.
  bool is_infinite = false;

 private:
  bool WriteItems(const Value& value, const Type& wanted);
  bool WriteMembers(const Value& value, const Type& wanted);
  bool WriteTyped(const Value& value);
};

bool Writer::WriteTyped(const Value& value) {
  text += "{\"value\":";
  if (!Write(value, value.type())) return false;
  text += ",\"type\":" + ToJson(value.type()).Dump() + "}";
  return true;
}

bool Writer::WriteItems(const Value& value, const Type& wanted) {
  text += '[';
  size_t i = 0;
  for (const auto& item : value.items()) {
    if (i > 0) text += ',';
    Type type = wanted.is_tuple() ? wanted.elements()[i] : wanted.element();
    if (!Write(item, type)) {
      steps.push_back(IndexStep{Value::Number(i)});
      return false;
    }
    ++i;
  }
  text += ']';
  return true;
}

bool Writer::WriteMembers(const Value& value, const Type& wanted) {
  text += '{';
  bool first = true;
  for (const auto& [name, member] : value.members()) {
    if (!first) text += ',';
    first = false;
    WriteString(name, text);
    text += ':';
    Type type = wanted.is_object() ? wanted.FindAttribute(name)->type : wanted.element();
    if (!Write(member, type)) {
      steps.push_back(AttributeStep{name});
      return false;
    }
  }
  text += '}';
  return true;
}

bool Writer::Write(const Value& value, const Type& wanted) {
  if (!value.is_known()) return false;
  if (wanted.is_dynamic() && !value.type().is_dynamic()) return WriteTyped(value);
  if (value.is_null()) {
    text += "null";
    return true;
  }
  switch (value.type().kind()) {
    case Type::Kind::kString:
      WriteString(value.string(), text);
      return true;
    case Type::Kind::kNumber:
      is_infinite = value.number().is_infinite();
      if (is_infinite) return false;
      text += value.number().ToString();
      return true;
    case Type::Kind::kBool:
      text += value.boolean() ? "true" : "false";
      return true;
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      return WriteMembers(value, wanted);
    default:
      return WriteItems(value, wanted);
  }
}

// rapidjson takes the second half of a surrogate pair ("\ude00") alone for a character; Go puts
// the replacement character there.
std::string Repaired(std::string_view text) {
  std::string out(text);
  for (size_t at = out.find('\xED'); at != std::string::npos; at = out.find('\xED', at + 1)) {
    if (at + 2 < out.size() && static_cast<unsigned char>(out[at + 1]) >= 0xA0)
      out.replace(at, 3, "\xEF\xBF\xBD");
  }
  return out;
}

// Builds the value that the text shows, bottom up.
class Builder {
 public:
  bool Null() { return Put(Value::Null()); }
  bool Bool(bool b) { return Put(Value::Bool(b)); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    auto number = Number::Parse(std::string_view(text, size));
    if (!number.ok()) return Fail(number.error().message);
    return Put(Value::Number(*number));
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return Put(Value::String(Repaired({text, size})));
  }
  bool StartObject() { return Open(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back().keys.push_back(Repaired({text, size}));
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    Frame frame = Close();
    Value::Members members;
    for (size_t i = 0; i < frame.values.size(); ++i) {
      members.emplace_back(std::move(frame.keys[i]), std::move(frame.values[i]));
    }
    return Put(Value::Object(SortedForLookup(std::move(members))));
  }
  bool StartArray() { return Open(); }
  bool EndArray(rapidjson::SizeType) { return Put(Value::Tuple(Close().values)); }
  // Numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  Value value;
  std::string message;

 private:
  struct Frame {
    std::vector<std::string> keys;
    std::vector<Value> values;
  };

  // Documents have no order of attributes to remember; to remember one anyway costs
  // time that is quadratic in their number.
  static Value::Members SortedForLookup(Value::Members members) {
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return members;
  }
  bool Fail(std::string why) {
    message = std::move(why);
    return false;
  }
  bool Put(Value v) {
    if (open_.empty()) {
      value = std::move(v);
    } else {
      open_.back().values.push_back(std::move(v));
    }
    return true;
  }
  bool Open() {
    if (open_.size() >= kDepthMax) return Fail("the document is nested too deeply");
    open_.emplace_back();
    return true;
  }
  Frame Close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    return frame;
  }

  std::vector<Frame> open_;
};

std::string PlaceIn(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  auto before = text.substr(0, offset);
  auto line = std::count(before.begin(), before.end(), '\n') + 1;
  size_t start = before.rfind('\n');
  size_t column = offset - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

// Gives a document its type, part by part.
class Typing {
 public:
  Result<Value> Run(const Value& document, const Type& wanted);

 private:
  Result<Value> Primitive(const Value& document, const Type& wanted);
  Result<Value> Sequence(const Value& document, const Type& wanted);
  Result<Value> Members(const Value& document, const Type& wanted);
  Result<Value> Dynamic(const Value& document);
  Error Wrong(std::string_view what) const {
    std::string at = ToString(path_);
    return Error::Invalid("{}{}{}", at, at.empty() ? "" : ": ", what);
  }
  Path path_;
};

Result<Value> Typing::Primitive(const Value& document, const Type& wanted) {
  if (!document.type().is_primitive()) return Wrong(wanted.FriendlyName() + " is required");
  if (document.type() == wanted) return document;
  bool number_and_bool = !wanted.is_string() && !document.type().is_string();
  if (number_and_bool) return Wrong(wanted.FriendlyName() + " is required");
  if (wanted.is_string()) {
    return Value::String(document.type().is_bool() ? (document.boolean() ? "true" : "false")
                                                   : document.number().ToString());
  }
  if (wanted.is_number()) {
    auto number = Number::Parse(document.string());
    if (!number.ok()) return Wrong(number.error().message);
    return Value::Number(*number);
  }
  if (document.string() == "true" || document.string() == "1") return Value::True();
  if (document.string() == "false" || document.string() == "0") return Value::False();
  return Wrong("a bool is required");
}

Result<Value> Typing::Sequence(const Value& document, const Type& wanted) {
  if (!document.type().is_tuple()) return Wrong("an array is required");
  if (wanted.is_tuple() && wanted.elements().size() != document.items().size()) {
    return Wrong(fmt::format("an array of {} is required",
                             Count(static_cast<int64_t>(wanted.elements().size()), "element")));
  }
  Path outer = path_;
  std::vector<Value> items;
  for (const auto& item : document.items()) {
    path_ = outer.Index(Value::Number(items.size()));
    const Type& type = wanted.is_tuple() ? wanted.elements()[items.size()] : wanted.element();
    Value typed = TRY(Run(item, type));
    items.push_back(std::move(typed));
  }
  path_ = outer;
  if (wanted.is_tuple()) return Value::Tuple(std::move(items));
  for (const auto& item : items) {
    if (item.type() != items[0].type()) return Wrong("elements of one type are required");
  }
  Type element = items.empty() ? wanted.element().WithoutOptionalAttributes() : items[0].type();
  return wanted.is_list() ? Value::List(std::move(element), std::move(items))
                          : Value::Set(std::move(element), std::move(items));
}

Result<Value> Typing::Members(const Value& document, const Type& wanted) {
  if (!document.type().is_object()) return Wrong("an object is required");
  Path outer = path_;
  Value::Members members;
  for (const auto& [name, member] : document.members()) {
    const auto* attribute = wanted.is_object() ? wanted.FindAttribute(name) : nullptr;
    if (wanted.is_object() && !attribute) {
      return Wrong(fmt::format("unsupported attribute \"{}\"", name));
    }
    path_ = attribute ? outer.Attribute(name) : outer.Index(Value::String(name));
    Value typed = TRY(Run(member, attribute ? attribute->type : wanted.element()));
    members.emplace_back(name, std::move(typed));
  }
  path_ = outer;
  if (wanted.is_object()) {
    for (const auto& attribute : wanted.attributes()) {
      if (!document.Find(attribute.name)) {
        members.emplace_back(attribute.name, Value::Null(attribute.type));
      }
    }
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return Value::Object(std::move(members));
  }
  for (const auto& member : members) {
    if (member.second.type() != members[0].second.type()) {
      return Wrong("elements of one type are required");
    }
  }
  Type element =
      members.empty() ? wanted.element().WithoutOptionalAttributes() : members[0].second.type();
  return Value::Map(std::move(element), std::move(members));
}

Result<Value> Typing::Dynamic(const Value& document) {
  const Value* type = document.type().is_object() ? document.Find("type") : nullptr;
  const Value* value = document.type().is_object() ? document.Find("value") : nullptr;
  if (!type || !value) return Wrong("an object with \"value\" and \"type\" is required");
  auto text = TRY(ToJsonText(*type));
  auto json = TRY(Json::Parse(text));
  auto parsed = TypeFromJson(json);
  if (!parsed.ok()) return Wrong(parsed.error().message);
  return Run(*value, *parsed);
}

Result<Value> Typing::Run(const Value& document, const Type& wanted) {
  if (document.is_null()) return Value::Null(wanted);
  switch (wanted.kind()) {
    case Type::Kind::kDynamic:
      return Dynamic(document);
    case Type::Kind::kString:
    case Type::Kind::kNumber:
    case Type::Kind::kBool:
      return Primitive(document, wanted);
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      return Members(document, wanted);
    default:
      return Sequence(document, wanted);
  }
}

Result<std::string> Written(const Value& value, const Type& wanted) {
  Writer writer;
  if (!writer.Write(value, wanted)) {
    std::reverse(writer.steps.begin(), writer.steps.end());
    std::string at = ToString(Path(std::move(writer.steps)));
    return Error::Invalid(
        "The value{}{} {}.", at.empty() ? "" : " at ", at,
        writer.is_infinite ? "is infinite, which JSON cannot say" : "is not known yet");
  }
  return std::move(writer.text);
}

}  // namespace

Result<std::string> ToJsonText(const Value& value) { return Written(value, value.type()); }

Result<std::string> ToJsonText(const Value& value, const Type& wanted) {
  return Written(value, wanted);
}

Result<Value> FromJsonText(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Builder builder;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseValidateEncodingFlag;
  auto result = reader.Parse<kFlags>(stream, builder);
  if (!result.IsError()) return std::move(builder.value);
  std::string place = PlaceIn(text, result.Offset());
  if (!builder.message.empty()) return Error::Invalid("{}: {}", place, builder.message);
  std::string what = rapidjson::GetParseError_En(result.Code());
  return Error::Invalid("{}: {}", place, what);
}

Result<Value> FromJsonText(std::string_view text, const Type& wanted) {
  Value document = TRY(FromJsonText(text));
  return Typing().Run(document, wanted);
}

}  // namespace andon::value
