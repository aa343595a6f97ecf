// Regular expressions, in RE2's syntax, which is Go's.
#include <fmt/format.h>
#include <re2/re2.h>

#include <memory>
#include <optional>

#include "functions/row.h"

namespace andon::functions {
namespace {

std::unique_ptr<RE2> Compile(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  return std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

struct Captures {
  std::vector<std::string> names;  // "" where a group has none.
  bool named = false;
  bool mixed = false;
};

Captures CapturesOf(const RE2& regex) {
  Captures captures;
  const auto& names = regex.CapturingGroupNames();
  for (int i = 1; i <= regex.NumberOfCapturingGroups(); ++i) {
    auto it = names.find(i);
    captures.names.push_back(it == names.end() ? "" : it->second);
  }
  captures.named = !names.empty();
  captures.mixed = captures.named && names.size() != captures.names.size();
  return captures;
}

// Why the pattern cannot be used, or empty.
std::string Problem(const RE2& regex) {
  if (!regex.ok()) {
    return fmt::format("invalid regexp pattern: {}{}{}", regex.error(),
                       regex.error_arg().empty() ? "" : " in ", regex.error_arg());
  }
  if (CapturesOf(regex).mixed) {
    return "invalid regexp pattern: cannot mix both named and unnamed capture groups";
  }
  return "";
}

Type MatchType(const RE2& regex) {
  auto captures = CapturesOf(regex);
  if (captures.names.empty()) return Type::String();
  if (!captures.named) return Type::Tuple(std::vector<Type>(captures.names.size(), Type::String()));
  std::vector<Type::Attribute> attributes;
  for (const auto& name : captures.names) attributes.push_back({name, Type::String()});
  return Type::Object(std::move(attributes));
}

using Match = std::vector<re2::StringPiece>;

Value MatchValue(const RE2& regex, const Match& match) {
  auto text = [](re2::StringPiece piece) {
    if (!piece.data()) return Value::Null(Type::String());
    return Value::String(std::string_view(piece.data(), piece.size()));
  };
  if (match.size() == 1) return text(match[0]);
  auto captures = CapturesOf(regex);
  std::vector<Value> items;
  Value::Members members;
  for (size_t i = 1; i < match.size(); ++i) {
    if (captures.named) {
      members.emplace_back(captures.names[i - 1], text(match[i]));
    } else {
      items.push_back(text(match[i]));
    }
  }
  return captures.named ? Value::Object(std::move(members)) : Value::Tuple(std::move(items));
}

// Calls visit(match) for all matches that do not overlap; an empty match directly
// after another one does not count.
template <typename F>
void ForEachMatch(const RE2& regex, std::string_view text, F visit) {
  Match match(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
  re2::StringPiece piece(text.data(), text.size());
  size_t from = 0;
  std::optional<size_t> last_end;
  while (from <= text.size() && regex.Match(piece, from, text.size(), RE2::UNANCHORED, match.data(),
                                            static_cast<int>(match.size()))) {
    auto start = static_cast<size_t>(match[0].data() - text.data());
    size_t end = start + match[0].size();
    bool empty_after_match = start == end && last_end == start;
    if (!empty_after_match) visit(match, start, end);
    last_end = end;
    from = end;
    if (start == end) {
      // On by one code point.
      ++from;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
    }
  }
}

hcl::TypeResult RegexType(std::span<const Value> args) {
  if (!args[0].is_known()) return Type::Dynamic();
  auto regex = Compile(args[0].string());
  if (std::string problem = Problem(*regex); !problem.empty()) return BadArgument(0, problem);
  return MatchType(*regex);
}

hcl::TypeResult RegexAllType(std::span<const Value> args) {
  auto type = RegexType(args);
  if (auto* element = std::get_if<Type>(&type)) return Type::List(*element);
  return type;
}

Outcome Regex(Args args) {
  auto regex = Compile(args.text(0));
  if (std::string problem = Problem(*regex); !problem.empty()) return BadArgument(0, problem);
  std::optional<Value> first;
  Match match(static_cast<size_t>(regex->NumberOfCapturingGroups()) + 1);
  const std::string& text = args.text(1);
  if (!regex->Match(text, 0, text.size(), RE2::UNANCHORED, match.data(),
                    static_cast<int>(match.size()))) {
    return Fail("pattern did not match any part of the given string");
  }
  return MatchValue(*regex, match);
}

Outcome RegexAll(Args args) {
  auto regex = Compile(args.text(0));
  if (std::string problem = Problem(*regex); !problem.empty()) return BadArgument(0, problem);
  std::vector<Value> matches;
  ForEachMatch(*regex, args.text(1), [&](const Match& match, size_t, size_t) {
    matches.push_back(MatchValue(*regex, match));
  });
  return Value::List(MatchType(*regex), std::move(matches));
}

bool IsWord(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The name behind a "$": $name, ${name}, $1; empty where there is none. `size` is what
// it takes of the text.
std::string_view ReferenceName(std::string_view text, size_t* size) {
  bool braces = text.starts_with('{');
  size_t start = braces ? 1 : 0;
  size_t end = start;
  while (end < text.size() && IsWord(text[end])) ++end;
  if (end == start || (braces && (end == text.size() || text[end] != '}'))) return "";
  *size = end + (braces ? 1 : 0);
  return text.substr(start, end - start);
}

void AppendGroup(const RE2& regex, const Match& match, std::string_view name, std::string& out) {
  size_t index = match.size();
  bool number = name.find_first_not_of("0123456789") == std::string_view::npos;
  if (number && name.size() < 6) {
    index = static_cast<size_t>(std::stoi(std::string(name)));
  } else if (auto it = regex.NamedCapturingGroups().find(std::string(name));
             it != regex.NamedCapturingGroups().end()) {
    index = static_cast<size_t>(it->second);
  }
  if (index < match.size() && match[index].data()) {
    out.append(match[index].data(), match[index].size());
  }
}

// The replacement with its $1, ${name} and $$ put in.
void Expand(const RE2& regex, const Match& match, std::string_view replacement, std::string& out) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '$') {
      out += replacement[i];
      continue;
    }
    auto rest = replacement.substr(i + 1);
    if (rest.starts_with('$')) {
      out += '$';
      ++i;
      continue;
    }
    size_t size = 0;
    std::string_view name = ReferenceName(rest, &size);
    if (name.empty()) {
      out += '$';
      continue;
    }
    AppendGroup(regex, match, name, out);
    i += size;
  }
}

Outcome ReplaceByRegex(std::string_view text, std::string_view pattern,
                       std::string_view replacement) {
  auto regex = Compile(pattern);
  if (!regex->ok()) {
    return Fail(fmt::format("error parsing regexp: {}: `{}`", regex->error(), regex->error_arg()));
  }
  std::string out;
  size_t copied = 0;
  ForEachMatch(*regex, text, [&](const Match& match, size_t start, size_t end) {
    out += text.substr(copied, start - copied);
    Expand(*regex, match, replacement, out);
    copied = end;
  });
  out += text.substr(copied);
  return Value::String(out);
}

Outcome Replace(Args args) {
  std::string_view text = args.text(0);
  std::string_view what = args.text(1);
  std::string_view with = args.text(2);
  if (what.size() > 1 && what.starts_with('/') && what.ends_with('/')) {
    return ReplaceByRegex(text, what.substr(1, what.size() - 2), with);
  }
  std::string out;
  if (what.empty()) {
    // Before every code point and at the end.
    for (size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) out += with;
      out += text[i];
    }
    return Value::String(out + std::string(with));
  }
  size_t start = 0;
  for (size_t at; (at = text.find(what, start)) != std::string_view::npos;
       start = at + what.size()) {
    out += text.substr(start, at - start);
    out += with;
  }
  out += text.substr(start);
  return Value::String(out);
}

}  // namespace

std::vector<Row> RegexFunctions() {
  // clang-format off
  return {
    {"regex",    {Text("pattern"), Text("string")}, {}, RegexType, "The first match: a string, or the captures as tuple or object. An error where nothing matches.", Regex},
    {"regexall", {Text("pattern"), Text("string")}, {}, RegexAllType, "All matches that do not overlap, as a list.", RegexAll},
    {"replace",  {Text("str"), Text("substr"), Text("replace")}, {}, GivesText(), "The string with each occurrence of substr, or of the regular expression between slashes, replaced.", Replace},
  };
  // clang-format on
}

}  // namespace andon::functions
