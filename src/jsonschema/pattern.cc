#include "jsonschema/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>

namespace andon::jsonschema {
namespace {

// What ECMA-262 counts as white space.
constexpr std::string_view kSpace =
    "\\t\\n\\x0B\\f\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}"
    "\\x{3000}\\x{FEFF}";

// Long names of Unicode's general categories, of which RE2 knows the short ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kCategories = {{
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Punctuation", "P"},
    {"Symbol", "S"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Other", "C"},
    {"Control", "Cc"},
}};

// The escape at text[i] (its backslash) in RE2's syntax; `i` moves to its last character.
std::string Escape(std::string_view text, size_t& i, bool in_class) {
  char c = i + 1 < text.size() ? text[i + 1] : '\0';
  if (c == '\0') return "\\";
  ++i;
  switch (c) {
    case 's':
      return in_class ? std::string(kSpace) : fmt::format("[{}]", kSpace);
    case 'S':
      return in_class ? "\\S" : fmt::format("[^{}]", kSpace);
    case '/':
    case '-':
      return std::string("\\") + c;
    case 'c':
      if (i + 1 < text.size()) return fmt::format("\\x{:02X}", text[++i] & 0x1F);
      return "\\c";
    case 'u': {
      std::string_view hex = text.substr(i + 1, 4);
      if (hex.size() == 4 &&
          hex.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) {
        i += 4;
        return fmt::format("\\x{{{}}}", hex);
      }
      return "\\u";
    }
    case 'p':
    case 'P': {
      size_t end = text.find('}', i);
      if (i + 1 >= text.size() || text[i + 1] != '{' || end == std::string_view::npos) break;
      std::string_view name = text.substr(i + 2, end - i - 2);
      for (std::string_view prefix : {"General_Category=", "gc=", "Script=", "sc="}) {
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
      }
      for (const auto& [written, category] : kCategories) {
        if (name == written) name = category;
      }
      i = end;
      return fmt::format("\\{}{{{}}}", c, name);
    }
    default:
      break;
  }
  return std::string("\\") + c;
}

std::string ToRe2(std::string_view text) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\') {
      out += Escape(text, i, in_class);
      continue;
    }
    if (in_class && c == '[') {
      out += "\\[";  // A character like any other there; RE2 would look for a class's name.
      continue;
    }
    if (!in_class && text.substr(i).starts_with("(?<") && i + 3 < text.size() &&
        text[i + 3] != '=' && text[i + 3] != '!') {
      out += "(?P<";
      i += 2;
      continue;
    }
    if (!in_class && c == '[') in_class = true;
    if (in_class && c == ']') in_class = false;
    out += c;
  }
  return out;
}

}  // namespace

Result<Pattern> Pattern::Compile(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  Pattern pattern;
  pattern.text_ = text;
  auto regex = std::make_shared<re2::RE2>(ToRe2(text), options);
  if (!regex->ok()) {
    bool looks_around =
        text.find("(?=") != std::string_view::npos || text.find("(?!") != std::string_view::npos ||
        text.find("(?<=") != std::string_view::npos || text.find("(?<!") != std::string_view::npos;
    return Error::Invalid(
        "the pattern \"{}\" cannot be used: {}", text,
        looks_around ? "look-arounds are not known, as they can take for ever" : regex->error());
  }
  pattern.regex_ = std::move(regex);
  return pattern;
}

bool Pattern::IsFoundIn(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

}  // namespace andon::jsonschema
