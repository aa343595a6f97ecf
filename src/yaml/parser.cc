#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "yaml/scanner.h"
#include "yaml/tree.h"

namespace andon::yaml {
namespace {

constexpr int kDepthMax = 256;
constexpr int64_t kNodesMax = 1'000'000;

struct Properties {
  std::string anchor;
  std::string tag;
};

class Parser : private Scanner {
 public:
  Parser(std::string_view text, const ParseOptions& options) : Scanner(text), options_(options) {}
  Result<Node> Document();

 private:
  Result<Node> BlockNode(int parent, bool after_key);
  Result<Node> BlockMapping(int indent);
  Result<Node> BlockSequence(int indent);
  Result<Node> MappingKey(int indent);
  Result<Node> MappingValue(int indent);
  Result<Entry> ExplicitEntry(int indent);
  Result<Node> FlowNode();
  Result<Node> FlowSequence();
  Result<Node> FlowMapping();
  Result<Node> Alias();
  Result<Properties> ReadProperties();
  Result<Node> Finish(Node node, const Properties& properties);
  Result<Node> Mapping(std::vector<Entry> entries, Position start);
  Result<void> Merge(const Entry& entry, std::vector<Entry>& into);

  Node Scalar(Style style, std::string text, Position start) const {
    return {.style = style, .text = std::move(text), .start = start};
  }
  Node Nothing() { return Scalar(Style::kPlain, "", Here()); }
  Position Here();

  const ParseOptions& options_;
  int depth_ = 0;
  int64_t nodes_ = 0;
  std::map<std::string, std::optional<Node>> anchors_;  // Empty while it is being read.
  size_t counted_to_ = 0;                               // Where Here() was asked last.
  int lines_ = 1;
  int skipped_ = 0;  // Bytes of the mark before the text.
};

Position Parser::Here() {
  size_t at = std::min(at_, text_.size());
  if (at < counted_to_) {
    counted_to_ = 0;
    lines_ = 1;
  }
  lines_ += static_cast<int>(std::count(text_.begin() + static_cast<long>(counted_to_),
                                        text_.begin() + static_cast<long>(at), '\n'));
  counted_to_ = at;
  return {lines_, Column() + 1, static_cast<int>(at) + skipped_};
}

Result<Node> Parser::Document() {
  if (text_.starts_with("\xEF\xBB\xBF")) {
    text_.remove_prefix(3);
    skipped_ = 3;
  }
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
  return node;
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

Result<Node> Parser::Finish(Node node, const Properties& properties) {
  if (!properties.tag.empty()) node.tag = properties.tag;
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

// What "<<" brings in: of several sources the first counts.
Result<void> Parser::Merge(const Entry& entry, std::vector<Entry>& into) {
  std::vector<Node> sources = {entry.value};
  if (entry.value.is_sequence()) sources = entry.value.items();
  std::reverse(sources.begin(), sources.end());
  for (const Node& source : sources) {
    if (!source.is_mapping())
      return Wrong("map merge requires map or sequence of maps as the value");
    into.insert(into.end(), source.entries().begin(), source.entries().end());
  }
  return {};
}

// The mapping of the entries: each key once, where it stood first, with what was said last. What
// is merged in stands before, and is said before, the mapping's own.
Result<Node> Parser::Mapping(std::vector<Entry> entries, Position start) {
  Node node{.kind = Kind::kMapping, .start = start};
  std::vector<Entry> all;
  for (const Entry& entry : entries) {
    node.nodes += entry.value.nodes;
    if (!entry.key.is_scalar() || entry.key.is_null() ||
        (entry.key.style == Style::kBlock && entry.key.text.empty()))
      return Wrong("a key must be a scalar");
    if (entry.key.text == "<<") TRY(Merge(entry, all));
  }
  size_t merged = all.size();
  for (Entry& entry : entries) {
    if (entry.key.text != "<<") all.push_back(std::move(entry));
  }
  std::vector<Entry> unique;
  std::unordered_map<std::string, size_t> index;
  std::vector<bool> is_own;
  for (size_t i = 0; i < all.size(); ++i) {
    auto [it, is_new] = index.emplace(all[i].key.text, unique.size());
    if (is_new) {
      unique.push_back(std::move(all[i]));
      is_own.push_back(i >= merged);
      continue;
    }
    Entry& before = unique[it->second];
    if (is_own[it->second] && !options_.allows_duplicates) {
      const Position& at = all[i].key.start;
      return Error::Invalid("on line {}, column {}: the key \"{}\" stands on line {} already",
                            at.line, at.column, before.key.text, before.key.start.line);
    }
    before = std::move(all[i]);
    is_own[it->second] = i >= merged;
  }
  node.mapping = std::make_shared<const std::vector<Entry>>(std::move(unique));
  return node;
}

Result<Node> Parser::BlockSequence(int indent) {
  Node node{.kind = Kind::kSequence, .start = Here()};
  std::vector<Node> items;
  while (!AtDocumentEnd() && Column() == indent && AtIndicator('-')) {
    ++at_;
    Node item = TRY(BlockNode(indent, false));
    node.nodes += item.nodes;
    items.push_back(std::move(item));
    SkipToContent();
  }
  if (!AtDocumentEnd() && Column() > indent) return Wrong("bad indentation of a sequence entry");
  node.sequence = std::make_shared<const std::vector<Node>>(std::move(items));
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
Result<Entry> Parser::ExplicitEntry(int indent) {
  ++at_;
  Entry entry;
  entry.key = TRY(BlockNode(indent, false));
  SkipToContent();
  entry.value = Nothing();
  if (!AtDocumentEnd() && Column() == indent && AtIndicator(':')) {
    ++at_;
    entry.value = TRY(MappingValue(indent));
    SkipToContent();
  }
  return entry;
}

Result<Node> Parser::MappingKey(int indent) {
  Properties properties = TRY(ReadProperties());
  if (!AtImplicitKey()) return Wrong("could not find the \":\" of a key");
  if (Peek() == '*') return Alias();
  Position start = Here();
  if (Peek() == '"' || Peek() == '\'') {
    std::string text = TRY(Quoted(indent));
    return Finish(Scalar(Style::kQuoted, std::move(text), start), properties);
  }
  size_t end = PlainEnd(at_, false);
  std::string text(text_.substr(at_, end - at_));
  at_ = end;
  return Finish(Scalar(Style::kPlain, std::move(text), start), properties);
}

Result<Node> Parser::BlockMapping(int indent) {
  Position start = Here();
  std::vector<Entry> entries;
  while (!AtDocumentEnd() && Column() == indent) {
    if (AfterTab()) return Wrong("found a tab where indentation is expected");
    if (AtIndicator('?')) {
      Entry entry = TRY(ExplicitEntry(indent));
      entries.push_back(std::move(entry));
      continue;
    }
    Entry entry;
    entry.key = TRY(MappingKey(indent));
    SkipBlanks();
    ++at_;  // The colon.
    entry.value = TRY(MappingValue(indent));
    entries.push_back(std::move(entry));
    SkipToContent();
  }
  if (!AtDocumentEnd() && Column() > indent) return Wrong("bad indentation of a mapping entry");
  return Mapping(std::move(entries), start);
}

Result<Node> Parser::BlockNode(int parent, bool after_key) {
  struct Depth {
    explicit Depth(int& depth) : depth(++depth) {}
    ~Depth() { --depth; }
    int& depth;
  } depth(depth_);
  if (depth_ > kDepthMax) return Wrong("the document is nested too deeply");
  Position behind = Here();
  bool same_line = !AtLineEnd();
  SkipToContent();
  if (AtDocumentEnd() || Column() <= parent) return Finish(Scalar(Style::kPlain, "", behind), {});
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
        return Finish(Scalar(Style::kPlain, "", behind), properties);
      }
      column = Column();
    }
  }
  bool block_allowed = !(after_key && same_line);
  if (AtIndicator('-')) {
    if (!block_allowed) return Wrong("block sequence entries are not allowed here");
    Node node = TRY(BlockSequence(column));
    return Finish(std::move(node), properties);
  }
  Position here = Here();
  if (Peek() == '|' || Peek() == '>') {
    std::string text = TRY(BlockScalar(parent));
    return Finish(Scalar(Style::kBlock, std::move(text), here), properties);
  }
  if (Peek() == '[' || Peek() == '{') {
    Node node = TRY(FlowNode());
    if (!AtLineEnd()) return Wrong("did not find the end of the line");
    return Finish(std::move(node), properties);
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
    return Finish(std::move(node), properties);
  }
  if (Peek() == '*') return Alias();
  if (Peek() == '"' || Peek() == '\'') {
    std::string text = TRY(Quoted(parent));
    if (!AtLineEnd()) return Wrong("did not find the end of the line");
    return Finish(Scalar(Style::kQuoted, std::move(text), here), properties);
  }
  if (std::string_view("@`%,]}").find(Peek()) != std::string_view::npos) {
    return Wrong("found a character that cannot start a value");
  }
  std::string text = TRY(Plain(parent, false));
  if (AtIndicator(':')) return Wrong("mapping values are not allowed here");
  return Finish(Scalar(Style::kPlain, std::move(text), here), properties);
}

Result<Node> Parser::FlowSequence() {
  Node node{.kind = Kind::kSequence, .start = Here()};
  std::vector<Node> items;
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
      Position start = item.start;
      std::vector<Entry> entries(1);
      entries[0].value = TRY(FlowNode());
      entries[0].key = std::move(item);
      item = TRY(Mapping(std::move(entries), start));
      SkipToContent();
    }
    node.nodes += item.nodes;
    items.push_back(std::move(item));
    if (!AtEnd() && Peek() == ',') {
      ++at_;
    } else if (!AtEnd() && Peek() != ']') {
      return Wrong("did not find the expected \",\" or \"]\"");
    }
  }
  ++at_;
  node.sequence = std::make_shared<const std::vector<Node>>(std::move(items));
  return node;
}

Result<Node> Parser::FlowMapping() {
  Position start = Here();
  std::vector<Entry> entries;
  ++at_;
  while (true) {
    SkipToContent();
    if (AtEnd()) return Wrong("the \"{\" is not closed");
    if (Peek() == '}') break;
    Entry entry;
    entry.key = TRY(FlowNode());
    entry.value = Nothing();
    SkipToContent();
    if (!AtEnd() && Peek() == ':') {
      ++at_;
      SkipToContent();
      if (Peek() != ',' && Peek() != '}') entry.value = TRY(FlowNode());
      SkipToContent();
    }
    entries.push_back(std::move(entry));
    if (!AtEnd() && Peek() == ',') {
      ++at_;
    } else if (!AtEnd() && Peek() != '}') {
      return Wrong("did not find the expected \",\" or \"}\"");
    }
  }
  ++at_;
  return Mapping(std::move(entries), start);
}

Result<Node> Parser::FlowNode() {
  SkipToContent();
  if (AtEnd() || Peek() == ',' || Peek() == ']' || Peek() == '}') {
    return Wrong("did not find expected node content");
  }
  if (++depth_ > kDepthMax) return Wrong("the document is nested too deeply");
  Properties properties = TRY(ReadProperties());
  SkipToContent();
  Position here = Here();
  Node node;
  if (Peek() == '[') {
    node = TRY(FlowSequence());
  } else if (Peek() == '{') {
    node = TRY(FlowMapping());
  } else if (Peek() == '*') {
    node = TRY(Alias());
  } else if (Peek() == '"' || Peek() == '\'') {
    std::string text = TRY(Quoted(-1));
    node = Scalar(Style::kQuoted, std::move(text), here);
  } else {
    std::string text = TRY(Plain(-1, true));
    node = Scalar(Style::kPlain, std::move(text), here);
  }
  --depth_;
  return Finish(std::move(node), properties);
}

}  // namespace

Result<Node> Parse(std::string_view text, const ParseOptions& options) {
  size_t bad = 0;
  if (!IsUtf8(text, &bad)) return Error::Invalid("at byte {}: the text is not valid UTF-8", bad);
  return Parser(text, options).Document();
}

}  // namespace andon::yaml
