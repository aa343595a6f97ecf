#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "yaml/core_schema.h"
#include "yaml/json.h"

namespace andon::yaml {
namespace {

// Words that YAML 1.1, which most programs still read, takes for null or a truth value.
bool IsWord(std::string_view text) {
  std::string lower = AsciiLower(text);
  for (std::string_view word :
       {"null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"}) {
    if (lower == word) return true;
  }
  return lower == ".inf" || lower == "-.inf" || lower == "+.inf" || lower == ".nan";
}

// Begins as a number or a date of YAML 1.1 does, and has nothing else in it: 1_000, 12:30, 0b1.
bool LooksLikeNumber(std::string_view text) {
  if (CoreNumber(text)) return true;
  bool starts =
      (text[0] >= '0' && text[0] <= '9') || text[0] == '.' || text[0] == '+' || text[0] == '-';
  bool radix = text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o");
  return starts &&
         text.find_first_not_of(radix ? "0123456789abcdefABCDEFxob_" : "0123456789.:_-+eETtZ ") ==
             std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos &&
         // A version ("1.2.3") is no number to anybody.
         (radix || std::count(text.begin(), text.end(), '.') <= 1);
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return true;
  if (HasControl(text) || IsWord(text) || LooksLikeNumber(text)) return true;
  if (text.starts_with("---") || text.starts_with("...")) return true;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos ||
      text.back() == ':')
    return true;
  // NEL, line separators and byte order marks are breaks to some readers.
  for (std::string_view rare : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"}) {
    if (text.find(rare) != std::string_view::npos) return true;
  }
  if (std::string_view("-?:").find(text[0]) != std::string_view::npos)
    return text.size() == 1 || text[1] == ' ';
  return std::string_view(",[]{}#&*!|>'\"%@`").find(text[0]) != std::string_view::npos;
}

std::string DoubleQuoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Quoted(std::string_view text) {
  bool is_simple =
      !HasControl(text) && text.find('\'') == std::string_view::npos &&
      (text.find('"') != std::string_view::npos || text.find('\\') != std::string_view::npos);
  return is_simple ? fmt::format("'{}'", text) : DoubleQuoted(text);
}

// Lines that a literal block shows as they are.
bool FitsLiteral(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == '\n' || text.front() == ' ')
    return false;
  if (text.find(" \n") != std::string_view::npos || text.ends_with(' ')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || c == '\n' || c == '\t';
  });
}

class Writer {
 public:
  void Document(const Json& json) {
    bool block = IsBlock(json);
    if (block)
      Block(json, 0);
    else
      Scalar(json, 0);
    if (!text_.ends_with('\n')) text_ += '\n';
  }
  std::string Take() { return std::move(text_); }

 private:
  static bool IsBlock(const Json& json) {
    return (json.is_object() || json.is_array()) && json.size() > 0;
  }
  void Indent(int indent) { text_.append(static_cast<size_t>(indent), ' '); }

  // Lines from the place where the indentation stands already.
  void Block(const Json& json, int indent) {
    bool first = true;
    for (const Json& item : json.items()) {
      if (!first) Indent(indent);
      first = false;
      text_ += "- ";
      Behind(item, indent + 2, true);
    }
    for (const auto& [key, value] : json.members()) {
      if (!first) Indent(indent);
      first = false;
      text_ += NeedsQuotes(key) ? DoubleQuoted(key) : key;
      text_ += ':';
      if (!IsBlock(value)) text_ += ' ';
      Behind(value, indent + 2, false);
    }
  }

  // What stands behind "- " or "key:", with its line break.
  void Behind(const Json& json, int indent, bool same_line) {
    if (!IsBlock(json)) {
      Scalar(json, indent);
      if (!text_.ends_with('\n')) text_ += '\n';
      return;
    }
    if (!same_line) {
      text_ += '\n';
      Indent(indent);
    }
    Block(json, indent);
  }

  void Scalar(const Json& json, int indent) {
    if (json.is_array()) {
      text_ += "[]";
    } else if (json.is_object()) {
      text_ += "{}";
    } else if (!json.is_string()) {
      text_ += json.Dump();
    } else if (const std::string& text = json.AsString(); FitsLiteral(text)) {
      Literal(text, std::max(indent, 2));
    } else {
      text_ += NeedsQuotes(text) ? Quoted(text) : text;
    }
  }

  void Literal(std::string_view text, int indent) {
    text_ += '|';
    if (!text.ends_with('\n'))
      text_ += '-';
    else if (text.ends_with("\n\n"))
      text_ += '+';
    text_ += '\n';
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (const std::string& line : Split(text, '\n')) {
      if (!line.empty()) Indent(indent);
      text_ += line + "\n";
    }
  }

  std::string text_;
};

}  // namespace

std::string Emit(const Json& json) {
  Writer writer;
  writer.Document(json);
  return writer.Take();
}

}  // namespace andon::yaml
