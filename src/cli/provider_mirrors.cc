#include "cli/provider_mirrors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/text.h"
#include "cli/constant_texts.h"
#include "hcl/parser.h"
#include "io/local_file_system.h"

namespace andon::cli {
namespace {

namespace fs = std::filesystem;

std::string Home() {
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : "";
}

std::string ConfigPath() {
  for (const char* name : {"TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"}) {
    const char* given = std::getenv(name);
    if (given != nullptr && *given != '\0') return given;
  }
  std::error_code failed;
  for (const char* name : {"/.tofurc", "/.terraformrc"}) {
    if (fs::exists(Home() + name, failed)) return Home() + name;
  }
  return {};
}

// "*" stands for any one part; a pattern of two parts is one of the default host.
bool Matches(const std::string& pattern, const config::ProviderAddress& address) {
  std::vector<std::string> parts = Split(pattern, '/');
  if (parts.size() == 2) parts.insert(parts.begin(), std::string(config::kDefaultProviderHost));
  if (parts.size() != 3) return false;
  auto fits = [](const std::string& part, const std::string& text) {
    return part == "*" || part == text;
  };
  return fits(parts[0], address.host) && fits(parts[1], address.space) &&
         fits(parts[2], address.type);
}

bool Offers(const ProviderMirror& mirror, const config::ProviderAddress& address) {
  auto any = [&](const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return Matches(pattern, address); });
  };
  return !any(mirror.exclude) && (mirror.include.empty() || any(mirror.include));
}

}  // namespace

Result<std::vector<ProviderMirror>> ReadProviderMirrors() {
  std::vector<ProviderMirror> out;
  std::string path = ConfigPath();
  io::LocalFileSystem files;
  if (!path.empty() && files.Exists(path)) {
    std::string text = TRY(files.Read(path));
    auto parsed = hcl::ParseFile(path, std::move(text));
    if (parsed.diagnostics.has_errors()) {
      const Diagnostic& first = *parsed.diagnostics.begin();
      return Error::Invalid("{}: {}: {}", ToString(first.subject), first.summary, first.detail);
    }
    for (const hcl::Block& block : parsed.file->body().blocks) {
      if (block.type != "provider_installation") continue;
      for (const hcl::Block& method : block.body.blocks) {
        if (method.type != "filesystem_mirror") continue;
        std::vector<std::string> at = ConstantTexts(method.body, "path");
        if (at.empty()) {
          return Error::Invalid("{}: a filesystem_mirror needs its path.",
                                ToString(method.header_range()));
        }
        out.push_back({.path = at[0],
                       .include = ConstantTexts(method.body, "include"),
                       .exclude = ConstantTexts(method.body, "exclude")});
      }
      return out;
    }
  }
  for (std::string folder :
       {std::string("terraform.d/plugins"), Home() + "/.terraform.d/plugins",
        Home() + "/.local/share/opentofu/plugins", Home() + "/.local/share/terraform/plugins"}) {
    std::error_code failed;
    if (fs::is_directory(folder, failed)) out.push_back({.path = folder});
  }
  return out;
}

std::vector<ProviderPackage> FindPackages(const std::vector<ProviderMirror>& mirrors,
                                          const config::ProviderAddress& address) {
  std::vector<ProviderPackage> out;
  for (const ProviderMirror& mirror : mirrors) {
    if (!Offers(mirror, address)) continue;
    std::error_code failed;
    fs::path base = fs::path(mirror.path) / address.host / address.space / address.type;
    fs::directory_iterator it(base, failed);
    for (fs::directory_iterator end; !failed && it != end; it.increment(failed)) {
      auto version = config::Version::Parse(it->path().filename().string());
      fs::path dir = fs::absolute(it->path() / kPlatform, failed);
      if (version && fs::is_directory(dir, failed)) out.push_back({*version, dir.string()});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const ProviderPackage& a, const ProviderPackage& b) {
    return b.version < a.version;
  });
  return out;
}

}  // namespace andon::cli
