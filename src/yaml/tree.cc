#include "yaml/tree.h"

#include <charconv>

namespace andon::yaml {

bool Node::is_null() const {
  if (!is_scalar() || style != Style::kPlain) return false;
  if (tag == "!!null") return true;
  return tag.empty() &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

const std::vector<Node>& Node::items() const {
  static const std::vector<Node> kNone;
  return sequence ? *sequence : kNone;
}

const std::vector<Entry>& Node::entries() const {
  static const std::vector<Entry> kNone;
  return mapping ? *mapping : kNone;
}

const Node* Node::Find(std::string_view key) const {
  for (const Entry& entry : entries()) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

namespace {

std::string Unescaped(std::string_view segment) {
  std::string out;
  for (size_t i = 0; i < segment.size(); ++i) {
    bool escape = segment[i] == '~' && i + 1 < segment.size() &&
                  (segment[i + 1] == '0' || segment[i + 1] == '1');
    out += !escape ? segment[i] : segment[i + 1] == '0' ? '~' : '/';
    if (escape) ++i;
  }
  return out;
}

}  // namespace

Position PositionOf(const Node& root, std::string_view pointer) {
  const Node* node = &root;
  Position found = root.start;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    size_t end = std::min(pointer.find('/'), pointer.size());
    std::string step = Unescaped(pointer.substr(0, end));
    pointer.remove_prefix(end);
    const Node* next = nullptr;
    if (node->is_sequence()) {
      size_t index = 0;
      auto [stop, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      bool whole = error == std::errc() && stop == step.data() + step.size();
      if (whole && index < node->items().size()) next = &node->items()[index];
      if (next) found = next->start;
    }
    for (const Entry& entry : node->entries()) {
      if (entry.key.text != step) continue;
      next = &entry.value;
      found = entry.key.start;
    }
    if (!next) break;
    node = next;
  }
  return found;
}

}  // namespace andon::yaml
