#include "base/source.h"

#include <fmt/format.h>

namespace andon {

std::string ToString(const SourceRange& range) {
  return fmt::format("{}:{}:{}", range.filename, range.start.line, range.start.column);
}

void Sources::Add(std::string filename, std::string text) {
  texts_.insert_or_assign(std::move(filename), std::move(text));
}

const std::string* Sources::Find(std::string_view filename) const {
  auto it = texts_.find(filename);
  return it == texts_.end() ? nullptr : &it->second;
}

}  // namespace andon
