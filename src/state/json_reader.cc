#include "state/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace andon::state {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsLineSeparator(std::string_view text) {
  return text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9");
}

// What stands as it is inside a string, both read and written.
bool IsPlain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' &&
         c != '&' && c != '\xE2';
}

void AppendUtf8(uint32_t code, std::string& to) {
  int tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr uint32_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
  to += static_cast<char>(kLead[tail] | code >> (6 * tail));
  while (tail-- > 0) to += static_cast<char>(0x80 | (code >> (6 * tail) & 0x3f));
}

bool ReadHex(std::string_view text, size_t at, uint32_t& code) {
  if (at + 4 > text.size()) return false;
  const char* begin = text.data() + at;
  auto [end, failed] = std::from_chars(begin, begin + 4, code, 16);
  return failed == std::errc() && end == begin + 4;
}

std::string_view Name(JsonReader::Kind kind) {
  switch (kind) {
    case JsonReader::Kind::kNull:
      return "null";
    case JsonReader::Kind::kBool:
      return "true or false";
    case JsonReader::Kind::kNumber:
      return "a number";
    case JsonReader::Kind::kString:
      return "a string";
    case JsonReader::Kind::kArray:
      return "a list";
    case JsonReader::Kind::kObject:
      return "an object";
    default:
      return "nothing";
  }
}

}  // namespace

void JsonReader::SkipSpace() {
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
    ++at_;
  }
}

bool JsonReader::Take(char c) {
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonReader::Fail(std::string message) {
  if (failed()) return;
  // Whatever is missed at the end is missed because the text was cut off.
  message_ = at_ >= text_.size() ? "the text ends before it is complete" : std::move(message);
}

SourceRange JsonReader::Place(std::string filename) const {
  std::string_view before = text_.substr(0, std::min(at_, text_.size()));
  auto line = static_cast<int32_t>(std::count(before.begin(), before.end(), '\n'));
  size_t newline = before.rfind('\n');
  std::string_view on_line =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  // A file of one line is no text to count characters in.
  constexpr size_t kCountedMax = 4096;
  int64_t column =
      on_line.size() < kCountedMax ? GraphemeCount(on_line) : static_cast<int64_t>(on_line.size());
  SourcePos pos{line + 1, static_cast<int32_t>(column + 1), static_cast<int32_t>(at_)};
  return {std::move(filename), pos, pos};
}

JsonReader::Kind JsonReader::Peek() {
  if (failed()) return Kind::kEnd;
  SkipSpace();
  if (at_ >= text_.size()) {
    Fail("no value begins here");
    return Kind::kEnd;
  }
  switch (text_[at_]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBool;
    case 'n':
      return Kind::kNull;
    default:
      if (text_[at_] == '-' || IsDigit(text_[at_])) return Kind::kNumber;
      Fail("no value begins here");
      return Kind::kEnd;
  }
}

bool JsonReader::Expect(Kind kind, std::string_view what, std::string_view wanted) {
  Kind found = Peek();
  if (found == kind) return true;
  if (failed()) return false;
  if (found == Kind::kNull) {
    Skip();
  } else {
    Fail(fmt::format("{} must be {}, and is {}",
                     what.empty() ? std::string("this") : fmt::format("\"{}\"", what), wanted,
                     Name(found)));
  }
  return false;
}

bool JsonReader::EnterObject(std::string_view what) {
  if (!Expect(Kind::kObject, what, "an object")) return false;
  ++at_;
  return first_ = true;
}

bool JsonReader::NextMember(std::string& key) {
  if (failed()) return false;
  if (Take('}')) return first_ = false;
  if (!first_ && !Take(',')) {
    Fail("a comma or a closing brace is missing");
    return false;
  }
  first_ = false;
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != '"') {
    Fail("the name of a member is missing");
    return false;
  }
  key.clear();
  Read(key, "name");
  if (!failed() && !Take(':')) Fail("a colon is missing");
  return !failed();
}

bool JsonReader::EnterArray(std::string_view what) {
  if (!Expect(Kind::kArray, what, "a list")) return false;
  ++at_;
  return first_ = true;
}

bool JsonReader::NextItem() {
  if (failed()) return false;
  if (Take(']')) return first_ = false;
  if (!first_ && !Take(',')) {
    Fail("a comma or a closing bracket is missing");
    return false;
  }
  first_ = false;
  return true;
}

// The character behind a backslash. Requires: at_ is behind it.
bool JsonReader::TakeEscape(std::string& to) {
  if (at_ >= text_.size()) return false;
  char c = text_[at_++];
  if (c == 'u') {
    uint32_t code = 0;
    if (!ReadHex(text_, at_, code)) return false;
    at_ += 4;
    uint32_t low = 0;
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u") &&
        ReadHex(text_, at_ + 2, low) && low >= 0xdc00 && low < 0xe000) {
      at_ += 6;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    // Half a pair is no character; Go puts the replacement character.
    AppendUtf8(code >= 0xd800 && code < 0xe000 ? 0xfffd : code, to);
    return true;
  }
  size_t found = std::string_view("\"\\/bfnrt").find(c);
  if (found == std::string_view::npos) return false;
  to += "\"\\/\b\f\n\r\t"[found];
  return true;
}

void JsonReader::Read(std::string& to, std::string_view what) {
  if (!Expect(Kind::kString, what, "a string")) return;
  to.clear();
  size_t begin = at_++;
  while (at_ < text_.size()) {
    size_t plain = at_;
    while (plain < text_.size() && text_[plain] != '"' && text_[plain] != '\\' &&
           static_cast<unsigned char>(text_[plain]) >= 0x20) {
      ++plain;
    }
    to.append(text_, at_, plain - at_);
    at_ = plain;
    if (at_ >= text_.size()) break;
    if (text_[at_] == '"') {
      ++at_;
      if (!IsUtf8(to)) {
        at_ = begin;
        Fail("a string is not UTF-8");
      }
      return;
    }
    if (text_[at_] != '\\') return Fail("a control character stands in a string");
    ++at_;
    if (!TakeEscape(to)) return Fail("an invalid escape stands in a string");
  }
  Fail("the text ends inside a string");
}

void JsonReader::Read(uint64_t& to, std::string_view what) {
  if (!Expect(Kind::kNumber, what, "a whole number from 0")) return;
  size_t begin = at_;
  if (!TakeNumber()) return;
  auto [end, failed] = std::from_chars(text_.data() + begin, text_.data() + at_, to);
  if (failed != std::errc() || end != text_.data() + at_) {
    std::string_view written = text_.substr(begin, std::min<size_t>(at_ - begin, 40));
    at_ = begin;
    Fail(fmt::format("\"{}\" must be a whole number from 0, and is {}", what, written));
  }
}

void JsonReader::Read(bool& to, std::string_view what) {
  if (!Expect(Kind::kBool, what, "true or false")) return;
  bool is_true = text_[at_] == 't';
  WalkScalar(nullptr);
  to = is_true;
}

bool JsonReader::TakeNumber() {
  auto digits = [this] {
    size_t begin = at_;
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
    return at_ > begin;
  };
  auto take = [this](std::string_view any) {
    if (at_ >= text_.size() || any.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  };
  take("-");
  bool zero = at_ < text_.size() && text_[at_] == '0';
  bool good = zero ? take("0") : digits();
  if (good && take(".")) good = digits();
  if (good && take("eE")) {
    take("+-");
    good = digits();
  }
  if (!good) Fail("a number is not complete");
  return good;
}

void JsonReader::WalkScalar(std::string* to) {
  size_t begin = at_;
  if (text_[at_] == '-' || IsDigit(text_[at_])) {
    if (!TakeNumber()) return;
  } else {
    for (std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_).starts_with(word)) at_ += word.size();
      if (at_ > begin) break;
    }
    if (at_ == begin) return Fail("no value begins here");
  }
  if (to != nullptr) to->append(text_, begin, at_ - begin);
}

void JsonReader::WalkString(std::string* to) {
  size_t copied = at_++;
  auto flush = [&] {
    if (to != nullptr) to->append(text_, copied, at_ - copied);
    copied = at_;
  };
  while (at_ < text_.size()) {
    while (at_ < text_.size() && IsPlain(text_[at_])) ++at_;
    if (at_ >= text_.size()) break;
    char c = text_[at_];
    if (c == '"') {
      ++at_;
      return flush();
    }
    if (c == '\\') {
      std::string unused;
      ++at_;
      if (!TakeEscape(unused)) return Fail("an invalid escape stands in a string");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return Fail("a control character stands in a string");
    } else if (c != '\xE2') {
      flush();
      if (to != nullptr) *to += fmt::format("\\u{:04x}", static_cast<int>(c));
      copied = ++at_;
    } else if (IsLineSeparator(text_.substr(at_))) {
      flush();
      if (to != nullptr) *to += text_[at_ + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      copied = at_ += 3;
    } else {
      ++at_;
    }
  }
  Fail("the text ends inside a string");
}

// One value after the other until the brackets that it opened are closed: a loop, so that
// the depth of a text is never the depth of the stack.
void JsonReader::Walk(std::string* to) {
  auto put = [to](char c) {
    if (to != nullptr) *to += c;
  };
  brackets_.clear();
  do {
    bool opened = false;
    switch (Peek()) {
      case Kind::kEnd:
        return;
      case Kind::kObject:
      case Kind::kArray:
        if (brackets_.size() >= kJsonDepthMax) {
          return Fail(fmt::format("it is nested deeper than {} levels", kJsonDepthMax));
        }
        brackets_ += text_[at_] == '{' ? '}' : ']';
        put(text_[at_++]);
        opened = true;
        break;
      case Kind::kString:
        WalkString(to);
        break;
      default:
        WalkScalar(to);
    }
    // Behind a value, or directly behind an opening bracket.
    while (!failed() && !brackets_.empty()) {
      char close = brackets_.back();
      if (Take(close)) {
        put(close);
        brackets_.pop_back();
        opened = false;
        continue;
      }
      if (!opened) {
        if (!Take(',')) {
          return Fail(fmt::format("a comma or a closing {} is missing",
                                  close == '}' ? "brace" : "bracket"));
        }
        put(',');
      }
      if (close == '}') {
        SkipSpace();
        if (at_ >= text_.size() || text_[at_] != '"') {
          return Fail("the name of a member is missing");
        }
        WalkString(to);
        if (!failed() && !Take(':')) return Fail("a colon is missing");
        put(':');
      }
      break;
    }
  } while (!failed() && !brackets_.empty());
}

void JsonReader::ReadRaw(std::string& to) {
  to.clear();
  Walk(&to);
}

void JsonReader::Skip() { Walk(nullptr); }

void JsonReader::ExpectEnd() {
  SkipSpace();
  if (at_ < text_.size()) Fail("more text follows the document");
}

void AppendJsonString(std::string_view text, std::string& to) {
  to += '"';
  size_t at = 0;
  while (at < text.size()) {
    size_t plain = at;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    to.append(text, at, plain - at);
    at = plain;
    if (at >= text.size()) break;
    char c = text[at];
    size_t short_form = std::string_view("\"\\\b\f\n\r\t").find(c);
    if (short_form != std::string_view::npos) {
      to += '\\';
      to += "\"\\bfnrt"[short_form];
    } else if (c != '\xE2') {
      to += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else if (IsLineSeparator(text.substr(at))) {
      to += text[at + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      to += c;
    }
    ++at;
  }
  to += '"';
}

}  // namespace andon::state
