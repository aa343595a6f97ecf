#include "sql/regex.h"

namespace andon::sql {
namespace {

// What stands in a class in brackets; empty for other letters.
std::string_view Class(char letter) {
  switch (letter) {
    case 'w':
    case 'W':
      return R"(\pL\pN_)";
    case 'd':
    case 'D':
      return R"(\p{Nd})";
    case 's':
    case 'S':
      return R"(\s\x0b\x1c-\x1f\x{85}\pZ)";
    default:
      return "";
  }
}

// A negated class inside of brackets cannot be said by adding to them.
std::string Replaced(char letter, bool in_brackets) {
  std::string_view all = Class(letter);
  bool is_negated = letter >= 'A' && letter <= 'Z';
  if (all.empty() || (in_brackets && is_negated)) return std::string("\\") + letter;
  if (in_brackets) return std::string(all);
  return (is_negated ? "[^" : "[") + std::string(all) + "]";
}

}  // namespace

std::string WithUnicodeClasses(std::string_view regex) {
  std::string text;
  bool in_brackets = false;
  for (size_t i = 0; i < regex.size(); i++) {
    char c = regex[i];
    if (c == '\\' && i + 1 < regex.size()) {
      char letter = regex[++i];
      if (letter == 'Q' && !in_brackets) {  // \Q…\E stands for itself.
        size_t end = regex.find("\\E", i);
        end = end == std::string_view::npos ? regex.size() : end + 2;
        text += regex.substr(i - 1, end - i + 1);
        i = end - 1;
      } else {
        text += Replaced(letter, in_brackets);
      }
      continue;
    }
    text += c;
    if (!in_brackets && c == '[') {
      in_brackets = true;
      // A bracket that comes first is a character: []a], [^]a].
      if (i + 1 < regex.size() && regex[i + 1] == '^') text += regex[++i];
      if (i + 1 < regex.size() && regex[i + 1] == ']') text += regex[++i];
    } else if (in_brackets && c == '[' && i + 1 < regex.size() && regex[i + 1] == ':') {
      size_t end = regex.find(":]", i);  // [[:alpha:]]
      if (end == std::string_view::npos) continue;
      text += regex.substr(i + 1, end + 1 - i);
      i = end + 1;
    } else if (in_brackets && c == ']') {
      in_brackets = false;
    }
  }
  return text;
}

}  // namespace andon::sql
