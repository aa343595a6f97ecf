#include "functions/yaml_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "functions/yaml_scalar.h"
#include "functions/yaml_scanner.h"

namespace andon::functions {

using value::Type;
using value::Value;

namespace {

constexpr int kDepthMax = 256;
constexpr int64_t kNodesMax = 1'000'000;

struct Node {
  Value value;
  int64_t nodes = 1;  // As unfolded: an alias counts as what it stands for.
};

struct Properties {
  std::string anchor;
  std::string tag;
};

class Parser : private YamlScanner {
 public:
  explicit Parser(std::string_view text) : YamlScanner(text) {}
  Result<Value> Document();

 private:
  Result<Node> BlockNode(int parent, bool after_key);
  Result<Node> BlockMapping(int indent);
  Result<Node> BlockSequence(int indent);
  Result<Node> MappingValue(int indent);
  Result<std::pair<Value, Node>> ExplicitEntry(int indent);
  Result<Node> FlowNode();
  Result<Node> FlowSequence();
  Result<Node> FlowMapping();
  Result<Node> Alias();
  Result<Properties> ReadProperties();
  Result<Node> Finish(Node node, const Properties& properties, bool plain, std::string_view source);
  Result<Value> Object(std::vector<std::pair<Value, Node>> entries, Node& node);

  int depth_ = 0;
  int64_t nodes_ = 0;
  std::map<std::string, std::optional<Node>> anchors_;  // Empty while it is being read.
};

Result<Value> Parser::Document() {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  SkipToContent();
  if (AtEnd()) return Wrong("missing start of document");
  bool directives = false;
  while (!AtEnd() && Peek() == '%' && at_ == LineStart()) {
    directives = true;
    at_ = std::min(text_.find('\n', at_), text_.size());
    SkipToContent();
  }
  // Behind the marker no mapping or sequence can begin, as behind a key.
  bool marked = AtMarker("---");
  if (directives && !marked) return Wrong("did not find expected <document start>");
  if (marked) at_ += 3;
  Node node = TRY(BlockNode(-1, marked));
  SkipToContent();
  if (AtMarker("...")) {
    at_ += 3;
    SkipToContent();
  }
  if (!AtEnd()) {
    return AtMarker("---") ? Wrong("only one document is allowed")
                           : Wrong("did not find the end of the document");
  }
  return node.value;
}

Result<Properties> Parser::ReadProperties() {
  Properties properties;
  while (Peek() == '&' || Peek() == '!') {
    size_t end = at_ + 1;
    while (end < text_.size() && !IsBlank(text_[end]) && !IsBreak(text_[end]) &&
           !IsFlowIndicator(text_[end])) {
      ++end;
    }
    std::string word(text_.substr(at_, end - at_));
    if (word[0] == '&') {
      if (word.size() == 1) return Wrong("an anchor needs a name");
      properties.anchor = word.substr(1);
    } else {
      properties.tag = word;
    }
    at_ = end;
    SkipBlanks();
  }
  // From here on it is being read, and to refer to it would be a circle.
  if (!properties.anchor.empty()) anchors_[properties.anchor] = std::nullopt;
  return properties;
}

// On what is in quotes these tags change nothing.
bool IsCoreTag(std::string_view tag) {
  for (std::string_view core : {"!!map", "!!seq", "!!timestamp", "!!int", "!!float", "!!bool"}) {
    if (tag == core) return true;
  }
  return false;
}

Result<Node> Parser::Finish(Node node, const Properties& properties, bool plain,
                            std::string_view source) {
  const std::string& tag = properties.tag;
  if (plain && tag.empty()) node.value = YamlPlain(source);
  if (tag == "!!str" || tag == "!") {
    if (plain) node.value = Value::String(source);
  } else if (plain && (tag == "!!int" || tag == "!!float")) {
    auto number = YamlNumber(source);
    if (!number) return Wrong(fmt::format("cannot parse \"{}\" as {}", source, tag));
    node.value = *number;
  } else if (plain && tag == "!!bool") {
    auto flag = YamlBool(source);
    if (!flag) return Wrong(fmt::format("cannot parse \"{}\" as {}", source, tag));
    node.value = *flag;
  } else if (tag == "!!null") {
    node.value = Value::Null();
  } else if (tag == "!!binary") {
    node.value = Value::String(source);
  } else if (!tag.empty() && !IsCoreTag(tag)) {
    return Wrong(fmt::format("unsupported tag \"{}\"", tag));
  } else if (plain && !tag.empty()) {
    node.value = Value::String(source);
  }
  nodes_ += 1;
  if (node.nodes > kNodesMax || nodes_ > kNodesMax)
    return Wrong("the document unfolds to too much");
  if (!properties.anchor.empty()) anchors_[properties.anchor] = node;
  return node;
}

Result<Node> Parser::Alias() {
  size_t end = at_ + 1;
  while (end < text_.size() && !IsBlank(text_[end]) && !IsBreak(text_[end]) &&
         !IsFlowIndicator(text_[end])) {
    ++end;
  }
  std::string name(text_.substr(at_ + 1, end - at_ - 1));
  auto it = anchors_.find(name);
  if (it == anchors_.end()) return Wrong(fmt::format("reference to undefined anchor \"{}\"", name));
  if (!it->second) {
    return Wrong(fmt::format("cannot refer to anchor \"{}\" from inside its own definition", name));
  }
  at_ = end;
  nodes_ += it->second->nodes;
  if (nodes_ > kNodesMax) return Wrong("the document unfolds to too much");
  return *it->second;
}

// The object of the entries, with what "<<" merges into it.
Result<Value> Parser::Object(std::vector<std::pair<Value, Node>> entries, Node& node) {
  Value::Members merged;
  Value::Members own;
  for (auto& [key, entry] : entries) {
    node.nodes += entry.nodes;
    if (key.is_null() || !key.type().is_primitive()) return Wrong("a key must be a scalar");
    bool merge = key.type().is_string() && key.string() == "<<";
    if (!merge) {
      std::string name = key.type().is_string()   ? key.string()
                         : key.type().is_number() ? key.number().ToString()
                         : key.boolean()          ? "true"
                                                  : "false";
      own.emplace_back(std::move(name), std::move(entry.value));
      continue;
    }
    std::vector<Value> sources = {entry.value};
    if (entry.value.type().is_tuple()) sources = entry.value.items();
    // Of several sources the first counts.
    std::reverse(sources.begin(), sources.end());
    for (const auto& source : sources) {
      if (!source.type().is_object())
        return Wrong("map merge requires map or sequence of maps as the value");
      merged.insert(merged.end(), source.members().begin(), source.members().end());
    }
  }
  merged.insert(merged.end(), own.begin(), own.end());
  std::stable_sort(merged.begin(), merged.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return Value::Object(std::move(merged));
}

Result<Node> Parser::BlockSequence(int indent) {
  Node node;
  node.value = Value();
  std::vector<Value> items;
  while (!AtDocumentEnd() && Column() == indent && AtIndicator('-')) {
    ++at_;
    Node item = TRY(BlockNode(indent, false));
    node.nodes += item.nodes;
    items.push_back(std::move(item.value));
    SkipToContent();
  }
  if (!AtDocumentEnd() && Column() > indent) return Wrong("bad indentation of a sequence entry");
  node.value = Value::Tuple(std::move(items));
  return node;
}

Result<Node> Parser::MappingValue(int indent) {
  // A sequence may stand as far left as the key that it belongs to.
  size_t start = at_;
  if (AtLineEnd()) {
    SkipToContent();
    if (!AtDocumentEnd() && Column() == indent && AtIndicator('-')) {
      if (++depth_ > kDepthMax) return Wrong("the document is nested too deeply");
      auto sequence = BlockSequence(indent);
      --depth_;
      return sequence;
    }
    at_ = start;
  }
  return BlockNode(indent, true);
}

// "? key" and, on a line of its own, ": value".
Result<std::pair<Value, Node>> Parser::ExplicitEntry(int indent) {
  ++at_;
  Node key = TRY(BlockNode(indent, false));
  SkipToContent();
  Node value;
  value.value = Value::Null();
  if (!AtDocumentEnd() && Column() == indent && AtIndicator(':')) {
    ++at_;
    value = TRY(MappingValue(indent));
    SkipToContent();
  }
  return std::pair(std::move(key.value), std::move(value));
}

Result<Node> Parser::BlockMapping(int indent) {
  Node node;
  std::vector<std::pair<Value, Node>> entries;
  while (!AtDocumentEnd() && Column() == indent) {
    if (AfterTab()) return Wrong("found a tab where indentation is expected");
    if (AtIndicator('?')) {
      auto entry = ExplicitEntry(indent);
      if (!entry.ok()) return std::move(entry).error();
      entries.push_back(*std::move(entry));
      continue;
    }
    Properties properties = TRY(ReadProperties());
    if (!AtImplicitKey()) return Wrong("could not find the \":\" of a key");
    Node key;
    if (Peek() == '*') {
      key = TRY(Alias());
    } else {
      bool plain = Peek() != '"' && Peek() != '\'';
      std::string text;
      if (plain) {
        size_t end = PlainEnd(at_, false);
        text = text_.substr(at_, end - at_);
        at_ = end;
      } else {
        text = TRY(Quoted(indent));
        key.value = Value::String(text);
      }
      key = TRY(Finish(std::move(key), properties, plain, text));
    }
    SkipBlanks();
    ++at_;  // The colon.
    Node entry = TRY(MappingValue(indent));
    entries.emplace_back(std::move(key.value), std::move(entry));
    SkipToContent();
  }
  if (!AtDocumentEnd() && Column() > indent) return Wrong("bad indentation of a mapping entry");
  node.value = TRY(Object(std::move(entries), node));
  return node;
}

Result<Node> Parser::BlockNode(int parent, bool after_key) {
  struct Depth {
    explicit Depth(int& depth) : depth(++depth) {}
    ~Depth() { --depth; }
    int& depth;
  } depth(depth_);
  if (depth_ > kDepthMax) return Wrong("the document is nested too deeply");
  bool same_line = !AtLineEnd();
  SkipToContent();
  if (AtDocumentEnd() || Column() <= parent) return Finish({}, {}, true, "");
  if (AfterTab()) return Wrong("found a tab where indentation is expected");
  size_t start = at_;
  int column = Column();
  Properties properties;
  bool inline_properties = Peek() == '&' || Peek() == '!';
  if (inline_properties) {
    properties = TRY(ReadProperties());
    if (AtLineEnd()) {
      SkipToContent();
      same_line = false;
      inline_properties = false;
      bool sequence_at_key =
          after_key && !AtDocumentEnd() && Column() == parent && AtIndicator('-');
      if (!sequence_at_key && (AtDocumentEnd() || Column() <= parent)) {
        return Finish({}, properties, true, "");
      }
      column = Column();
    }
  }
  bool block_allowed = !(after_key && same_line);
  if (AtIndicator('-')) {
    if (!block_allowed) return Wrong("block sequence entries are not allowed here");
    Node node = TRY(BlockSequence(column));
    return Finish(std::move(node), properties, false, "");
  }
  if (Peek() == '|' || Peek() == '>') {
    std::string text = TRY(BlockScalar(parent));
    // Terraform takes one without a line for a null string.
    Value value = text.empty() ? Value::Null(Type::String()) : Value::String(text);
    return Finish({std::move(value)}, properties, false, text);
  }
  if (Peek() == '[' || Peek() == '{') {
    Node node = TRY(FlowNode());
    if (!AtLineEnd()) return Wrong("did not find the end of the line");
    return Finish(std::move(node), properties, false, "");
  }
  if (AtIndicator('?') || AtImplicitKey()) {
    if (!block_allowed) return Wrong("mapping values are not allowed here");
    if (inline_properties) {
      // They belong to the first key, not to the mapping.
      at_ = start;
      properties = {};
      column = Column();
    }
    Node node = TRY(BlockMapping(column));
    return Finish(std::move(node), properties, false, "");
  }
  if (Peek() == '*') return Alias();
  if (Peek() == '"' || Peek() == '\'') {
    std::string text = TRY(Quoted(parent));
    if (!AtLineEnd()) return Wrong("did not find the end of the line");
    return Finish({Value::String(text)}, properties, false, text);
  }
  if (std::string_view("@`%,]}").find(Peek()) != std::string_view::npos) {
    return Wrong("found a character that cannot start a value");
  }
  std::string text = TRY(Plain(parent, false));
  if (AtIndicator(':')) return Wrong("mapping values are not allowed here");
  return Finish({}, properties, true, text);
}

Result<Node> Parser::FlowSequence() {
  Node node;
  std::vector<Value> items;
  ++at_;
  while (true) {
    SkipToContent();
    if (AtEnd()) return Wrong("the \"[\" is not closed");
    if (Peek() == ']') break;
    Node item = TRY(FlowNode());
    SkipToContent();
    if (!AtEnd() && Peek() == ':') {
      // [a: b] is a mapping of one entry.
      ++at_;
      Node inner = TRY(FlowNode());
      std::vector<std::pair<Value, Node>> entries;
      entries.emplace_back(item.value, std::move(inner));
      item.value = TRY(Object(std::move(entries), item));
      SkipToContent();
    }
    node.nodes += item.nodes;
    items.push_back(std::move(item.value));
    if (!AtEnd() && Peek() == ',') {
      ++at_;
    } else if (!AtEnd() && Peek() != ']') {
      return Wrong("did not find the expected \",\" or \"]\"");
    }
  }
  ++at_;
  node.value = Value::Tuple(std::move(items));
  return node;
}

Result<Node> Parser::FlowMapping() {
  Node node;
  std::vector<std::pair<Value, Node>> entries;
  ++at_;
  while (true) {
    SkipToContent();
    if (AtEnd()) return Wrong("the \"{\" is not closed");
    if (Peek() == '}') break;
    Node key = TRY(FlowNode());
    Node entry;
    entry.value = Value::Null();
    SkipToContent();
    if (!AtEnd() && Peek() == ':') {
      ++at_;
      SkipToContent();
      if (Peek() != ',' && Peek() != '}') entry = TRY(FlowNode());
      SkipToContent();
    }
    entries.emplace_back(std::move(key.value), std::move(entry));
    if (!AtEnd() && Peek() == ',') {
      ++at_;
    } else if (!AtEnd() && Peek() != '}') {
      return Wrong("did not find the expected \",\" or \"}\"");
    }
  }
  ++at_;
  node.value = TRY(Object(std::move(entries), node));
  return node;
}

Result<Node> Parser::FlowNode() {
  SkipToContent();
  if (AtEnd() || Peek() == ',' || Peek() == ']' || Peek() == '}') {
    return Wrong("did not find expected node content");
  }
  if (++depth_ > kDepthMax) return Wrong("the document is nested too deeply");
  Properties properties = TRY(ReadProperties());
  SkipToContent();
  Result<Node> node = Node();
  if (Peek() == '[') {
    node = FlowSequence();
  } else if (Peek() == '{') {
    node = FlowMapping();
  } else if (Peek() == '*') {
    node = Alias();
  } else if (Peek() == '"' || Peek() == '\'') {
    std::string text = TRY(Quoted(-1));
    node = Finish({Value::String(text)}, properties, false, text);
    --depth_;
    return node;
  } else {
    std::string text = TRY(Plain(-1, true));
    node = Finish({}, properties, true, text);
    --depth_;
    return node;
  }
  --depth_;
  if (!node.ok()) return node;
  return Finish(*std::move(node), properties, false, "");
}

}  // namespace

Result<Value> ParseYaml(std::string_view text) {
  size_t bad = 0;
  if (!IsUtf8(text, &bad)) return Error::Invalid("at byte {}: the text is not valid UTF-8", bad);
  return Parser(text).Document();
}

}  // namespace andon::functions
