#include "plugin/wire.h"

#include "base/text.h"

namespace andon::plugin {
namespace {

// The low three bits of a field's key.
enum Kind { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

}  // namespace

void Writer::Varint(uint64_t value) {
  for (; value > 0x7f; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void Writer::Integer(int number, int64_t value) {
  if (value != 0) IntegerItem(number, value);
}

void Writer::IntegerItem(int number, int64_t value) {
  Varint(static_cast<uint64_t>(number) << 3 | kVarint);
  Varint(static_cast<uint64_t>(value));
}

void Writer::Text(int number, std::string_view text) {
  if (!text.empty()) Item(number, text);
}

void Writer::Item(int number, std::string_view text) {
  Varint(static_cast<uint64_t>(number) << 3 | kDelimited);
  Varint(text.size());
  bytes_ += text;
}

std::string Readable(std::string_view text) {
  std::string result;
  for (size_t bad = 0; !IsUtf8(text, &bad); text.remove_prefix(bad + 1))
    result.append(text.substr(0, bad)).append("\xEF\xBF\xBD");
  return result.append(text);
}

std::string Reader::words() const { return Readable(text()); }

bool Reader::Varint(uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < 10 && i < bytes_.size(); ++i) {
    auto byte = static_cast<uint8_t>(bytes_[i]);
    *value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte > 0x7f) continue;
    bytes_.remove_prefix(i + 1);
    return true;
  }
  return false;
}

bool Reader::Next() {
  if (!ok_ || bytes_.empty()) return false;
  uint64_t key = 0;
  if (!Varint(&key)) return Fail();
  uint64_t number = key >> 3;
  if (number == 0 || number > (1 << 29)) return Fail();
  number_ = static_cast<int>(number);
  is_text_ = false;
  integer_ = 0;
  uint64_t size = 0;
  switch (key & 7) {
    case kVarint:
      return Varint(&integer_) || Fail();
    case kFixed64:
    case kFixed32:
      size = (key & 7) == kFixed64 ? 8 : 4;
      break;
    case kDelimited:
      if (!Varint(&size)) return Fail();
      is_text_ = true;
      break;
    default:
      return Fail();
  }
  if (size > bytes_.size()) return Fail();
  text_ = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return true;
}

}  // namespace andon::plugin
