#include "state/file_names.h"

#include <fmt/format.h>

#include "value/display.h"

namespace andon::state {
namespace {

std::string KeyText(const address::Key& key) {
  const auto* text = std::get_if<std::string>(&key);
  return text != nullptr ? fmt::format("[{}]", value::QuoteHcl(*text)) : address::ToString(key);
}

// "$${" and "%%{" are what HCL writes for "${" and "%{".
std::string WithoutDoubledIntroducers(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    bool doubled = (text[i] == '$' || text[i] == '%') && i + 2 < text.size() &&
                   text[i + 1] == text[i] && text[i + 2] == '{';
    if (doubled) ++i;
  }
  return out;
}

address::Key Decoded(const address::Key& key) {
  const auto* text = std::get_if<std::string>(&key);
  return text != nullptr ? address::Key(WithoutDoubledIntroducers(*text)) : key;
}

bool HasNoKeys(const std::vector<address::ModuleStep>& module) {
  for (const address::ModuleStep& step : module) {
    if (!std::holds_alternative<std::monostate>(step.key)) return false;
  }
  return true;
}

}  // namespace

std::string ModuleText(const std::vector<address::ModuleStep>& module) {
  std::string out;
  for (const address::ModuleStep& step : module) {
    if (!out.empty()) out += '.';
    out += "module." + step.name + KeyText(step.key);
  }
  return out;
}

std::optional<std::vector<address::ModuleStep>> ModuleFromText(std::string_view text) {
  if (text.empty()) return std::vector<address::ModuleStep>();
  auto parsed = address::Parse(text);
  if (!parsed.ok() || !parsed->kind.empty()) return std::nullopt;
  for (address::ModuleStep& step : parsed->module) step.key = Decoded(step.key);
  return std::move(parsed->module);
}

std::optional<std::pair<std::string, address::Key>> SplitProvider(std::string_view text) {
  size_t at = text.find("provider");
  if (at == std::string_view::npos) return std::nullopt;
  if (at > 0) {
    auto module = ModuleFromText(text.substr(0, at - 1));
    if (text[at - 1] != '.' || !module || module->empty() || !HasNoKeys(*module)) {
      return std::nullopt;
    }
  }
  // What stands behind "provider" has the form of an object's address: a kind, perhaps
  // an alias as its name, perhaps a key.
  std::string_view rest = text.substr(at + std::string_view("provider").size());
  std::string kind = "type";
  size_t kind_end = 0;
  if (rest.starts_with("[\"")) {
    kind_end = rest.find("\"]", 2);
    if (kind_end == std::string_view::npos || kind_end == 2) return std::nullopt;
    if (rest.substr(2, kind_end - 2).find_first_of("\"\\[] ") != std::string_view::npos) {
      return std::nullopt;
    }
    kind_end += 2;
  } else if (rest.starts_with(".")) {
    kind_end = std::min(rest.find_first_of(".[", 1), rest.size());
    kind = rest.substr(1, kind_end - 1);
  } else {
    return std::nullopt;
  }
  std::string_view behind = rest.substr(kind_end);
  bool has_alias = behind.starts_with(".");
  auto parsed = address::Parse(fmt::format("{}{}{}", kind, has_alias ? "" : ".x", behind));
  if (!parsed.ok() || !parsed->module.empty() || parsed->is_data) return std::nullopt;
  size_t key_begin = behind.find('[');
  size_t key_size = key_begin == std::string_view::npos ? 0 : behind.size() - key_begin;
  return std::pair(std::string(text.substr(0, text.size() - key_size)), Decoded(parsed->key));
}

std::string ProviderText(std::string_view provider, const address::Key& key) {
  return std::string(provider) + KeyText(key);
}

}  // namespace andon::state
