#include "infratext/string_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "infratext/sequence.h"
#include "value/display.h"
#include "value/json.h"

namespace andon::infratext {
namespace {

using infra::Action;
using value::Value;

bool IsText(const Value& value) { return value.is_known_not_null() && value.type().is_string(); }

// A text must not be able to steer the terminal that it is shown on.
std::string WithoutControls(std::string_view line) {
  std::string out;
  for (char c : line) {
    bool is_control = (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f;
    if (is_control) {
      out += c == '\r' ? "\\r" : fmt::format("\\x{:02x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<std::string> LinesOf(const Value& value, bool trims) {
  std::string_view text = IsText(value) ? std::string_view(value.string()) : "null";
  return Split(trims ? Trim(text) : text, '\n');
}

}  // namespace

std::optional<Value> JsonIn(const Value& value) {
  if (!IsText(value)) return std::nullopt;
  const std::string& text = value.string();
  if (!text.starts_with('{') && !text.starts_with('[')) return std::nullopt;
  auto parsed = value::FromJsonText(text);
  if (!parsed.ok()) return std::nullopt;
  return *parsed;
}

bool IsMultiline(const Value& value) {
  return IsText(value) && value.string().find('\n') != std::string::npos;
}

std::string SimpleText(const Value& value) {
  if (value.is_null() || !value.is_known()) return "null";
  switch (value.type().kind()) {
    case value::Type::Kind::kString:
      return value::Quote(value.string());
    case value::Type::Kind::kBool:
      return value.boolean() ? "true" : "false";
    case value::Type::Kind::kNumber:
      return value.number().ToString();
    default:
      return value::FormatShort(value);
  }
}

std::vector<TextLine> DifferLines(const Value& before, const Value& after, Action action) {
  std::vector<TextLine> out;
  if (action != Action::kUpdate) {
    for (const auto& line : LinesOf(action == Action::kDelete ? before : after, true)) {
      out.push_back({Action::kNoOp, WithoutControls(line)});
    }
    return out;
  }
  auto old = LinesOf(before, true), young = LinesOf(after, true);
  if (old == young) old = LinesOf(before, false), young = LinesOf(after, false);
  auto equal = [&](size_t b, size_t a) { return old[b] == young[a]; };
  auto similar = [](size_t, size_t) { return false; };
  for (auto [b, a] : Align(old.size(), young.size(), equal, similar)) {
    if (b == kNone) {
      out.push_back({Action::kCreate, WithoutControls(young[a])});
    } else {
      out.push_back({a == kNone ? Action::kDelete : Action::kNoOp, WithoutControls(old[b])});
    }
  }
  return out;
}

}  // namespace andon::infratext
