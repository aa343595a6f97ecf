#include "hcl/json_file.h"

#include <fmt/format.h>

#include "base/text.h"
#include "hcl/codes.h"
#include "hcl/json_parts.h"
#include "hcl/parser_internal.h"
#include "value/number.h"

namespace andon::hcl {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(uint32_t code, std::string* out) {
  auto put = [&](uint32_t byte) { *out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

constexpr uint32_t kReplacement = 0xFFFD;  // What half a surrogate pair becomes.

}  // namespace

// By recursive descent, bounded; the first mistake ends it, and is the only one told.
class JsonParser {
 public:
  JsonParser(File& file, Diagnostics& diagnostics)
      : file_(file), text_(file.text_), diagnostics_(diagnostics) {}

  void Run() {
    file_.json_ = std::make_shared<JsonParts>();
    file_.body_.file = &file_;
    file_.body_.span = {0, static_cast<uint32_t>(text_.size())};
    file_.body_.end = {file_.body_.span.end, file_.body_.span.end};
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    const Node* root = Value();
    if (root == nullptr) return;
    SkipSpace();
    if (at_ < text_.size()) {
      Fail("Nothing may follow the value that the file is.", {at_, at_ + 1});
      return;
    }
    ReadRoot(*root);
  }

 private:
  // An object, or a list of them.
  void ReadRoot(const Node& root) {
    std::vector<const ObjectNode*> objects;
    NodeList items = root.kind == ExprKind::kTuple ? As<TupleNode>(root).items : NodeList();
    if (root.kind == ExprKind::kObject) objects.push_back(&As<ObjectNode>(root));
    for (const Node* item : items) {
      if (item->kind != ExprKind::kObject) {
        Fail("A configuration is an object, or a list of objects.", item->span);
        return;
      }
      objects.push_back(&As<ObjectNode>(*item));
    }
    if (root.kind != ExprKind::kObject && root.kind != ExprKind::kTuple) {
      Fail("A configuration is an object, or a list of objects.", root.span);
      return;
    }
    std::vector<Attribute> attributes;
    for (const ObjectNode* object : objects) {
      Body body = JsonParts::BodyOf(file_, *object, &file_.arena_);
      attributes.insert(attributes.end(), body.attributes.begin(), body.attributes.end());
    }
    file_.body_.attributes = file_.arena_.Copy(attributes.data(), attributes.size());
  }

  const Node* Fail(std::string detail, Span where) {
    if (!failed_) Report(diagnostics_, kInvalidJson, std::move(detail), file_.Range(where));
    failed_ = true;
    return nullptr;
  }
  Span Here() const { return {at_, at_ < text_.size() ? at_ + 1 : at_}; }

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  template <typename T>
  T Begin(ExprKind kind, uint32_t from) const {
    T node;
    node.kind = kind;
    node.span = {from, at_};
    return node;
  }

  const Node* Value() {
    SkipSpace();
    if (at_ >= text_.size()) return Fail("The file ends where a value is expected.", Here());
    switch (text_[at_]) {
      case '{':
        return Object();
      case '[':
        return Array();
      case '"':
        return String();
      default:
        return IsDigit(text_[at_]) || text_[at_] == '-' ? Number() : Word();
    }
  }

  bool IsTooDeep() {
    if (depth_ < kDepthMax) return false;
    if (!failed_) {
      Report(diagnostics_, kTooDeep,
             "Objects and lists are nested deeper than any configuration is.", file_.Range(Here()));
    }
    failed_ = true;
    return true;
  }

  const Node* Object() {
    if (IsTooDeep()) return nullptr;
    uint32_t from = at_++;
    ++depth_;
    std::vector<ObjectItem> items;
    uint16_t height = 0;
    if (!Take('}')) {
      do {
        SkipSpace();
        if (at_ >= text_.size() || text_[at_] != '"') {
          return Fail("The name of a property is expected here, in quotes.", Here());
        }
        ObjectItem item;
        item.key = String();
        if (item.key == nullptr) return nullptr;
        if (!Take(':')) {
          SkipSpace();
          return Fail("A colon is expected behind the name of a property.", Here());
        }
        item.value = Value();
        if (item.value == nullptr) return nullptr;
        height = std::max(height, item.value->height);
        items.push_back(item);
      } while (Take(','));
      if (!Take('}')) {
        SkipSpace();
        return Fail("A comma or the closing brace of an object is expected here.", Here());
      }
    }
    --depth_;
    auto node = Begin<ObjectNode>(ExprKind::kObject, from);
    node.height = height + 1;
    node.items = file_.arena_.Copy(items.data(), items.size());
    return file_.arena_.New(node);
  }

  const Node* Array() {
    if (IsTooDeep()) return nullptr;
    uint32_t from = at_++;
    ++depth_;
    std::vector<const Node*> items;
    uint16_t height = 0;
    if (!Take(']')) {
      do {
        const Node* item = Value();
        if (item == nullptr) return nullptr;
        height = std::max(height, item->height);
        items.push_back(item);
      } while (Take(','));
      if (!Take(']')) {
        SkipSpace();
        return Fail("A comma or the closing bracket of a list is expected here.", Here());
      }
    }
    --depth_;
    auto node = Begin<TupleNode>(ExprKind::kTuple, from);
    node.height = height + 1;
    node.items = file_.arena_.Copy(items.data(), items.size());
    return file_.arena_.New(node);
  }

  const Node* Literal(LiteralKind kind, uint32_t from, std::string_view text = {}) {
    auto node = Begin<LiteralNode>(ExprKind::kLiteral, from);
    node.literal = kind;
    node.text = text;
    return file_.arena_.New(node);
  }

  const Node* Word() {
    uint32_t from = at_;
    while (at_ < text_.size() && text_[at_] >= 'a' && text_[at_] <= 'z') ++at_;
    std::string_view word = text_.substr(from, at_ - from);
    if (word == "null") return Literal(LiteralKind::kNull, from);
    if (word == "true") return Literal(LiteralKind::kTrue, from);
    if (word == "false") return Literal(LiteralKind::kFalse, from);
    at_ = from;
    return Fail("A JSON value is expected here: text stands in double quotes.", Here());
  }

  bool TakeDigits() {
    uint32_t from = at_;
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
    return at_ > from;
  }

  const Node* Number() {
    uint32_t from = at_;
    if (text_[at_] == '-') ++at_;
    bool is_zero = at_ < text_.size() && text_[at_] == '0';
    bool is_fine = TakeDigits() && (!is_zero || text_[at_ - 1] == '0');
    if (is_zero && at_ - from > (text_[from] == '-' ? 2u : 1u)) is_fine = false;
    if (is_fine && at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      is_fine = TakeDigits();
    }
    if (is_fine && at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      is_fine = TakeDigits();
    }
    std::string_view text = text_.substr(from, at_ - from);
    if (!is_fine || !value::Number::Parse(text).ok()) {
      return Fail("This is no number of JSON.", {from, std::max(at_, from + 1)});
    }
    return Literal(LiteralKind::kNumber, from, text);
  }

  const Node* String() {
    uint32_t from = at_++;
    std::string decoded;
    bool has_escapes = false;
    for (;;) {
      if (at_ >= text_.size() || text_[at_] == '\n') {
        return Fail("The string is not closed on its line.", {from, from + 1});
      }
      char c = text_[at_];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20)
        return Fail("Control characters are escaped in JSON, as \\t is.", Here());
      if (c != '\\') {
        decoded += c;
        ++at_;
        continue;
      }
      has_escapes = true;
      if (!Escape(&decoded)) return nullptr;
    }
    ++at_;
    std::string_view text = has_escapes ? file_.arena_.Copy(std::string_view(decoded))
                                        : text_.substr(from + 1, at_ - from - 2);
    if (text.find("${") == text.npos && text.find("%{") == text.npos)
      return Literal(LiteralKind::kString, from, text);
    auto node = Begin<JsonTextNode>(ExprKind::kJsonText, from);
    node.text = text;
    return file_.arena_.New(node);
  }

  bool Escape(std::string* out) {
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (size_t i = kFrom.find(c); i != kFrom.npos && c != '\0') {
      *out += kTo[i];
      at_ += 2;
      return true;
    }
    uint32_t code = 0;
    if (c != 'u' || !Hex(at_ + 2, &code)) {
      Fail("This escape sequence is none of JSON's.", {at_, at_ + 1});
      return false;
    }
    at_ += 6;
    bool is_high = code >= 0xD800 && code < 0xDC00;
    uint32_t low = 0;
    if (is_high && text_.substr(at_, 2) == "\\u" && Hex(at_ + 2, &low) && low >= 0xDC00 &&
        low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at_ += 6;
    } else if (code >= 0xD800 && code < 0xE000) {
      code = kReplacement;
    }
    AppendUtf8(code, out);
    return true;
  }

  bool Hex(uint32_t at, uint32_t* code) const {
    if (at + 4 > text_.size()) return false;
    *code = 0;
    for (char c : text_.substr(at, 4)) {
      int digit = IsDigit(c)             ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0) return false;
      *code = *code * 16 + digit;
    }
    return true;
  }

  File& file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  uint32_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

ParsedFile ParseJsonFile(std::string filename, std::string text) {
  ParsedFile parsed;
  auto file = MakeFile(std::move(filename), std::move(text), {}, parsed.diagnostics);
  CheckEncoding(*file, parsed.diagnostics);
  JsonParser(*file, parsed.diagnostics).Run();
  parsed.file = file;
  return parsed;
}

// --- What is made of it.

bool IsJsonString(const Node& node, std::string_view* text) {
  if (node.kind == ExprKind::kJsonText) {
    *text = As<JsonTextNode>(node).text;
    return true;
  }
  if (node.kind != ExprKind::kLiteral || As<LiteralNode>(node).literal != LiteralKind::kString)
    return false;
  *text = As<LiteralNode>(node).text;
  return true;
}

namespace {

// Where the text behind the quote stands.
SourcePos InsideQuotes(const File& file, const Node& node) {
  return file.Position(node.span.begin + 1);
}

}  // namespace

const ParsedExpression& JsonParts::Template(const File& file, const Node& node) {
  std::lock_guard lock(mutex_);
  auto [it, is_new] = templates_.try_emplace(&node);
  std::string_view text;
  if (is_new && IsJsonString(node, &text))
    it->second = ParseTemplate(std::string(text), file.filename(), InsideQuotes(file, node));
  return it->second;
}

const ParsedExpression& JsonParts::Native(const File& file, const Node& node) {
  std::lock_guard lock(mutex_);
  auto [it, is_new] = natives_.try_emplace(&node);
  std::string_view text;
  if (is_new && IsJsonString(node, &text))
    it->second = ParseExpression(std::string(text), file.filename(), InsideQuotes(file, node));
  return it->second;
}

Body JsonParts::BodyOf(const File& file, const ObjectNode& object, Arena* arena) {
  Body body;
  body.file = &file;
  body.span = object.span;
  body.end = {object.span.end - 1, object.span.end - 1};
  std::vector<Attribute> attributes;
  for (const ObjectItem& item : object.items) {
    Attribute attribute;
    IsJsonString(*item.key, &attribute.name);
    if (attribute.name == "//") continue;  // The comments of JSON.
    attribute.file = &file;
    attribute.name_span = item.key->span;
    attribute.equals_span = {item.key->span.end, item.key->span.end};
    attribute.span = Join(item.key->span, item.value->span);
    attribute.value = item.value;
    attributes.push_back(attribute);
  }
  body.attributes = arena->Copy(attributes.data(), attributes.size());
  return body;
}

const JsonParts::Blocks& JsonParts::BlocksOf(const Attribute& attribute, size_t labels) {
  std::lock_guard lock(mutex_);
  auto [it, is_new] = blocks_.try_emplace({attribute.value, labels});
  if (is_new) {
    std::vector<BlockLabel> names;
    Collect(attribute, *attribute.value, labels, names, it->second);
  }
  return it->second;
}

void JsonParts::Collect(const Attribute& attribute, const Node& node, size_t labels_left,
                        std::vector<BlockLabel>& labels, Blocks& out) {
  bool is_null =
      node.kind == ExprKind::kLiteral && As<LiteralNode>(node).literal == LiteralKind::kNull;
  if (is_null) return;
  if (node.kind == ExprKind::kTuple) {
    for (const Node* item : As<TupleNode>(node).items) {
      if (item->kind == ExprKind::kTuple) {
        Report(out.diagnostics, kInvalidJson, "A list of blocks holds objects, and no lists.",
               attribute.file->Range(item->span));
        continue;
      }
      Collect(attribute, *item, labels_left, labels, out);
    }
    return;
  }
  if (node.kind != ExprKind::kObject) {
    Report(out.diagnostics, kInvalidJson,
           labels_left > 0
               ? fmt::format("\"{}\" is a block with labels: an object, whose properties are named "
                             "by the label.",
                             attribute.name)
               : fmt::format("\"{}\" is a block: an object, or a list of objects.", attribute.name),
           attribute.file->Range(node.span));
    return;
  }
  const auto& object = As<ObjectNode>(node);
  if (labels_left > 0) {
    for (const ObjectItem& item : object.items) {
      BlockLabel label;
      IsJsonString(*item.key, &label.text);
      if (label.text == "//") continue;
      label.span = item.key->span;
      label.quoted = true;
      labels.push_back(label);
      Collect(attribute, *item.value, labels_left - 1, labels, out);
      labels.pop_back();
    }
    return;
  }
  Block block;
  block.type = attribute.name;
  block.type_span = attribute.name_span;
  block.labels = arena_.Copy(labels.data(), labels.size());
  block.open_brace = {object.span.begin, object.span.begin + 1};
  block.close_brace = {object.span.end - 1, object.span.end};
  block.span = object.span;
  block.body = BodyOf(*attribute.file, object, &arena_);
  out.blocks.push_back(block);
}

Diagnostics CheckTemplates(Expression expression) {
  Diagnostics found;
  if (!expression.file().is_json()) return found;
  const Node& node = expression.node();
  if (node.kind == ExprKind::kJsonText) {
    found.Append(expression.file().json().Template(expression.file(), node).diagnostics);
  } else if (node.kind == ExprKind::kTuple) {
    for (const Node* item : As<TupleNode>(node).items)
      found.Append(CheckTemplates(expression.At(item)));
  } else if (node.kind == ExprKind::kObject) {
    for (const ObjectItem& item : As<ObjectNode>(node).items) {
      found.Append(CheckTemplates(expression.At(item.key)));
      found.Append(CheckTemplates(expression.At(item.value)));
    }
  }
  return found;
}

}  // namespace andon::hcl
