#include "value/msgpack.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "value/path.h"

namespace andon::value {
namespace {

// The first bytes of the format.
enum Code : uint8_t {
  kFixMap = 0x80,
  kFixArray = 0x90,
  kFixStr = 0xa0,
  kNil = 0xc0,
  kFalse = 0xc2,
  kTrue = 0xc3,
  kBin8 = 0xc4,
  kBin32 = 0xc6,
  kExt8 = 0xc7,
  kExt32 = 0xc9,
  kFloat32 = 0xca,
  kFloat64 = 0xcb,
  kUint8 = 0xcc,
  kUint64 = 0xcf,
  kInt8 = 0xd0,
  kInt64 = 0xd3,
  kFixExt1 = 0xd4,
  kFixExt16 = 0xd8,
  kStr8 = 0xd9,
  kStr32 = 0xdb,
  kArray16 = 0xdc,
  kArray32 = 0xdd,
  kMap16 = 0xde,
  kMap32 = 0xdf,
  kNegativeFixInt = 0xe0,
};

constexpr int kNumberBits = 512;
constexpr uint8_t kRefinedUnknown = 12;
// A description of what is known of an unknown value is a few words.
constexpr size_t kRefinementsMax = 1024;
// Of a prefix so many bytes are sent.
constexpr size_t kPrefixMax = 256;

std::string_view WithinLimit(std::string_view prefix) {
  return prefix.size() <= kPrefixMax ? prefix : SafePrefix(prefix.substr(0, kPrefixMax));
}

enum RefinementKey : int64_t {
  kIsNull = 1,
  kStringPrefix = 2,
  kNumberMin = 3,
  kNumberMax = 4,
  kLengthMin = 5,
  kLengthMax = 6,
};

// Where something is wrong: the steps are gathered from the inside outwards, so
// that values which are right cost nothing.
class Mistake {
 public:
  bool At(Step step) {
    steps_.push_back(std::move(step));
    return false;
  }
  bool Says(std::string what) {
    what_ = std::move(what);
    return false;
  }
  Error error() {
    std::reverse(steps_.begin(), steps_.end());
    std::string at = ToString(Path(std::move(steps_)));
    return Error::Invalid("{}{}{}", at, at.empty() ? "" : ": ", what_);
  }

 private:
  std::vector<Step> steps_;
  std::string what_;
};

class Encoder {
 public:
  bool Write(const Value& value, const Type& type, int depth);
  std::string bytes;
  Mistake mistake;

 private:
  void Byte(int b) { bytes += static_cast<char>(b); }
  void BigEndian(uint64_t n, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) Byte(static_cast<int>(n >> shift));
  }
  void Unsigned(uint64_t n);
  void Integer(int64_t n);
  void Float(double d) {
    Byte(kFloat64);
    BigEndian(std::bit_cast<uint64_t>(d), 8);
  }
  void Str(std::string_view text);
  void Bin(std::string_view text);
  void Array(size_t size) { Sized(size, kFixArray, kArray16); }
  void Map(size_t size) { Sized(size, kFixMap, kMap16); }
  void Sized(size_t size, Code fix, Code two);
  void NumberOf(const Number& number);
  void Unknown(const Value& value);
  bool Items(const Value& value, const Type& type, int depth);
  bool Members(const Value& value, const Type& element, int depth);
  bool Attributes(const Value& value, const Type& type, int depth);
};

void Encoder::Unsigned(uint64_t n) {
  if (n <= 0x7f) return Byte(static_cast<int>(n));
  int power = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
  Byte(kUint8 + power);
  BigEndian(n, 1 << power);
}

void Encoder::Integer(int64_t n) {
  if (n >= 0) return Unsigned(static_cast<uint64_t>(n));
  if (n >= -32) return Byte(static_cast<int>(n));
  int power = n >= INT8_MIN ? 0 : n >= INT16_MIN ? 1 : n >= INT32_MIN ? 2 : 3;
  Byte(kInt8 + power);
  BigEndian(static_cast<uint64_t>(n), 1 << power);
}

void Encoder::Str(std::string_view text) {
  if (text.size() < 32) {
    Byte(kFixStr | static_cast<int>(text.size()));
  } else {
    int power = text.size() <= 0xff ? 0 : text.size() <= 0xffff ? 1 : 2;
    Byte(kStr8 + power);
    BigEndian(text.size(), 1 << power);
  }
  bytes += text;
}

void Encoder::Bin(std::string_view text) {
  int power = text.size() <= 0xff ? 0 : text.size() <= 0xffff ? 1 : 2;
  Byte(kBin8 + power);
  BigEndian(text.size(), 1 << power);
  bytes += text;
}

void Encoder::Sized(size_t size, Code fix, Code two) {
  if (size < 16) return Byte(fix | static_cast<int>(size));
  bool is_short = size <= 0xffff;
  Byte(is_short ? two : two + 1);
  BigEndian(size, is_short ? 2 : 4);
}

void Encoder::NumberOf(const Number& number) {
  if (number.is_infinite()) return Float(number.ToDouble());
  if (std::optional<int64_t> integer = number.ToInt64()) return Integer(*integer);
  double real = number.ToDouble();
  bool is_exact = std::isfinite(real) && !number.is_integer() && Number::FromDouble(real) == number;
  if (is_exact) return Float(real);
  // All digits, also of a number that came from a double and would be shown with fewer.
  Str(number.WithPrecision(kNumberBits).ToString());
}

void Encoder::Unknown(const Value& value) {
  const Refinement known = value.refinement();
  if (!known.not_null && !known.has_range()) {
    bytes += std::string_view("\xd4\0\0", 3);
    return;
  }
  // Extension 12: a map of what is known.
  Encoder body;
  int count = 0;
  auto key = [&](RefinementKey which) {
    ++count;
    body.Integer(which);
  };
  auto bound = [&](RefinementKey which, const std::optional<Bound>& at) {
    if (!at) return;
    key(which);
    body.Array(2);
    body.NumberOf(at->at);
    body.bytes += static_cast<char>(at->is_inclusive ? kTrue : kFalse);
  };
  if (known.not_null) {
    key(kIsNull);
    body.bytes += static_cast<char>(kFalse);
  }
  if (!known.prefix.empty()) {
    key(kStringPrefix);
    body.Str(WithinLimit(known.prefix));
  }
  bound(kNumberMin, known.min);
  bound(kNumberMax, known.max);
  if (known.length_min > 0) {
    key(kLengthMin);
    body.Integer(known.length_min);
  }
  if (known.length_max) {
    key(kLengthMax);
    body.Integer(*known.length_max);
  }
  const size_t size = body.bytes.size() + 1;
  if (size <= 0xff) {
    bytes += '\xc7';
  } else {
    bytes += '\xc8';
    bytes += static_cast<char>(size >> 8);
  }
  bytes += static_cast<char>(size & 0xff);
  bytes += static_cast<char>(kRefinedUnknown);
  bytes += static_cast<char>(kFixMap + count);
  bytes += body.bytes;
}

bool Encoder::Items(const Value& value, const Type& type, int depth) {
  const std::vector<Value>& items = value.items();
  if (type.is_tuple() && type.elements().size() != items.size())
    return mistake.Says(
        fmt::format("a tuple of {} is required",
                    Count(static_cast<int64_t>(type.elements().size()), "element")));
  Array(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    const Type& wanted = type.is_tuple() ? type.elements()[i] : type.element();
    if (!Write(items[i], wanted, depth + 1)) return mistake.At(IndexStep{Value::Number(i)});
  }
  return true;
}

bool Encoder::Members(const Value& value, const Type& element, int depth) {
  Map(value.members().size());
  for (const auto& [name, member] : value.members()) {
    Str(name);
    if (!Write(member, element, depth + 1)) return mistake.At(IndexStep{Value::String(name)});
  }
  return true;
}

bool Encoder::Attributes(const Value& value, const Type& type, int depth) {
  const std::vector<Type::Attribute>& attributes = type.attributes();
  const Value::Members& members = value.members();
  if (attributes.size() != members.size())
    return mistake.Says(fmt::format("an object with {} is required ({} given)",
                                    Count(static_cast<int64_t>(attributes.size()), "attribute"),
                                    members.size()));
  Map(attributes.size());
  for (size_t i = 0; i < attributes.size(); ++i) {
    // Both are ordered by name.
    const auto& [name, member] = members[i];
    if (name != attributes[i].name)
      return mistake.Says(fmt::format("attribute \"{}\" is required", attributes[i].name));
    Str(name);
    if (!Write(member, attributes[i].type, depth + 1)) return mistake.At(AttributeStep{name});
  }
  return true;
}

bool Encoder::Write(const Value& value, const Type& type, int depth) {
  if (depth > kMsgpackDepthMax) return mistake.Says("the value is nested too deeply");
  if (value.is_marked())
    return mistake.Says("the value is sensitive or ephemeral and must be unmarked first");
  if (type.is_dynamic() && !value.type().is_dynamic()) {
    Array(2);
    Bin(ToJson(value.type()).Dump());
    return Write(value, value.type(), depth + 1);
  }
  if (!value.is_known()) {
    Unknown(value);
    return true;
  }
  if (value.is_null()) {
    Byte(kNil);
    return true;
  }
  if (value.type().kind() != type.kind()) return mistake.Says(type.FriendlyName() + " is required");
  switch (type.kind()) {
    case Type::Kind::kString:
      Str(value.string());
      return true;
    case Type::Kind::kNumber:
      NumberOf(value.number());
      return true;
    case Type::Kind::kBool:
      Byte(value.boolean() ? kTrue : kFalse);
      return true;
    case Type::Kind::kMap:
      return Members(value, type.element(), depth);
    case Type::Kind::kObject:
      return Attributes(value, type, depth);
    default:
      return Items(value, type, depth);
  }
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}
  bool Read(const Type& type, int depth, Value* value);
  Mistake mistake;

 private:
  bool Peek(uint8_t* code) const {
    if (bytes_.empty()) return false;
    *code = static_cast<uint8_t>(bytes_[0]);
    return true;
  }
  bool Take(size_t size, std::string_view* taken) {
    if (size > bytes_.size()) return false;
    *taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return true;
  }
  bool BigEndian(int size, uint64_t* n) {
    std::string_view taken;
    if (!Take(size, &taken)) return false;
    *n = 0;
    for (char c : taken) *n = *n << 8 | static_cast<uint8_t>(c);
    return true;
  }
  // Each leaves the bytes where they were, or past what it read; false where they
  // are something else, or end too early.
  bool Text(std::string_view* text);
  bool Integer(Number* number);
  bool Real(uint8_t code, Number* number);
  bool Length(Code fix, Code two, size_t* length);
  bool ExtensionHeader(uint8_t* kind, size_t* size);

  bool Unknown(const Type& type, Value* value);
  bool Refinements(const Type& type, std::string_view body, Refinement* refinement);
  bool Refine(const Type& type, int64_t key, Refinement* refinement);
  bool ReadBound(std::optional<Bound>* bound);
  bool ReadNumber(Value* value);
  bool Dynamic(int depth, Value* value);
  bool Items(const Type& type, int depth, Value* value);
  bool Members(const Type& type, int depth, Value* value);
  bool Attributes(const Type& type, int depth, Value* value);

  std::string_view bytes_;
};

bool Decoder::Text(std::string_view* text) {
  uint8_t code = 0;
  if (!Peek(&code)) return false;
  std::string_view before = bytes_;
  bytes_.remove_prefix(1);
  uint64_t size = code & 0x1f;
  bool ok = true;
  if (code >= kStr8 && code <= kStr32) {
    ok = BigEndian(1 << (code - kStr8), &size);
  } else if (code >= kBin8 && code <= kBin32) {
    ok = BigEndian(1 << (code - kBin8), &size);
  } else {
    ok = (code & 0xe0) == kFixStr;
  }
  if (ok && Take(size, text)) return true;
  bytes_ = before;
  return false;
}

bool Decoder::Integer(Number* number) {
  uint8_t code = 0;
  if (!Peek(&code)) return false;
  if (code < kFixMap || code >= kNegativeFixInt) {
    bytes_.remove_prefix(1);
    *number = static_cast<int8_t>(code);
    return true;
  }
  bool is_unsigned = code >= kUint8 && code <= kUint64;
  if (!is_unsigned && (code < kInt8 || code > kInt64)) return false;
  bytes_.remove_prefix(1);
  int size = 1 << (code - (is_unsigned ? kUint8 : kInt8));
  uint64_t n = 0;
  if (!BigEndian(size, &n)) return false;
  if (is_unsigned) {
    *number = n;
    return true;
  }
  int unused = 64 - 8 * size;
  *number = static_cast<int64_t>(n << unused) >> unused;
  return true;
}

bool Decoder::Real(uint8_t code, Number* number) {
  bytes_.remove_prefix(1);
  uint64_t n = 0;
  if (!BigEndian(code == kFloat32 ? 4 : 8, &n)) return false;
  double real = code == kFloat32 ? double{std::bit_cast<float>(static_cast<uint32_t>(n))}
                                 : std::bit_cast<double>(n);
  if (std::isnan(real)) return false;
  *number = Number::FromDouble(real);
  return true;
}

bool Decoder::Length(Code fix, Code two, size_t* length) {
  uint8_t code = 0;
  if (!Peek(&code)) return false;
  if ((code & 0xf0) == fix) {
    bytes_.remove_prefix(1);
    *length = code & 0x0f;
    return true;
  }
  if (code != two && code != two + 1) return false;
  bytes_.remove_prefix(1);
  uint64_t n = 0;
  if (!BigEndian(code == two ? 2 : 4, &n)) return false;
  *length = n;
  // Each element has at least one byte: a length that lies costs no memory.
  return n <= bytes_.size();
}

bool Decoder::ExtensionHeader(uint8_t* kind, size_t* size) {
  uint8_t code = static_cast<uint8_t>(bytes_[0]);
  bytes_.remove_prefix(1);
  uint64_t n = 0;
  if (code >= kFixExt1 && code <= kFixExt16) {
    n = uint64_t{1} << (code - kFixExt1);
  } else if (!BigEndian(1 << (code - kExt8), &n)) {
    return false;
  }
  uint64_t number = 0;
  if (!BigEndian(1, &number)) return false;
  *kind = static_cast<uint8_t>(number);
  *size = n;
  return true;
}

// [number, bool]: how far, and whether that itself counts.
bool Decoder::ReadBound(std::optional<Bound>* bound) {
  static const Type kBound = Type::Tuple({Type::Number(), Type::Bool()});
  Value read;
  if (!Read(kBound, 0, &read) || !read.is_known_not_null() || !read.is_wholly_known() ||
      read.items()[0].is_null() || read.items()[1].is_null())
    return false;
  const Number& at = read.items()[0].number();
  // As far as can be is no bound.
  if (!at.is_infinite()) *bound = Bound{at, read.items()[1].boolean()};
  return true;
}

bool Decoder::Refine(const Type& type, int64_t key, Refinement* refinement) {
  uint8_t code = 0;
  Number number;
  std::string_view text;
  switch (key) {
    case kIsNull:
      if (!Peek(&code) || (code != kFalse && code != kTrue)) return false;
      bytes_.remove_prefix(1);
      refinement->not_null = code == kFalse;
      return true;
    case kStringPrefix:
      if (!type.is_string() || !Text(&text) || !IsUtf8(text)) return false;
      refinement->prefix = Value::String(text).string();
      return true;
    case kNumberMin:
      return type.is_number() && ReadBound(&refinement->min);
    case kNumberMax:
      return type.is_number() && ReadBound(&refinement->max);
    case kLengthMin:
    case kLengthMax: {
      if (!type.is_collection() || !Integer(&number)) return false;
      std::optional<int64_t> length = number.ToInt64();
      if (!length || *length < 0) return false;
      if (key == kLengthMin)
        refinement->length_min = *length;
      else
        refinement->length_max = *length;
      return true;
    }
    default:
      return false;
  }
}

bool Decoder::Refinements(const Type& type, std::string_view body, Refinement* refinement) {
  Decoder inner(body);
  size_t count = 0;
  if (!inner.Length(kFixMap, kMap16, &count)) return false;
  for (size_t i = 0; i < count; ++i) {
    Number number;
    if (!inner.Integer(&number)) return false;
    int64_t key = number.ToInt64().value_or(0);
    // A kind from the future: what it says cannot be skipped, and is not needed.
    if (key < kIsNull || key > kLengthMax) return true;
    if (!inner.Refine(type, key, refinement)) return false;
  }
  return true;
}

bool Decoder::Unknown(const Type& type, Value* value) {
  uint8_t kind = 0;
  size_t size = 0;
  std::string_view body;
  if (!ExtensionHeader(&kind, &size) || size > bytes_.size())
    return mistake.Says("an unknown value ends too early");
  if (size > kRefinementsMax)
    return mistake.Says(
        fmt::format("what is said of an unknown value takes {} bytes, and at most "
                    "{} are allowed",
                    size, kRefinementsMax));
  Take(size, &body);
  Refinement refinement;
  if (size > 1) {
    if (kind != kRefinedUnknown)
      return mistake.Says(fmt::format("there is no extension of kind {}", kind));
    bool is_read = type.is_dynamic() || Refinements(type, body, &refinement);
    if (!is_read) return mistake.Says("what is said of an unknown value cannot be read");
  }
  *value = Value::Unknown(type, refinement);
  return true;
}

bool Decoder::ReadNumber(Value* value) {
  uint8_t code = 0;
  std::string_view text;
  Number number;
  if (!Peek(&code)) return mistake.Says("a number is required");
  bool ok = false;
  if (code == kFloat32 || code == kFloat64) {
    ok = Real(code, &number);
  } else if (Text(&text)) {
    Result<Number> parsed = Number::Parse(text);
    ok = parsed.ok();
    if (ok) number = *parsed;
  } else {
    ok = Integer(&number);
  }
  if (!ok) return mistake.Says("a number is required");
  *value = Value::Number(std::move(number));
  return true;
}

bool Decoder::Dynamic(int depth, Value* value) {
  size_t length = 0;
  std::string_view text;
  bool is_pair = Length(kFixArray, kArray16, &length) && length == 2 && Text(&text);
  if (!is_pair) return mistake.Says("a type and a value of it are required");
  Result<Json> json = Json::Parse(text);
  if (!json.ok()) return mistake.Says("no type: " + json.error().message);
  Result<Type> type = TypeFromJson(*json);
  if (!type.ok()) return mistake.Says(type.error().message);
  return Read(*type, depth + 1, value);
}

bool HaveOneType(const std::vector<Value>& items) {
  return std::all_of(items.begin(), items.end(),
                     [&](const Value& item) { return item.type() == items[0].type(); });
}

bool Decoder::Items(const Type& type, int depth, Value* value) {
  size_t length = 0;
  if (!Length(kFixArray, kArray16, &length))
    return mistake.Says(type.FriendlyName() + " is required");
  if (type.is_tuple() && length != type.elements().size())
    return mistake.Says(fmt::format("a tuple of {} is required ({} given)",
                                    Count(static_cast<int64_t>(type.elements().size()), "element"),
                                    length));
  std::vector<Value> items(length);
  for (size_t i = 0; i < length; ++i) {
    const Type& wanted = type.is_tuple() ? type.elements()[i] : type.element();
    if (!Read(wanted, depth + 1, &items[i])) return mistake.At(IndexStep{Value::Number(i)});
  }
  if (type.is_tuple()) {
    *value = Value::Tuple(std::move(items));
    return true;
  }
  Type element = type.element().WithoutOptionalAttributes();
  if (element.has_dynamic() && !items.empty()) {
    if (!HaveOneType(items)) return mistake.Says("elements of one type are required");
    element = items[0].type();
  }
  *value = type.is_list() ? Value::List(std::move(element), std::move(items))
                          : Value::Set(std::move(element), std::move(items));
  return true;
}

bool Decoder::Members(const Type& type, int depth, Value* value) {
  size_t length = 0;
  if (!Length(kFixMap, kMap16, &length)) return mistake.Says(type.FriendlyName() + " is required");
  Value::Members members(length);
  for (auto& [name, member] : members) {
    std::string_view key;
    if (!Text(&key)) return mistake.Says("a key that is a string is required");
    name = key;
    if (!Read(type.element(), depth + 1, &member))
      return mistake.At(IndexStep{Value::String(name)});
  }
  Type element = type.element().WithoutOptionalAttributes();
  if (element.has_dynamic() && !members.empty()) {
    for (const auto& [name, member] : members) {
      if (member.type() != members[0].second.type())
        return mistake.Says("elements of one type are required");
    }
    element = members[0].second.type();
  }
  *value = Value::Map(std::move(element), std::move(members));
  return true;
}

bool Decoder::Attributes(const Type& type, int depth, Value* value) {
  const std::vector<Type::Attribute>& attributes = type.attributes();
  size_t length = 0;
  if (!Length(kFixMap, kMap16, &length)) return mistake.Says("an object is required");
  if (length != attributes.size())
    return mistake.Says(fmt::format("an object with {} is required ({} given)",
                                    Count(static_cast<int64_t>(attributes.size()), "attribute"),
                                    length));
  Value::Members members;
  std::vector<bool> is_given(length);
  for (const Type::Attribute& a : attributes) members.emplace_back(a.name, Value());
  for (size_t i = 0; i < length; ++i) {
    std::string_view key;
    if (!Text(&key)) return mistake.Says("names of attributes must be strings");
    // They mostly come in order.
    size_t at = i;
    if (attributes[at].name != key) {
      const Type::Attribute* found = type.FindAttribute(key);
      if (found == nullptr) return mistake.Says(fmt::format("unsupported attribute \"{}\"", key));
      at = static_cast<size_t>(found - attributes.data());
    }
    if (is_given[at]) return mistake.Says(fmt::format("attribute \"{}\" comes twice", key));
    is_given[at] = true;
    if (!Read(attributes[at].type, depth + 1, &members[at].second))
      return mistake.At(AttributeStep{attributes[at].name});
  }
  *value = Value::Object(std::move(members));
  return true;
}

bool Decoder::Read(const Type& type, int depth, Value* value) {
  uint8_t code = 0;
  if (!Peek(&code)) return mistake.Says("the value ends too early");
  if (depth > kMsgpackDepthMax) return mistake.Says("the value is nested too deeply");
  // There is no other extension than that for unknown values.
  bool is_extension = (code >= kExt8 && code <= kExt32) || (code >= kFixExt1 && code <= kFixExt16);
  if (is_extension) return Unknown(type, value);
  if (code == kNil) {
    bytes_.remove_prefix(1);
    *value = Value::Null(type);
    return true;
  }
  std::string_view text;
  switch (type.kind()) {
    case Type::Kind::kDynamic:
      return Dynamic(depth, value);
    case Type::Kind::kString:
      if (!Text(&text)) return mistake.Says("a string is required");
      if (!IsUtf8(text)) return mistake.Says("a string that is UTF-8 is required");
      *value = Value::String(text);
      return true;
    case Type::Kind::kNumber:
      return ReadNumber(value);
    case Type::Kind::kBool:
      if (code != kFalse && code != kTrue) return mistake.Says("a bool is required");
      bytes_.remove_prefix(1);
      *value = Value::Bool(code == kTrue);
      return true;
    case Type::Kind::kMap:
      return Members(type, depth, value);
    case Type::Kind::kObject:
      return Attributes(type, depth, value);
    default:
      return Items(type, depth, value);
  }
}

}  // namespace

Result<std::string> ToMsgpack(const Value& value, const Type& type) {
  Encoder encoder;
  if (!encoder.Write(value, type, 0)) return encoder.mistake.error();
  return std::move(encoder.bytes);
}

Result<Value> FromMsgpack(std::string_view bytes, const Type& type) {
  Decoder decoder(bytes);
  Value value;
  if (!decoder.Read(type, 0, &value)) return decoder.mistake.error();
  return value;
}

}  // namespace andon::value
