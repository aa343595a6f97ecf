// Strings.
#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

#include "base/text.h"
#include "functions/row.h"

namespace andon::functions {
namespace {

// Calls visit(rune, bytes) for each code point; bytes that are none come alone.
template <typename F>
void ForEachRune(std::string_view text, F visit) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    utf8proc_int32_t rune = -1;
    auto length =
        utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &rune);
    auto size = length > 0 ? static_cast<size_t>(length) : 1;
    visit(rune, text.substr(i, size));
    i += size;
  }
}

std::string Encoded(utf8proc_int32_t rune, std::string_view otherwise) {
  utf8proc_uint8_t bytes[4];
  auto size = rune < 0 ? 0 : utf8proc_encode_char(rune, bytes);
  if (size <= 0) return std::string(otherwise);
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)};
}

std::string MapRunes(std::string_view text, utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  std::string out;
  ForEachRune(text, [&](utf8proc_int32_t rune, std::string_view bytes) {
    out += rune < 0 ? std::string(bytes) : Encoded(map(rune), bytes);
  });
  return out;
}

bool IsSpace(utf8proc_int32_t rune) {
  if ((rune >= '\t' && rune <= '\r') || rune == 0x85) return true;
  auto category = utf8proc_category(rune);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool IsLetterOrDigit(utf8proc_int32_t rune) {
  auto category = utf8proc_category(rune);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         category == UTF8PROC_CATEGORY_ND;
}

// What stands between words for `title`: of ASCII all but letters, digits and "_".
bool SeparatesWords(utf8proc_int32_t rune) {
  if (rune < 0) return true;
  if (rune < 0x80) return !IsLetterOrDigit(rune) && rune != '_';
  return !IsLetterOrDigit(rune) && IsSpace(rune);
}

// The grapheme clusters of the text, as a reader counts characters.
std::vector<std::string_view> Graphemes(std::string_view text) {
  std::vector<std::string_view> clusters;
  utf8proc_int32_t state = 0;
  utf8proc_int32_t previous = -1;
  size_t at = 0;
  size_t start = 0;
  ForEachRune(text, [&](utf8proc_int32_t rune, std::string_view bytes) {
    bool breaks =
        previous < 0 || rune < 0 || utf8proc_grapheme_break_stateful(previous, rune, &state);
    if (at > 0 && breaks) {
      clusters.push_back(text.substr(start, at - start));
      start = at;
    }
    previous = rune;
    at += bytes.size();
  });
  if (at > start) clusters.push_back(text.substr(start, at - start));
  return clusters;
}

// A letter for a letter: ß has no capital of one letter that anybody writes.
utf8proc_int32_t ToUpper(utf8proc_int32_t rune) {
  constexpr utf8proc_int32_t kSharpS = 0xDF;
  return rune == kSharpS ? rune : utf8proc_toupper(rune);
}

Outcome Upper(Args args) { return Value::String(MapRunes(args.text(0), ToUpper)); }
Outcome Lower(Args args) { return Value::String(MapRunes(args.text(0), utf8proc_tolower)); }

Outcome Title(Args args) {
  std::string out;
  bool starts = true;
  ForEachRune(args.text(0), [&](utf8proc_int32_t rune, std::string_view bytes) {
    out += starts && rune >= 0 ? Encoded(utf8proc_totitle(rune), bytes) : std::string(bytes);
    starts = SeparatesWords(rune);
  });
  return Value::String(out);
}

Outcome StrRev(Args args) {
  auto clusters = Graphemes(args.text(0));
  std::string out;
  for (auto it = clusters.rbegin(); it != clusters.rend(); ++it) out += *it;
  return Value::String(out);
}

Outcome Substr(Args args) {
  int64_t offset = TRY(args.integer(1));
  int64_t length = TRY(args.integer(2));
  auto clusters = Graphemes(args.text(0));
  auto total = static_cast<int64_t>(clusters.size());
  if (offset >= 0 && length == 0) return Value::String("");
  if (offset < 0) {
    offset = std::max<int64_t>(0, offset + total);
    // From the end a length of zero has always meant the rest.
    if (length == 0) length = -1;
  }
  std::string out;
  for (int64_t i = offset; i < total && (length < 0 || i - offset < length); ++i) {
    out += clusters[static_cast<size_t>(i)];
  }
  return Value::String(out);
}

std::vector<std::string> RuneSet(std::string_view text) {
  std::vector<std::string> runes;
  ForEachRune(text, [&](utf8proc_int32_t, std::string_view bytes) { runes.emplace_back(bytes); });
  return runes;
}

// The text without the leading and trailing code points that `drop` names.
template <typename F>
std::string_view TrimRunes(std::string_view text, F drop) {
  size_t first = text.size();
  size_t last = 0;
  size_t at = 0;
  ForEachRune(text, [&](utf8proc_int32_t rune, std::string_view bytes) {
    if (!drop(rune, bytes)) {
      first = std::min(first, at);
      last = at + bytes.size();
    }
    at += bytes.size();
  });
  return first < last ? text.substr(first, last - first) : std::string_view();
}

Outcome TrimSpace(Args args) {
  return Value::String(TrimRunes(
      args.text(0), [](utf8proc_int32_t rune, std::string_view) { return IsSpace(rune); }));
}

Outcome TrimFunction(Args args) {
  auto cut = RuneSet(args.text(1));
  return Value::String(TrimRunes(args.text(0), [&cut](utf8proc_int32_t, std::string_view bytes) {
    return std::find(cut.begin(), cut.end(), bytes) != cut.end();
  }));
}

Outcome TrimPrefix(Args args) {
  std::string_view text = args.text(0);
  if (text.starts_with(args.text(1))) text.remove_prefix(args.text(1).size());
  return Value::String(text);
}

Outcome TrimSuffix(Args args) {
  std::string_view text = args.text(0);
  if (text.ends_with(args.text(1))) text.remove_suffix(args.text(1).size());
  return Value::String(text);
}

Outcome Chomp(Args args) {
  std::string_view text = args.text(0);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return Value::String(text);
}

Outcome StartsWith(Args args) {
  if (!args[0].is_known()) {
    const std::string prefix = args[0].refinement().prefix;
    const std::string& wanted = args.text(1);
    size_t both = std::min(prefix.size(), wanted.size());
    if (prefix.compare(0, both, wanted, 0, both) != 0) return Value::False();
    if (!wanted.empty() && prefix.size() >= wanted.size()) return Value::True();
    return args.text(1).empty() ? Value::True() : Value::Unknown(Type::Bool(), {.not_null = true});
  }
  return Value::Bool(args.text(0).starts_with(args.text(1)));
}

Outcome EndsWith(Args args) { return Value::Bool(args.text(0).ends_with(args.text(1))); }

Outcome StrContains(Args args) {
  return Value::Bool(args.text(0).find(args.text(1)) != std::string::npos);
}

Outcome Indent(Args args) {
  // More would only be a mistake that costs all memory.
  constexpr int64_t kSpacesMax = 10'000;
  int64_t spaces = TRY(args.integer(0));
  if (spaces < 0) return BadArgument(0, "the number of spaces must not be negative");
  if (spaces > kSpacesMax) return BadArgument(0, fmt::format("at most {} spaces", kSpacesMax));
  std::string pad(static_cast<size_t>(spaces), ' ');
  std::string out;
  for (char c : args.text(1)) {
    out += c;
    if (c == '\n') out += pad;
  }
  return Value::String(out);
}

Outcome SplitFunction(Args args) {
  const std::string& separator = args.text(0);
  const std::string& text = args.text(1);
  std::vector<std::string> parts;
  if (separator.empty()) {
    // Between every two code points.
    ForEachRune(text, [&](utf8proc_int32_t, std::string_view rune) { parts.emplace_back(rune); });
    return Texts(parts);
  }
  size_t start = 0;
  for (size_t at; (at = text.find(separator, start)) != std::string::npos;) {
    parts.push_back(text.substr(start, at - start));
    start = at + separator.size();
  }
  parts.push_back(text.substr(start));
  return Texts(parts);
}

Outcome JoinFunction(Args args) {
  if (args.size() < 2) return Fail("at least one list is required");
  std::vector<std::string> parts;
  for (size_t i = 1; i < args.size(); ++i) {
    if (!args[i].is_wholly_known()) return Value::Unknown(Type::String(), {.not_null = true});
    size_t index = 0;
    for (const auto& item : args[i].items()) {
      if (item.is_null()) {
        std::string which = args.size() == 2 ? "" : fmt::format(" of list {}", i - 1);
        return BadArgument(
            static_cast<int>(i),
            fmt::format("element {}{} is null; cannot concatenate null values", index, which));
      }
      parts.push_back(item.string());
      ++index;
    }
  }
  return Value::String(andon::Join(parts, args.text(0)));
}

Outcome Sort(Args args) {
  if (!args[0].is_wholly_known()) return Value::Unknown(Type::List(Type::String()));
  std::vector<std::string> texts;
  for (const auto& item : args[0].items()) {
    if (item.is_null()) {
      return BadArgument(0, fmt::format("given list element {} is null; a null string cannot be "
                                        "sorted",
                                        texts.size()));
    }
    texts.push_back(item.string());
  }
  std::sort(texts.begin(), texts.end());
  return Texts(texts);
}

}  // namespace

std::vector<Row> StringFunctions() {
  const Type kTexts = Type::List(Type::String());
  // clang-format off
  return {
    {"upper",       {Text("str")}, {}, GivesText(), "The string with every letter in upper case.", Upper},
    {"lower",       {Text("str")}, {}, GivesText(), "The string with every letter in lower case.", Lower},
    {"title",       {Text("str")}, {}, GivesText(), "The string with the first letter of every word in upper case.", Title},
    {"strrev",      {Text("str")}, {}, GivesText(), "The characters of the string in reverse order.", StrRev},
    {"substr",      {Text("str"), Num("offset"), Num("length")}, {}, GivesText(), "A part of the string by offset and length in characters; a negative offset counts from the end, length -1 means the rest.", Substr},
    {"trimspace",   {Text("str")}, {}, GivesText(), "The string without white space at its start and end.", TrimSpace},
    {"trim",        {Text("str"), Text("cutset")}, {}, GivesText(), "The string without any of the given characters at its start and end.", TrimFunction},
    {"trimprefix",  {Text("str"), Text("prefix")}, {}, GivesText(), "The string without the prefix, if it begins with it.", TrimPrefix},
    {"trimsuffix",  {Text("str"), Text("suffix")}, {}, GivesText(), "The string without the suffix, if it ends with it.", TrimSuffix},
    {"chomp",       {Text("str")}, {}, GivesText(), "The string without newlines at its end.", Chomp},
    {"startswith",  {Param("str", Type::String(), kUnknown), Text("prefix")}, {}, GivesBool(), "Whether the string begins with the prefix.", StartsWith},
    {"endswith",    {Text("str"), Text("suffix")}, {}, GivesBool(), "Whether the string ends with the suffix.", EndsWith},
    {"strcontains", {Text("str"), Text("substr")}, {}, GivesBool(), "Whether the second string is found in the first.", StrContains},
    {"indent",      {Num("spaces"), Text("str")}, {}, GivesText(), "The string with spaces at the start of every line but the first.", Indent},
    {"split",       {Text("separator"), Text("str")}, {}, GivesTexts(), "The parts of the string between the separators.", SplitFunction},
    {"join",        {Text("separator")}, Param("lists", kTexts), GivesText(), "The strings of the lists with the separator between them.", JoinFunction},
    {"sort",        {Param("list", kTexts)}, {}, GivesTexts(), "The strings in ascending order of their code points.", Sort},
  };
  // clang-format on
}

}  // namespace andon::functions
