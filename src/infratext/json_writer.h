// JsonWriter: a JSON document written member by member, for documents too large to be
// built as a tree first. Text is handed on in pieces, so memory does not grow with it.
//
//   JsonWriter out([](std::string_view piece) { ... });
//   out.BeginObject();
//   out.Key("name").String("orders");
//   out.EndObject();
//   out.Flush();
//
// Escapes as Go's encoder does it: `<`, `>` and `&` too, so that equal documents have equal
// bytes. Requires: calls in an order that makes a document; keys once each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace andon::infratext {

class JsonWriter {
 public:
  using Sink = std::function<void(std::string_view piece)>;
  // Compact, or with `indent` spaces a level.
  explicit JsonWriter(Sink sink, int indent = 0) : sink_(std::move(sink)), indent_(indent) {}

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view name);

  JsonWriter& String(std::string_view text);
  JsonWriter& Bool(bool b);
  JsonWriter& Integer(int64_t integer);
  JsonWriter& Null();
  // A value that is JSON already.
  JsonWriter& Raw(std::string_view json);

  // What is left; after it the document is whole.
  void Flush();

 private:
  void BeforeValue();
  JsonWriter& Begin(char bracket);
  JsonWriter& End(char bracket);
  void NewLine();

  Sink sink_;
  int indent_ = 0;
  int depth_ = 0;
  std::string buffer_;
  bool needs_comma_ = false;  // Something stands before it on its level.
  bool after_key_ = false;
};

// Appends the text in quotes, escaped.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace andon::infratext
