// format and formatlist: strings by a template of verbs.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "functions/row.h"
#include "value/display.h"
#include "value/json.h"

namespace andon::functions {
namespace {

using value::Convert;
using value::Number;

// Widths and precisions beyond are mistakes that cost all memory.
constexpr int kWidthMax = 10'000;

// "%" flags width .precision [argument] mode
struct Verb {
  std::string raw;
  size_t offset = 0;
  size_t argument = 0;  // Counts from 1.
  char mode = 0;
  bool zero = false;
  bool sharp = false;
  bool plus = false;
  bool minus = false;
  bool space = false;
  int width = -1;
  int precision = -1;
};

class Formatter {
 public:
  Formatter(std::string_view format, std::span<const Value> args) : format_(format), args_(args) {}

  // False where it failed, with the reason in `message`.
  bool Run();
  std::string text;
  std::string message;

 private:
  bool Parse(size_t& at, Verb& verb);
  bool Append(const Verb& verb);
  bool AppendAsIs(const Verb& verb, const Value& value);
  bool AppendNumber(const Verb& verb, const Value& value);
  bool AppendString(const Verb& verb, const Value& value);
  bool Fail(std::string why) {
    message = std::move(why);
    return false;
  }
  bool Unsupported(const Verb& verb, std::string_view why) {
    return Fail(fmt::format("unsupported value for \"{}\" at {}: {}", verb.raw, verb.offset, why));
  }

  std::string_view format_;
  std::span<const Value> args_;
  size_t next_ = 1;
  size_t highest_ = 0;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits at `at`, or -1 where there are none.
int Digits(std::string_view text, size_t& at) {
  int number = -1;
  for (; at < text.size() && IsDigit(text[at]); ++at) {
    number = std::min(std::max(number, 0) * 10 + (text[at] - '0'), kWidthMax);
  }
  return number;
}

bool Formatter::Parse(size_t& at, Verb& verb) {
  verb.offset = at++;
  for (bool flags = true; flags && at < format_.size();) {
    switch (format_[at]) {
      case '0':
        verb.zero = !verb.minus;
        break;
      case '#':
        verb.sharp = true;
        break;
      case '+':
        verb.plus = true;
        break;
      case '-':
        verb.minus = true;
        verb.zero = false;
        break;
      case ' ':
        verb.space = true;
        break;
      default:
        flags = false;
    }
    if (flags) ++at;
  }
  verb.width = Digits(format_, at);
  if (at < format_.size() && format_[at] == '.') {
    ++at;
    verb.precision = std::max(Digits(format_, at), 0);
  }
  verb.argument = next_;
  if (at < format_.size() && format_[at] == '[') {
    ++at;
    int index = Digits(format_, at);
    if (index < 1 || at >= format_.size() || format_[at] != ']') {
      return Fail(fmt::format("unrecognized format sequence at offset {}", verb.offset));
    }
    ++at;
    verb.argument = static_cast<size_t>(index);
  }
  constexpr std::string_view kModes = "vtbdoxXeEfgGsq";
  if (at >= format_.size()) {
    return Fail(fmt::format("unexpected end of format string after \"{}\" at offset {}",
                            format_.substr(verb.offset), verb.offset));
  }
  verb.mode = format_[at++];
  verb.raw = format_.substr(verb.offset, at - verb.offset);
  if (kModes.find(verb.mode) == std::string_view::npos) {
    return Fail(fmt::format("unsupported format verb '{}' in \"{}\" at offset {}", verb.mode,
                            verb.raw, verb.offset));
  }
  next_ = verb.argument + 1;
  highest_ = std::max(highest_, verb.argument);
  return true;
}

bool Formatter::Run() {
  for (size_t at = 0; at < format_.size();) {
    if (format_[at] != '%') {
      text += format_[at++];
      continue;
    }
    if (format_.substr(at + 1).starts_with('%')) {
      text += '%';
      at += 2;
      continue;
    }
    Verb verb;
    if (!Parse(at, verb) || !Append(verb)) return false;
  }
  if (highest_ >= args_.size()) return true;
  if (highest_ == 0) return Fail("too many arguments; no verbs in format string");
  return Fail(fmt::format("too many arguments; only {} used by format string", highest_));
}

bool Formatter::Append(const Verb& verb) {
  if (verb.argument > args_.size()) {
    return Fail(
        fmt::format("not enough arguments for \"{}\" at {}: need index {} but have {} total",
                    verb.raw, verb.offset, verb.argument, args_.size()));
  }
  const Value& value = args_[verb.argument - 1];
  if (verb.mode == 'v') return AppendAsIs(verb, value);
  if (value.is_null()) return Unsupported(verb, "null value cannot be formatted");
  if (verb.mode == 's' || verb.mode == 'q') return AppendString(verb, value);
  if (verb.mode != 't') return AppendNumber(verb, value);
  auto flag = Convert(value, Type::Bool());
  if (!flag.ok()) return Unsupported(verb, flag.error().message);
  text += flag->boolean() ? "true" : "false";
  return true;
}

// To the width, counted in characters.
std::string Padded(const Verb& verb, std::string_view text) {
  int64_t missing = verb.width - GraphemeCount(text);
  if (verb.width < 0 || missing <= 0) return std::string(text);
  std::string pad(static_cast<size_t>(missing), verb.zero ? '0' : ' ');
  return verb.minus ? std::string(text) + pad : pad + std::string(text);
}

bool Formatter::AppendAsIs(const Verb& verb, const Value& value) {
  bool plain = !verb.sharp && !value.is_null();
  if (plain && value.type().is_string()) {
    text += Padded(verb, value.string());
    return true;
  }
  if (plain && value.type().is_number()) {
    text += Padded(verb, value.number().Format('g', -1));
    return true;
  }
  auto json = value::ToJsonText(value);
  if (!json.ok()) return Unsupported(verb, json.error().message);
  text += Padded(verb, *json);
  return true;
}

std::string_view BasePrefix(const Verb& verb) {
  if (!verb.sharp) return "";
  switch (verb.mode) {
    case 'b':
      return "0b";
    case 'o':
      return "0";
    case 'x':
      return "0x";
    case 'X':
      return "0X";
    default:
      return "";
  }
}

// Sign, prefix and digits put together to the width.
std::string Assembled(const Verb& verb, std::string digits, bool zeros) {
  std::string sign;
  if (digits.starts_with('-')) {
    sign = "-";
    digits.erase(0, 1);
  } else if (verb.plus) {
    sign = "+";
  } else if (verb.space) {
    sign = " ";
  }
  sign += BasePrefix(verb);
  auto missing = verb.width - static_cast<int64_t>(sign.size() + digits.size());
  if (verb.width < 0 || missing <= 0) return sign + digits;
  std::string pad(static_cast<size_t>(missing), zeros ? '0' : ' ');
  if (zeros) return sign + pad + digits;
  return verb.minus ? sign + digits + pad : pad + sign + digits;
}

std::string IntegerDigits(const Verb& verb, const Number& number) {
  int base = verb.mode == 'b' ? 2 : verb.mode == 'o' ? 8 : verb.mode == 'd' ? 10 : 16;
  std::string digits = number.IntegerText(base);
  if (verb.mode == 'X') {
    for (char& c : digits) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  size_t sign = digits.starts_with('-') ? 1 : 0;
  auto missing = verb.precision - static_cast<int>(digits.size() - sign);
  if (missing > 0) digits.insert(sign, static_cast<size_t>(missing), '0');
  return digits;
}

bool Formatter::AppendNumber(const Verb& verb, const Value& value) {
  auto number = Convert(value, Type::Number());
  if (!number.ok()) return Unsupported(verb, number.error().message);
  const Number& n = number->number();
  constexpr std::string_view kIntegerModes = "bdoxX";
  if (kIntegerModes.find(verb.mode) != std::string_view::npos) {
    if (!n.is_integer()) return Unsupported(verb, "an integer is required");
    text += Assembled(verb, IntegerDigits(verb, n), verb.zero && verb.precision < 0);
    return true;
  }
  bool general = verb.mode == 'g' || verb.mode == 'G';
  int precision = verb.precision >= 0 ? verb.precision : general ? -1 : 6;
  text += Assembled(verb, n.Format(verb.mode, precision), verb.zero);
  return true;
}

// The first characters of a text.
std::string_view FirstCharacters(std::string_view text, int count) {
  size_t end = 0;
  for (size_t i = 1; i <= text.size(); ++i) {
    bool boundary = i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (!boundary) continue;
    if (GraphemeCount(text.substr(0, i)) > count) break;
    end = i;
  }
  return text.substr(0, end);
}

bool Formatter::AppendString(const Verb& verb, const Value& value) {
  auto converted = Convert(value, Type::String());
  if (!converted.ok()) return Unsupported(verb, converted.error().message);
  std::string_view string = converted->string();
  if (verb.precision > 0) string = FirstCharacters(string, verb.precision);
  if (verb.mode == 's') {
    text += Padded(verb, string);
    return true;
  }
  auto json = value::ToJsonText(Value::String(string));
  text += Padded(verb, *json);
  return true;
}

Value UnknownText() { return Value::Unknown(Type::String(), {.not_null = true}); }

bool AllKnown(std::span<const Value> values) {
  return std::all_of(values.begin(), values.end(),
                     [](const Value& value) { return value.is_wholly_known(); });
}

Outcome Format(Args args) {
  if (!AllKnown(args.from(1))) return UnknownText();
  Formatter formatter(args.text(0), args.from(1));
  if (!formatter.Run()) return Fail(formatter.message);
  return Value::String(formatter.text);
}

// What each iteration takes of one argument of formatlist: an element, or the whole.
struct ListArgument {
  Value value;
  bool is_list = false;
};

Outcome FormatEach(std::string_view format, const std::vector<ListArgument>& lists, size_t count) {
  std::vector<Value> results;
  for (size_t i = 0; i < count; ++i) {
    std::vector<Value> args;
    for (const auto& list : lists)
      args.push_back(list.is_list ? list.value.items()[i] : list.value);
    if (!AllKnown(args)) {
      results.push_back(UnknownText());
      continue;
    }
    Formatter formatter(format, args);
    if (!formatter.Run()) {
      return Fail(fmt::format("error on format iteration {}: {}", i, formatter.message));
    }
    results.push_back(Value::String(formatter.text));
  }
  return Value::List(Type::String(), std::move(results));
}

Outcome FormatList(Args args) {
  std::vector<ListArgument> lists;
  int64_t count = -1;
  size_t counted_by = 0;
  bool unknown = false;
  for (size_t i = 1; i < args.size(); ++i) {
    const Value& arg = args[i];
    bool is_list = IsSequence(arg.type()) && !arg.is_null();
    unknown |= is_list ? !arg.is_known() || !arg.Length().is_known()
                       : arg.type().is_dynamic() && !arg.is_known();
    lists.push_back({arg, is_list});
    if (!is_list || unknown) continue;
    if (count >= 0 && arg.size() != count) {
      return BadArgument(static_cast<int>(i),
                         fmt::format("argument {} has length {}, which is inconsistent with "
                                     "argument {} of length {}",
                                     i, arg.size(), counted_by, count));
    }
    if (count < 0) counted_by = i;
    count = arg.size();
  }
  if (unknown) return Value::Unknown(Type::List(Type::String()), {.not_null = true});
  return FormatEach(args.text(0), lists, count < 0 ? 1 : static_cast<size_t>(count));
}

}  // namespace

std::vector<Row> FormatFunctions() {
  // clang-format off
  return {
    {"format",     {Text("format")}, Any("args", kNull | kUnknown), GivesText(), "The text with its verbs (%s, %d, %q, %v, %f …) replaced by the arguments.", Format},
    {"formatlist", {Text("format")}, Any("args", kNull | kUnknown), GivesTexts(), "One formatted text for each element of the lists among the arguments.", FormatList},
  };
  // clang-format on
}

}  // namespace andon::functions
