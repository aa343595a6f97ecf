// JsonReader: a JSON text read from front to back, without a tree, for files that may be
// a hundred megabytes. The reader of a format walks along with it and says what it
// expects; the first mistake ends everything and keeps its place.
//
//   JsonReader in(text);
//   for (bool more = in.EnterObject(); more && in.NextMember(key);)
//     key == "serial" ? in.Read(serial, key) : in.Skip();
//   if (in.failed()) Report(in.message(), in.Place(filename));
//
// null is read as nothing at all: what it is read into keeps its value. Depth costs no
// stack; more than kJsonDepthMax levels are a mistake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/source.h"

namespace andon::state {

inline constexpr int kJsonDepthMax = 10000;

class JsonReader {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject, kEnd };

  // Lifetime: `text` is kept.
  explicit JsonReader(std::string_view text) : text_(text) {}

  // What comes next; kEnd where nothing does, or after a mistake.
  Kind Peek();

  // True where an object begins, which NextMember then goes through. Null and anything
  // else give false, the latter with a mistake that names `what`.
  bool EnterObject(std::string_view what = {});
  bool NextMember(std::string& key);
  bool EnterArray(std::string_view what = {});
  bool NextItem();

  void Read(std::string& to, std::string_view what);
  void Read(uint64_t& to, std::string_view what);  // A whole number from 0.
  void Read(bool& to, std::string_view what);
  // The value's own text without white space, with what HTML cannot bear escaped as
  // Go's encoder does it. Numbers keep their digits. Null is "null".
  void ReadRaw(std::string& to);
  void Skip();
  // Nothing but white space may follow.
  void ExpectEnd();

  void Fail(std::string message);
  bool failed() const { return !message_.empty(); }
  const std::string& message() const { return message_; }
  size_t at() const { return at_; }
  // The place of the mistake, or of what comes next.
  SourceRange Place(std::string filename) const;

 private:
  void SkipSpace();
  bool Take(char c);
  bool Expect(Kind kind, std::string_view what, std::string_view article_and_kind);
  // Walks over one value; copies it to `to` where that is not null.
  void Walk(std::string* to);
  void WalkString(std::string* to);
  void WalkScalar(std::string* to);
  bool TakeNumber();
  bool TakeEscape(std::string& to);

  std::string_view text_;
  size_t at_ = 0;
  bool first_ = false;  // Directly behind the opening bracket of what was entered.
  std::string message_;
  std::string brackets_;  // The open ones of the value that Walk is in.
};

// Appends the string in quotes as Go's encoder writes it.
void AppendJsonString(std::string_view text, std::string& to);

}  // namespace andon::state
