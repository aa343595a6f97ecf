#include "value/display.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include "base/text.h"

namespace andon::value {
namespace {

struct Style {
  bool shows_hidden = false;  // Marks and unknowns as a programmer wants to see them.
  bool one_line = false;
};

bool IsPrintable(utf8proc_int32_t rune) {
  switch (utf8proc_category(rune)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    case UTF8PROC_CATEGORY_ZS:
      return rune == ' ';
    default:
      return true;
  }
}

// The escape of one character, or empty where it stands for itself.
std::string_view SimpleEscape(char c, bool hcl) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\a':
      return hcl ? "" : "\\a";
    case '\b':
      return hcl ? "" : "\\b";
    case '\f':
      return hcl ? "" : "\\f";
    case '\v':
      return hcl ? "" : "\\v";
    default:
      return "";
  }
}

std::string UnprintableEscape(utf8proc_int32_t rune, bool hcl) {
  if (rune < 0x80 && !hcl) return fmt::format("\\x{:02x}", rune);
  if (rune < 0x10000) return fmt::format("\\u{:04x}", rune);
  return fmt::format("\\U{:08x}", rune);
}

std::string Quoted(std::string_view text, bool hcl) {
  std::string out = "\"";
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    std::string_view escape = SimpleEscape(text[i], hcl);
    if (!escape.empty()) {
      out += escape;
      ++i;
      continue;
    }
    // A template begins only with the brace: "$" and "%" alone stand for themselves.
    if (hcl && (text[i] == '$' || text[i] == '%') && text.substr(i + 1).starts_with('{')) {
      out.append(2, text[i]);
      ++i;
      continue;
    }
    utf8proc_int32_t rune = 0;
    auto length = utf8proc_iterate(at + i, static_cast<utf8proc_ssize_t>(text.size() - i), &rune);
    if (length <= 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
      ++i;
      continue;
    }
    if (IsPrintable(rune)) {
      out += text.substr(i, static_cast<size_t>(length));
    } else {
      out += UnprintableEscape(rune, hcl);
    }
    i += static_cast<size_t>(length);
  }
  return out + "\"";
}

void NewLine(int indent, std::string& out) {
  out.append("\n").append(static_cast<size_t>(indent), ' ');
}

// Lines of a heredoc end where one of them is the delimiter, so it must be none.
std::string Delimiter(const std::vector<std::string>& lines) {
  std::string delimiter = "EOT";
  for (size_t i = 0; i < lines.size();) {
    if (Trim(lines[i]) == delimiter) {
      delimiter += "_";
      i = 0;
    } else {
      ++i;
    }
  }
  return delimiter;
}

void WriteString(const std::string& text, int indent, const Style& style, std::string& out) {
  if (style.one_line || text.find('\n') == std::string::npos) {
    out += Quoted(text, false);
    return;
  }
  auto lines = Split(text, '\n');
  std::string delimiter = Delimiter(lines);
  out += (indent > 0 ? "<<-" : "<<") + delimiter;
  for (const auto& line : lines) {
    NewLine(indent, out);
    out += line;
  }
  NewLine(indent, out);
  out += delimiter;
}

std::string NullText(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kDynamic:
      return "null";
    case Type::Kind::kString:
      return "tostring(null)";
    case Type::Kind::kNumber:
      return "tonumber(null)";
    case Type::Kind::kBool:
      return "tobool(null)";
    case Type::Kind::kList:
      return fmt::format("tolist(null) /* of {} */", type.element().FriendlyName());
    case Type::Kind::kSet:
      return fmt::format("toset(null) /* of {} */", type.element().FriendlyName());
    case Type::Kind::kMap:
      return fmt::format("tomap(null) /* of {} */", type.element().FriendlyName());
    default:
      return fmt::format("null /* {} */", type.FriendlyName());
  }
}

void Write(const Value& value, int indent, const Style& style, std::string& out);

void WriteItems(const Value& value, int indent, const Style& style, std::string& out) {
  out += "[";
  bool first = true;
  for (const auto& item : value.items()) {
    if (style.one_line) {
      if (!first) out += ", ";
      Write(item, indent, style, out);
    } else {
      NewLine(indent + 2, out);
      Write(item, indent + 2, style, out);
      out += ",";
    }
    first = false;
  }
  if (!first && !style.one_line) NewLine(indent, out);
  out += "]";
}

void WriteMembers(const Value& value, int indent, const Style& style, std::string& out) {
  out += "{";
  bool first = true;
  for (const auto& [name, member] : value.members()) {
    if (style.one_line) {
      if (!first) out += ", ";
    } else {
      NewLine(indent + 2, out);
    }
    WriteString(name, indent + 2, style, out);
    out += " = ";
    Write(member, indent + 2, style, out);
    first = false;
  }
  if (!first && !style.one_line) NewLine(indent, out);
  out += "}";
}

void WriteKnown(const Value& value, int indent, const Style& style, std::string& out) {
  switch (value.type().kind()) {
    case Type::Kind::kString:
      return WriteString(value.string(), indent, style, out);
    case Type::Kind::kNumber:
      out += value.number().ToString();
      return;
    case Type::Kind::kBool:
      out += value.boolean() ? "true" : "false";
      return;
    case Type::Kind::kTuple:
      return WriteItems(value, indent, style, out);
    case Type::Kind::kObject:
      return WriteMembers(value, indent, style, out);
    case Type::Kind::kList:
      out += "tolist(";
      WriteItems(value, indent, style, out);
      break;
    case Type::Kind::kSet:
      out += "toset(";
      WriteItems(value, indent, style, out);
      break;
    case Type::Kind::kMap:
      out += "tomap(";
      WriteMembers(value, indent, style, out);
      break;
    case Type::Kind::kDynamic:
      return;
  }
  out += ")";
}

void WriteHidden(const Value& value, const Style& style, std::string& out) {
  Marks marks = value.marks();
  if (marks.Has(Mark::kEphemeral)) out += "ephemeral(";
  if (marks.Has(Mark::kSensitive)) out += "sensitive(";
  Write(value.Unmark(), 0, style, out);
  if (marks.Has(Mark::kSensitive)) out += ")";
  if (marks.Has(Mark::kEphemeral)) out += ")";
}

void Write(const Value& value, int indent, const Style& style, std::string& out) {
  if (style.shows_hidden && value.is_marked()) {
    WriteHidden(value, style, out);
  } else if (style.shows_hidden && !value.is_known()) {
    out += "unknown(" + value.type().FriendlyName() +
           (value.refinement().not_null ? ", not null)" : ")");
  } else if (value.Has(Mark::kSensitive)) {
    out += "(sensitive value)";
  } else if (value.Has(Mark::kEphemeral)) {
    out += "(ephemeral value)";
  } else if (!value.is_known()) {
    out += "(known after apply)";
  } else if (value.is_null()) {
    out += NullText(value.type());
  } else {
    WriteKnown(value, indent, style, out);
  }
}

}  // namespace

std::string Format(const Value& value, int indent) {
  std::string out;
  Write(value, indent, {}, out);
  return out;
}

std::string Quote(std::string_view text) { return Quoted(text, false); }
std::string QuoteHcl(std::string_view text) { return Quoted(text, true); }

std::string FormatShort(const Value& value, int width) {
  std::string out;
  Write(value, 0, {.one_line = true}, out);
  if (DisplayWidth(out) <= width) return out;
  // Cut between characters; a cluster that is cut in two costs nothing in a message.
  size_t end = 0;
  int64_t cells = 0;
  while (end < out.size()) {
    size_t next = end + 1;
    while (next < out.size() && (static_cast<unsigned char>(out[next]) & 0xC0) == 0x80) ++next;
    cells += DisplayWidth(std::string_view(out).substr(end, next - end));
    if (cells > width - 1) break;
    end = next;
  }
  return out.substr(0, end) + "…";
}

std::string Value::DebugString() const {
  std::string out;
  Write(*this, 0, {.shows_hidden = true, .one_line = true}, out);
  return out;
}

}  // namespace andon::value
