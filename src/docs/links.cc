#include "docs/links.h"

#include <fmt/format.h>

namespace andon::docs {
namespace {

constexpr std::string_view kDataset = "dataset.";

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string KeyOf(std::string_view dataset) {
  const bool is_declared = dataset.starts_with(kDataset) || dataset.starts_with("module.");
  std::string key = is_declared ? "" : "~";
  if (dataset.starts_with(kDataset)) dataset.remove_prefix(kDataset.size());
  // A tilde stands before the code of what cannot stand itself; it never begins a name.
  for (char c : dataset) {
    if (IsPlain(c))
      key += c;
    else
      key += fmt::format("~{:02x}", static_cast<unsigned char>(c));
  }
  return key;
}

std::string Links::Compare(int64_t before, int64_t after) const {
  return fmt::format("{}compare?before={}&after={}", base_, before, after);
}

}  // namespace andon::docs
