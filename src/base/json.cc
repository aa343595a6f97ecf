#include "base/json.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace andon {
namespace {

constexpr size_t kDepthMax = 512;  // Deeper documents are attacks, not data.

const std::string kNoString;
const Json::Array kNoItems;
const Json::Members kNoMembers;
const Json kNull;

// Builds a Json from rapidjson's events, with a stack of our own, so that the
// depth of a document never becomes the depth of ours.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  bool Null() { return Put(Json()); }
  bool Bool(bool b) { return Put(Json(b)); }
  // Numbers come as text: rapidjson's own reading of doubles looks beyond its table of powers for
  // some that are out of range.
  bool RawNumber(const char* s, rapidjson::SizeType n, bool) {
    std::string_view text(s, n);
    int64_t integer = 0;
    if (Reads(text, &integer)) return Put(Json(integer));
    double number = 0;
    if (Reads(text, &number) || IsTiny(text)) return Put(Json(number));
    refusal_ = "a number is too big to be stored in a double";
    return false;
  }
  bool String(const char* s, rapidjson::SizeType n, bool) {
    return IsText({s, n}) && Put(Json(std::string(s, n)));
  }
  bool Key(const char* s, rapidjson::SizeType n, bool) {
    keys_.back() = std::string(s, n);
    return IsText(keys_.back());
  }
  bool StartObject() { return Open(Json::Object()); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool StartArray() { return Open(Json::List()); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

  Json Take() { return std::move(done_); }
  // Why the builder stopped; null where it did not.
  const char* refusal() const { return refusal_; }

 private:
  template <typename T>
  static bool Reads(std::string_view text, T* number) {
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), *number);
    return failed == std::errc() && end == text.data() + text.size();
  }

  // Of a number that no double holds: below all of them, so that it is as good as 0.
  static bool IsTiny(std::string_view text) {
    size_t mark = std::min(text.find_first_of("eE"), text.size());
    std::string_view digits = text.substr(0, mark);
    int64_t exponent = 0;
    if (mark < text.size()) {
      std::string_view power = text.substr(mark + 1);
      if (power.starts_with('+')) power.remove_prefix(1);
      if (!Reads(power, &exponent)) return power.starts_with('-');
      exponent = std::clamp<int64_t>(exponent, -1'000'000'000, 1'000'000'000);
    }
    size_t point = std::min(digits.find('.'), digits.size());
    size_t first = digits.find_first_of("123456789");
    if (first == std::string_view::npos) return true;
    return int64_t(point) - int64_t(first) + exponent < 0;
  }

  // rapidjson takes the second half of a pair ("\ude00") alone for a character.
  bool IsText(std::string_view text) {
    for (size_t at = text.find('\xED'); at != std::string_view::npos;
         at = text.find('\xED', at + 1)) {
      if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) {
        refusal_ = "half of a surrogate pair stands alone in a string";
        return false;
      }
    }
    return true;
  }
  bool Open(Json container) {
    if (stack_.size() >= kDepthMax) {
      refusal_ = "it is nested deeper than 512";
      return false;
    }
    stack_.push_back(std::move(container));
    members_.emplace_back();
    keys_.emplace_back();
    return true;
  }
  bool Close() {
    Json container = std::move(stack_.back());
    if (container.is_object()) container = Json::Object(std::move(members_.back()));
    stack_.pop_back();
    members_.pop_back();
    keys_.pop_back();
    return Put(std::move(container));
  }
  bool Put(Json value) {
    if (stack_.empty()) {
      done_ = std::move(value);
    } else if (stack_.back().is_array()) {
      stack_.back().mutable_items().push_back(std::move(value));
    } else {
      members_.back().emplace_back(std::move(keys_.back()), std::move(value));
    }
    return true;
  }

  std::vector<Json> stack_;
  std::vector<Json::Members> members_;
  std::vector<std::string> keys_;
  Json done_;
  const char* refusal_ = nullptr;
};

// How a number that is not finite is written.
enum class NonFinite { kNull, kPython };

template <typename Writer>
void Write(const Json& json, Writer& writer, NonFinite non_finite) {
  if (json.is_null()) {
    writer.Null();
  } else if (json.is_bool()) {
    writer.Bool(json.AsBool());
  } else if (json.is_integer()) {
    writer.Int64(json.AsInteger());
  } else if (json.is_number()) {
    double d = json.AsDouble();
    if (std::isfinite(d)) {
      // The shortest digits that read back; rapidjson's own are not always.
      std::string digits = fmt::format("{}", d);
      if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
      writer.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
    } else if (non_finite == NonFinite::kPython) {
      std::string_view word = std::isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity";
      writer.RawValue(word.data(), word.size(), rapidjson::kNumberType);
    } else {
      writer.Null();
    }
  } else if (json.is_string()) {
    const std::string& s = json.AsString();
    writer.String(s.data(), s.size());
  } else if (json.is_array()) {
    writer.StartArray();
    for (const Json& item : json.items()) Write(item, writer, non_finite);
    writer.EndArray();
  } else {
    writer.StartObject();
    for (const auto& [key, value] : json.members()) {
      writer.Key(key.data(), key.size());
      Write(value, writer, non_finite);
    }
    writer.EndObject();
  }
}

std::string Print(const Json& json, int indent, NonFinite non_finite) {
  rapidjson::StringBuffer buffer;
  if (indent > 0) {
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
    writer.SetIndent(' ', indent);
    Write(json, writer, non_finite);
  } else {
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    Write(json, writer, non_finite);
  }
  return std::string(buffer.GetString(), buffer.GetSize());
}

// Iterative: the depth of the input must not become the depth of the stack.
constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseValidateEncodingFlag;

template <unsigned flags>
Result<Json> Read(std::string_view text, size_t* mistake_at) {
  Builder builder;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  auto parsed = reader.Parse<flags>(stream, builder);
  if (parsed.IsError()) {
    size_t at = std::min(parsed.Offset(), text.size());
    if (mistake_at) *mistake_at = at;
    std::string_view before = text.substr(0, at);
    size_t line = 1 + std::count(before.begin(), before.end(), '\n');
    size_t newline = before.rfind('\n');
    size_t column = newline == std::string_view::npos ? at + 1 : at - newline;
    return Error::Invalid(
        "not a JSON document: {} (line {}, column {})",
        builder.refusal() ? builder.refusal() : rapidjson::GetParseError_En(parsed.Code()), line,
        column);
  }
  return builder.Take();
}

// Where NaN or Infinity runs on into something else ("InfinityE0"), which rapidjson does not
// expect; the text's end where nowhere.
size_t FindBrokenWord(std::string_view text) {
  bool in_string = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && in_string)
      i++;
    else if (text[i] == '"')
      in_string = !in_string;
    if (in_string || i >= text.size() || (text[i] != 'N' && text[i] != 'I')) continue;
    for (std::string_view word : {"NaN", "Infinity"}) {
      if (text.substr(i, word.size()) != word) continue;
      size_t end = i + word.size();
      if (end < text.size() && std::string_view(",]} \t\r\n").find(text[end]) == text.npos)
        return i;
      i = end - 1;
      break;
    }
    if (text[i] == 'I') return i;  // "Inf": no word of Python's.
  }
  return text.size();
}

}  // namespace

Json::Json(uint64_t i) {
  if (i <= uint64_t(std::numeric_limits<int64_t>::max())) {
    data_ = int64_t(i);
  } else {
    data_ = double(i);
  }
}

bool Json::AsBool(bool other) const {
  const bool* b = std::get_if<bool>(&data_);
  return b ? *b : other;
}

int64_t Json::AsInteger(int64_t other) const {
  if (const int64_t* i = std::get_if<int64_t>(&data_)) return *i;
  if (const double* d = std::get_if<double>(&data_)) {
    if (*d == std::floor(*d) && std::abs(*d) < 9.2e18) return int64_t(*d);
  }
  return other;
}

double Json::AsDouble(double other) const {
  if (const double* d = std::get_if<double>(&data_)) return *d;
  if (const int64_t* i = std::get_if<int64_t>(&data_)) return double(*i);
  return other;
}

const std::string& Json::AsString() const {
  const std::string* s = std::get_if<std::string>(&data_);
  return s ? *s : kNoString;
}

std::string Json::AsString(std::string_view other) const {
  const std::string* s = std::get_if<std::string>(&data_);
  return s ? *s : std::string(other);
}

const Json::Array& Json::items() const {
  const Array* a = std::get_if<Array>(&data_);
  return a ? *a : kNoItems;
}

const Json::Members& Json::members() const {
  const Members* m = std::get_if<Members>(&data_);
  return m ? *m : kNoMembers;
}

Json::Array& Json::mutable_items() {
  if (is_null()) data_ = Array();
  ASSERT(is_array());
  return std::get<Array>(data_);
}

const Json* Json::Find(std::string_view key) const {
  const Members* members = std::get_if<Members>(&data_);
  if (members == nullptr) return nullptr;
  for (const auto& [name, value] : *members) {
    if (name == key) return &value;
  }
  return nullptr;
}

const Json& Json::operator[](std::string_view key) const {
  const Json* found = Find(key);
  return found ? *found : kNull;
}

Json& Json::Set(std::string_view key, Json value) {
  if (is_null()) data_ = Members();
  ASSERT(is_object());
  for (auto& [name, old] : std::get<Members>(data_)) {
    if (name == key) {
      old = std::move(value);
      return *this;
    }
  }
  std::get<Members>(data_).emplace_back(std::string(key), std::move(value));
  return *this;
}

void Json::Remove(std::string_view key) {
  if (!is_object()) return;
  auto& members = std::get<Members>(data_);
  std::erase_if(members, [&](const Member& m) { return m.first == key; });
}

void Json::Push(Json value) { mutable_items().push_back(std::move(value)); }

size_t Json::size() const { return is_array() ? items().size() : members().size(); }

std::string Json::Dump(int indent) const { return Print(*this, indent, NonFinite::kNull); }

std::string Json::DumpPython(int indent) const { return Print(*this, indent, NonFinite::kPython); }

bool Json::operator==(const Json& other) const {
  if (is_number() && other.is_number()) {
    if (is_integer() && other.is_integer()) return AsInteger() == other.AsInteger();
    return AsDouble() == other.AsDouble();
  }
  if (data_.index() != other.data_.index()) return false;
  if (!is_object()) return data_ == other.data_;
  if (size() != other.size()) return false;
  return std::all_of(members().begin(), members().end(), [&](const Member& m) {
    const Json* theirs = other.Find(m.first);
    return theirs != nullptr && *theirs == m.second;
  });
}

Result<Json> Json::Parse(std::string_view text) { return Read<kParseFlags>(text, nullptr); }

Result<Json> Json::ParsePython(std::string_view text, size_t* mistake_at) {
  // Cut there, the text is broken there.
  text = text.substr(0, FindBrokenWord(text));
  return Read < kParseFlags | rapidjson::kParseNanAndInfFlag > (text, mistake_at);
}

}  // namespace andon
