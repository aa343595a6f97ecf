// The wire format of protocol buffers: a message is a row of fields, each with its
// number. The plugin protocol needs four kinds of field and no more, so its
// messages are written and read field by field, into our own structs, where a
// generated class would be one more copy of everything.
//
//   Writer request;
//   request.Text(1, type_name);
//   request.Message(3, [&](Writer& m) { m.Text(1, bytes); });
//
//   Reader reader(bytes);
//   while (reader.Next()) {
//     if (reader.number() == 1) name = reader.text();
//   }
//   if (!reader.ok()) …
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace andon::plugin {

class Writer {
 public:
  // As in the third version of the language: what is zero or empty is left out.
  void Integer(int number, int64_t value);
  void Bool(int number, bool value) { Integer(number, value ? 1 : 0); }
  void Text(int number, std::string_view text);
  // Also where it is zero or empty: an item of a list, or one of a choice.
  void IntegerItem(int number, int64_t value);
  void Item(int number, std::string_view text);
  template <typename F>
  void Message(int number, F write) {
    Writer inner;
    write(inner);
    Item(number, inner.bytes_);
  }

  const std::string& bytes() const { return bytes_; }
  std::string Take() && { return std::move(bytes_); }

 private:
  void Varint(uint64_t value);
  std::string bytes_;
};

// The text with U+FFFD for what is no UTF-8: others may print anything.
std::string Readable(std::string_view text);

// Reads one message. What it gives of texts is valid as long as the bytes are.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  // To the next field. False at the end, and where the bytes are no message.
  bool Next();
  bool ok() const { return ok_; }

  int number() const { return number_; }
  // The content, or zero and empty where the field is of another kind.
  int64_t integer() const { return is_text_ ? 0 : static_cast<int64_t>(integer_); }
  bool boolean() const { return integer() != 0; }
  std::string_view text() const { return is_text_ ? text_ : std::string_view(); }
  // The same for a person to read (Readable).
  std::string words() const;

 private:
  bool Varint(uint64_t* value);
  bool Fail() { return ok_ = false; }

  std::string_view bytes_;
  bool ok_ = true;
  int number_ = 0;
  bool is_text_ = false;
  uint64_t integer_ = 0;
  std::string_view text_;
};

}  // namespace andon::plugin
