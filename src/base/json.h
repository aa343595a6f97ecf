// Json: a JSON document as plain data, for metadata, journals and interfaces.
//
// Objects keep the order in which they were written, so a document that is read
// and written again is the same text. Integers are exact within int64; numbers
// with a fraction or an exponent, or beyond int64, are doubles. Terraform's
// values, which need 512-bit numbers, have a codec of their own (value/json.h).
//
//   Json event = Json::Object({{"kind", "published"}, {"rows", 1157}});
//   event.Set("table", "payment");
//   std::string line = event.Dump();
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace andon {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Members = std::vector<Member>;

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool b) : data_(b) {}
  Json(int i) : data_(int64_t{i}) {}
  Json(int64_t i) : data_(i) {}
  Json(uint64_t i);
  Json(long long i) : data_(static_cast<int64_t>(i)) {}
  Json(double d) : data_(d) {}  // Not finite: written as null.
  Json(const char* s) : data_(std::string(s)) {}
  Json(std::string s) : data_(std::move(s)) {}
  Json(std::string_view s) : data_(std::string(s)) {}
  Json(Array items) : data_(std::move(items)) {}
  static Json Object(Members members = {}) {
    Json json;
    json.data_ = std::move(members);
    return json;
  }
  static Json List(Array items = {}) { return Json(std::move(items)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(data_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Members>(data_); }

  // The content, or `other` where it is of another kind: readers of documents
  // that somebody else wrote never crash on a surprising type.
  bool AsBool(bool other = false) const;
  int64_t AsInteger(int64_t other = 0) const;  // A whole double counts.
  double AsDouble(double other = 0) const;
  const std::string& AsString() const;  // Empty where it is no string.
  std::string AsString(std::string_view other) const;
  const Array& items() const;      // Empty where it is no array.
  const Members& members() const;  // Empty where it is no object.
  Array& mutable_items();          // Requires: is_array() or is_null().

  // The member, or the null document where there is none.
  const Json& operator[](std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  const Json* Find(std::string_view key) const;
  // Replaces or appends. Requires: is_object() or is_null().
  Json& Set(std::string_view key, Json value);
  void Remove(std::string_view key);
  // Requires: is_array() or is_null().
  void Push(Json value);

  size_t size() const;

  // Compact, or with `indent` spaces a level.
  std::string Dump(int indent = 0) const;
  // The same for readers in Python: numbers that are not finite as NaN, Infinity, -Infinity.
  std::string DumpPython(int indent = 0) const;

  // Equal as documents: the order of members does not matter.
  bool operator==(const Json& other) const;

  // kInvalid with line and column for text that is no JSON, is nested deeper
  // than 512, has invalid UTF-8, or has anything behind the document.
  static Result<Json> Parse(std::string_view text);
  // As Parse, and what Python's json writes beyond the standard: NaN, Infinity, -Infinity.
  // `mistake_at`, where given, receives the byte at which a text that is no JSON goes wrong.
  static Result<Json> ParsePython(std::string_view text, size_t* mistake_at = nullptr);

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Members> data_;
};

}  // namespace andon
