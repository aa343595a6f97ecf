// YAML, as Terraform writes it: block style, every string in double quotes.
#include <fmt/format.h>
#include <utf8proc.h>

#include "base/text.h"
#include "functions/row.h"
#include "functions/yaml_parser.h"

namespace andon::functions {
namespace {

// Long strings are folded at spaces behind this column.
constexpr size_t kWidth = 80;

class Writer {
 public:
  // Writes the value behind what is in the line already.
  void Write(const Value& value, int indent, bool in_sequence);
  std::string text;

 private:
  size_t Column() const {
    size_t line = text.rfind('\n');
    return text.size() - (line == std::string::npos ? 0 : line + 1);
  }
  void NewLine(int indent) {
    text += '\n';
    text.append(static_cast<size_t>(indent), ' ');
  }
  void WriteQuoted(const std::string& string, int indent, bool folds);
  void WriteLiteral(const std::string& string, int indent);
  void WriteSequence(const Value& value, int indent, bool in_sequence);
  void WriteMapping(const Value& value, int indent, bool in_sequence);
};

// What lies beyond the basic plane is escaped, as Terraform has it.
bool IsPrintable(int rune) {
  return rune == '\n' || (rune >= 0x20 && rune <= 0x7E) || rune == 0x85 ||
         (rune >= 0xA0 && rune <= 0xD7FF) || (rune >= 0xE000 && rune <= 0xFFFD && rune != 0xFEFF);
}

std::string EscapeOf(int rune) {
  switch (rune) {
    case 0:
      return "\\0";
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\t':
      return "\\t";
    case '\n':
      return "\\n";
    case '\v':
      return "\\v";
    case '\f':
      return "\\f";
    case '\r':
      return "\\r";
    case 0x1B:
      return "\\e";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case 0x85:
      return "\\N";
    case 0x2028:
      return "\\L";
    case 0x2029:
      return "\\P";
    default:
      break;
  }
  if (IsPrintable(rune)) return "";
  if (rune <= 0xFF) return fmt::format("\\x{:02X}", rune);
  if (rune <= 0xFFFF) return fmt::format("\\u{:04X}", rune);
  return fmt::format("\\U{:08X}", rune);
}

template <typename F>
void ForEachRune(const std::string& string, F visit) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(string.data());
  for (size_t i = 0; i < string.size();) {
    utf8proc_int32_t rune = 0;
    auto size =
        utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(string.size() - i), &rune);
    if (size <= 0) size = 1;
    visit(i, static_cast<size_t>(size), rune);
    i += static_cast<size_t>(size);
  }
}

void Writer::WriteQuoted(const std::string& string, int indent, bool folds) {
  text += '"';
  // Counted in characters, as the column of the line is.
  auto column = static_cast<size_t>(GraphemeCount(text.substr(text.size() - Column())));
  bool after_space = false;
  ForEachRune(string, [&](size_t i, size_t size, int rune) {
    bool inside = i > 0 && i + size < string.size();
    if (rune == ' ' && folds && !after_space && inside && column > kWidth) {
      NewLine(indent);
      column = static_cast<size_t>(indent);
      if (string[i + 1] == ' ') {
        text += '\\';
        ++column;
      }
      after_space = true;
      return;
    }
    std::string escape = EscapeOf(rune);
    text += escape.empty() ? string.substr(i, size) : escape;
    column += escape.empty() ? 1 : escape.size();
    after_space = rune == ' ';
  });
  text += '"';
}

void Writer::WriteLiteral(const std::string& string, int indent) {
  text += '|';
  if (string[0] == ' ' || string[0] == '\n') text += '2';
  if (!string.ends_with('\n')) {
    text += '-';
  } else if (string.size() == 1 || string[string.size() - 2] == '\n') {
    text += '+';
  }
  std::string_view rest = string;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    if (end == 0) {
      text += '\n';
    } else {
      NewLine(indent);
      text += rest.substr(0, end);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

// A literal block can show everything but control characters and spaces at the end of
// a line, which nobody would see.
bool FitsLiteral(const std::string& string) {
  if (string.find('\n') == std::string::npos || string.ends_with(' ')) return false;
  if (string.find(" \n") != std::string::npos) return false;
  bool fits = true;
  ForEachRune(string, [&](size_t, size_t, int rune) { fits &= IsPrintable(rune) || rune == '\t'; });
  return fits;
}

void Writer::WriteSequence(const Value& value, int indent, bool in_sequence) {
  if (value.items().empty()) {
    text += "[]";
    return;
  }
  bool first = true;
  for (const auto& item : value.items()) {
    if (!(first && in_sequence)) NewLine(indent);
    text += "- ";
    Write(item, indent + 2, true);
    first = false;
  }
}

void Writer::WriteMapping(const Value& value, int indent, bool in_sequence) {
  if (value.members().empty()) {
    text += "{}";
    return;
  }
  bool first = true;
  for (const auto& [name, member] : value.members()) {
    if (!(first && in_sequence)) NewLine(indent);
    WriteQuoted(name, indent, false);
    text += ':';
    bool block = member.CanIterate() && member.size() > 0;
    if (!block) text += ' ';
    // Sequences stand as far left as their key.
    bool sequence = block && !member.type().is_map() && !member.type().is_object();
    Write(member, sequence ? indent : indent + 2, false);
    first = false;
  }
}

void Writer::Write(const Value& value, int indent, bool in_sequence) {
  if (value.is_null()) {
    text += "null";
    return;
  }
  switch (value.type().kind()) {
    case Type::Kind::kString:
      if (FitsLiteral(value.string())) return WriteLiteral(value.string(), std::max(indent, 2));
      return WriteQuoted(value.string(), std::max(indent, 2), true);
    case Type::Kind::kNumber:
      text += value.number().ToString();
      return;
    case Type::Kind::kBool:
      text += value.boolean() ? "true" : "false";
      return;
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      return WriteMapping(value, indent, in_sequence);
    default:
      return WriteSequence(value, indent, in_sequence);
  }
}

Outcome YamlEncode(Args args) {
  if (!args[0].is_wholly_known()) return Value::Unknown(Type::String(), {.not_null = true});
  Writer writer;
  writer.Write(args[0], 0, true);
  std::string text = std::move(writer.text);
  // "+" keeps all newlines at the end of a literal block.
  text += '\n';
  // A plain scalar alone does not show where it ends.
  const Type& type = args[0].type();
  bool open = args[0].is_null() || type.is_number() || type.is_bool();
  if (open) text += "...\n";
  return Value::String(text);
}

hcl::TypeResult YamlType(std::span<const Value> args) {
  if (!args[0].is_known()) return Type::Dynamic();
  auto decoded = ParseYaml(args[0].string());
  if (!decoded.ok()) return Fail(decoded.error().message);
  return decoded->type();
}

Outcome YamlDecode(Args args) {
  Value decoded = TRY(ParseYaml(args.text(0)));
  return decoded;
}

}  // namespace

std::vector<Row> YamlFunctions() {
  // clang-format off
  return {
    {"yamlencode", {Any("value", kNull | kUnknown)}, {}, GivesText(), "The value as YAML text.", YamlEncode},
    {"yamldecode", {Text("src")}, {}, YamlType, "The value that the YAML text shows.", YamlDecode},
  };
  // clang-format on
}

}  // namespace andon::functions
