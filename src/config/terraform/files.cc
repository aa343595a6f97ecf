#include "config/terraform/files.h"

namespace andon::config {
namespace {

// The suffix of a file that only OpenTofu reads, for each that it shares.
constexpr std::pair<std::string_view, std::string_view> kSuffixes[] = {{".tf", ".tofu"},
                                                                       {".tf.json", ".tofu.json"}};

std::string_view Stem(std::string_view name) {
  for (const auto& [shared, own] : kSuffixes) {
    if (name.ends_with(shared)) return name.substr(0, name.size() - shared.size());
    if (name.ends_with(own)) return name.substr(0, name.size() - own.size());
  }
  return {};
}

}  // namespace

bool IsIgnoredFile(std::string_view name) {
  return name.starts_with('.') || name.ends_with('~') ||
         (name.starts_with('#') && name.ends_with('#'));
}

bool IsTerraformFile(std::string_view name) {
  for (const auto& [shared, own] : kSuffixes) {
    if (name.ends_with(shared) || name.ends_with(own)) return true;
  }
  return false;
}

bool IsOverrideFile(std::string_view name) {
  std::string_view stem = Stem(name);
  return stem == "override" || stem.ends_with("_override");
}

bool IsReplacedByTofu(std::string_view name, const std::set<std::string, std::less<>>& others) {
  for (const auto& [shared, own] : kSuffixes) {
    if (name.ends_with(shared)) return others.contains(std::string(Stem(name)) + std::string(own));
  }
  return false;
}

}  // namespace andon::config
