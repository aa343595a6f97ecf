#include "infratext/json_writer.h"

#include <fmt/format.h>

namespace andon::infratext {
namespace {

// Large enough that a piece costs little, small enough to stay in the cache.
constexpr size_t kPieceBytes = 64 * 1024;

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  size_t copied = 0;
  auto escape = [&](size_t at, size_t length, std::string_view with) {
    out += text.substr(copied, at - copied);
    out += with;
    copied = at + length;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c == '"') {
      escape(i, 1, "\\\"");
    } else if (c == '\\') {
      escape(i, 1, "\\\\");
    } else if (c == '\n') {
      escape(i, 1, "\\n");
    } else if (c == '\r') {
      escape(i, 1, "\\r");
    } else if (c == '\t') {
      escape(i, 1, "\\t");
    } else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
      escape(i, 1, fmt::format("\\u{:04x}", c));
    } else if (c == 0xE2 && text.substr(i, 3) == "\u2028") {
      escape(i, 3, "\\u2028");
    } else if (c == 0xE2 && text.substr(i, 3) == "\u2029") {
      escape(i, 3, "\\u2029");
    }
  }
  out += text.substr(copied);
  out += '"';
}

void JsonWriter::NewLine() {
  if (indent_ == 0) return;
  buffer_ += '\n';
  buffer_.append(static_cast<size_t>(indent_) * static_cast<size_t>(depth_), ' ');
}

void JsonWriter::BeforeValue() {
  if (needs_comma_) buffer_ += ',';
  if (!after_key_ && depth_ > 0) NewLine();
  needs_comma_ = true;
  after_key_ = false;
}

JsonWriter& JsonWriter::Begin(char bracket) {
  BeforeValue();
  buffer_ += bracket;
  ++depth_;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::End(char bracket) {
  --depth_;
  if (needs_comma_) NewLine();
  buffer_ += bracket;
  needs_comma_ = true;
  if (buffer_.size() >= kPieceBytes) Flush();
  return *this;
}

void JsonWriter::Flush() {
  if (!buffer_.empty()) sink_(buffer_);
  buffer_.clear();
}

JsonWriter& JsonWriter::BeginObject() { return Begin('{'); }
JsonWriter& JsonWriter::EndObject() { return End('}'); }
JsonWriter& JsonWriter::BeginArray() { return Begin('['); }
JsonWriter& JsonWriter::EndArray() { return End(']'); }

JsonWriter& JsonWriter::Key(std::string_view name) {
  BeforeValue();
  AppendJsonString(name, buffer_);
  buffer_ += indent_ == 0 ? ":" : ": ";
  needs_comma_ = false;
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  BeforeValue();
  AppendJsonString(text, buffer_);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool b) { return Raw(b ? "true" : "false"); }
JsonWriter& JsonWriter::Integer(int64_t integer) { return Raw(fmt::format("{}", integer)); }
JsonWriter& JsonWriter::Null() { return Raw("null"); }

JsonWriter& JsonWriter::Raw(std::string_view json) {
  BeforeValue();
  buffer_ += json;
  return *this;
}

}  // namespace andon::infratext
