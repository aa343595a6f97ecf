#include "registry/cli_configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "io/path.h"
#include "registry/constant_texts.h"
#include "registry/provider_folders.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

std::string Find(const Environment& environment, const std::string& name) {
  auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::string ConfigPath(const io::FileSystem& files, const Environment& environment) {
  for (const char* name : {"TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"}) {
    if (std::string given = Find(environment, name); !given.empty()) return given;
  }
  for (const char* name : {".tofurc", ".terraformrc"}) {
    std::string path = io::Join(Find(environment, "HOME"), name);
    if (files.Exists(path)) return path;
  }
  return {};
}

Error Wrong(const SourceRange& range, std::string_view what) {
  return Error::Invalid("{}: {}", ToString(range), what);
}

// "$HOME/x", as the reference allows in paths.
std::string Expand(const std::string& text, const Environment& environment) {
  auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      out += text[i++];
      continue;
    }
    size_t end = ++i;
    while (end < text.size() && is_name(text[end])) ++end;
    out += Find(environment, text.substr(i, end - i));
    i = end;
  }
  return out;
}

bool IsTrue(const hcl::Body& body, std::string_view name) {
  const hcl::Attribute* attribute = body.Find(name);
  if (attribute == nullptr) return false;
  auto value = hcl::EvaluateConstant(attribute->expression()).value;
  return value.is_known_not_null() && value.type().is_bool() && value.boolean();
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

// The names in a dev_overrides block stand in quotes, as only keys of a value do here: it is read
// as such a value. No place behind it moves but on its own line.
std::string WithOverridesAsValue(std::string text) {
  constexpr std::string_view kWord = "dev_overrides";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      while (++i < text.size() && text[i] != '"' && text[i] != '\n') i += text[i] == '\\' ? 1 : 0;
    } else if (text[i] == '#' || text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "/*") == 0) {
      size_t end = text.find("*/", i + 2);
      i = end == text.npos ? text.size() : end + 1;
    } else if (text.compare(i, kWord.size(), kWord) == 0) {
      size_t brace = text.find_first_not_of(" \t", i + kWord.size());
      if (brace != text.npos && text[brace] == '{') {
        if (brace == i + kWord.size()) text.insert(brace, " ");
        text[i + kWord.size()] = '=';
      }
      i += kWord.size() - 1;
    }
  }
  return text;
}

class Reader {
 public:
  Reader(const Environment& environment, CliConfiguration* out)
      : environment_(environment), out_(out) {}

  Result<void> Read(const hcl::Body& body) {
    out_->plugin_cache_dir = Expand(ConstantText(body, "plugin_cache_dir"), environment_);
    const hcl::Attribute* cache = body.Find("plugin_cache_dir");
    if (cache != nullptr && out_->plugin_cache_dir.empty())
      return Wrong(cache->range(), "plugin_cache_dir is a folder, \"$HOME/…\" among others.");
    out_->may_break_lock_file = IsTrue(body, "plugin_cache_may_break_dependency_lock_file");
    for (const hcl::Block& block : body.blocks) {
      if (block.type == "provider_installation") TRY(ReadInstallation(block));
      if (block.type == "credentials" && block.labels.size() == 1) {
        std::string host = AsciiLower(block.labels[0].text);
        out_->tokens[host] = ConstantText(block.body, "token");
      }
      if (block.type == "host" && block.labels.size() == 1) TRY(ReadHost(block));
      if (block.type == "credentials_helper") {
        return Wrong(block.header_range(),
                     "Programs that keep credentials are not asked. Write the token into a "
                     "credentials block, or into the variable TF_TOKEN_ with the host's name.");
      }
    }
    return {};
  }

 private:
  Result<void> ReadInstallation(const hcl::Block& installation) {
    if (out_->methods)
      return Wrong(installation.header_range(),
                   "There is one provider_installation block at most.");
    out_->methods.emplace();
    if (const hcl::Attribute* overrides = installation.body.Find("dev_overrides"))
      TRY(ReadOverrides(*overrides));
    for (const hcl::Block& block : installation.body.blocks) {
      using Kind = InstallationMethod::Kind;
      InstallationMethod method{.include = ConstantTexts(block.body, "include"),
                                .exclude = ConstantTexts(block.body, "exclude")};
      if (block.type == "filesystem_mirror") {
        method.kind = Kind::kFilesystemMirror;
        method.location = Expand(ConstantText(block.body, "path"), environment_);
        if (method.location.empty())
          return Wrong(block.header_range(), "a filesystem_mirror needs its path.");
      } else if (block.type == "network_mirror") {
        method.kind = Kind::kNetworkMirror;
        method.location = ConstantText(block.body, "url");
        if (!AsciiLower(method.location).starts_with("https://"))
          return Wrong(block.header_range(), "a network_mirror needs its url, which is https:.");
        if (!method.location.ends_with('/')) method.location += '/';
      } else if (block.type != "direct") {
        return Wrong(block.header_range(),
                     fmt::format("there is no installation method \"{}\", but filesystem_mirror, "
                                 "network_mirror, direct and dev_overrides.",
                                 block.type));
      }
      for (const auto* patterns : {&method.include, &method.exclude}) {
        for (const std::string& pattern : *patterns) {
          size_t slashes = static_cast<size_t>(std::ranges::count(pattern, '/'));
          if (slashes == 0 || slashes > 2)
            return Wrong(block.header_range(),
                         fmt::format("\"{}\" is no pattern of providers, as \"hashicorp/*\" or "
                                     "\"example.com/*/*\" are.",
                                     pattern));
        }
      }
      out_->methods->push_back(std::move(method));
    }
    return {};
  }

  Result<void> ReadOverrides(const hcl::Attribute& overrides) {
    Error wrong =
        Wrong(overrides.range(), "dev_overrides gives a folder to the address of each provider.");
    auto value = hcl::EvaluateConstant(overrides.expression()).value;
    if (!value.is_known_not_null() || !value.CanIterate()) return wrong;
    for (const auto& [key, item] : value.Elements()) {
      bool is_text = item.is_known_not_null() && item.type().is_string();
      if (!is_text || !key.type().is_string()) return wrong;
      auto address = config::ParseProviderSource(key.string());
      if (!address.ok()) return Wrong(overrides.range(), address.error().message);
      out_->dev_overrides[*address] = Expand(item.string(), environment_);
    }
    return {};
  }

  Result<void> ReadHost(const hcl::Block& block) {
    const hcl::Attribute* services = block.body.Find("services");
    if (services == nullptr) return {};
    auto value = hcl::EvaluateConstant(services->expression()).value;
    if (!value.is_known_not_null() || !value.CanIterate())
      return Wrong(services->range(), "services gives an address to the name of each service.");
    for (const auto& [key, item] : value.Elements()) {
      if (item.is_known_not_null() && item.type().is_string())
        out_->hosts[AsciiLower(block.labels[0].text)][key.string()] = item.string();
    }
    // A host without any service offers none.
    out_->hosts[AsciiLower(block.labels[0].text)];
    return {};
  }

  const Environment& environment_;
  CliConfiguration* out_;
};

// What "tofu login" keeps.
void ReadLogins(const io::FileSystem& files, const Environment& environment, Tokens* tokens) {
  auto text = files.Read(io::Join(Find(environment, "HOME"), ".terraform.d/credentials.tfrc.json"));
  if (!text.ok()) return;
  auto json = Json::Parse(*text);
  if (!json.ok()) return;
  for (const auto& [host, entry] : (*json)["credentials"].members())
    tokens->emplace(AsciiLower(host), entry["token"].AsString());
}

// TF_TOKEN_example_com, TF_TOKEN_my__host_example_com ("my-host.example.com").
void ReadTokens(const Environment& environment, Tokens* tokens) {
  constexpr std::string_view kPrefix = "TF_TOKEN_";
  for (const auto& [name, token] : environment) {
    if (!name.starts_with(kPrefix)) continue;
    std::string host;
    for (size_t i = kPrefix.size(); i < name.size(); ++i) {
      bool is_dash = name.compare(i, 2, "__") == 0;
      host += is_dash ? '-' : name[i] == '_' ? '.' : name[i];
      if (is_dash) ++i;
    }
    (*tokens)[AsciiLower(host)] = token;
  }
}

// Numbers that are none count as not given.
int NumberOf(const Environment& environment, const std::string& name, int otherwise, int max) {
  std::string text = Find(environment, name);
  if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != text.npos)
    return otherwise;
  return std::min(std::stoi(text), max);
}

void ReadLimits(const Environment& environment, RemoteOptions* out) {
  int seconds = NumberOf(environment, "TF_REGISTRY_CLIENT_TIMEOUT", 10, 3600);
  if (seconds > 0) out->request_limit = std::chrono::seconds(seconds);
  out->retries = NumberOf(environment, "TF_REGISTRY_DISCOVERY_RETRY", out->retries, 100);
  out->download_retries =
      NumberOf(environment, "TF_PROVIDER_DOWNLOAD_RETRY", out->download_retries, 100);
}

}  // namespace

bool InstallationMethod::Offers(const config::ProviderAddress& address) const {
  auto any = [&](const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return Matches(pattern, address); });
  };
  return !any(exclude) && (include.empty() || any(include));
}

Result<CliConfiguration> ReadCliConfiguration(const io::FileSystem& files,
                                              const Environment& environment) {
  CliConfiguration out;
  std::string path = ConfigPath(files, environment);
  if (!path.empty() && files.Exists(path)) {
    std::string text = TRY(files.Read(path));
    auto parsed = hcl::ParseFile(path, WithOverridesAsValue(std::move(text)));
    if (parsed.diagnostics.has_errors()) {
      const Diagnostic& first = *parsed.diagnostics.begin();
      return Error::Invalid("{}: {}: {}", ToString(first.subject), first.summary, first.detail);
    }
    TRY(Reader(environment, &out).Read(parsed.file->body()));
  }
  ReadLogins(files, environment, &out.tokens);
  ReadTokens(environment, &out.tokens);
  ReadLimits(environment, &out.remote);
  if (std::string dir = Find(environment, "TF_PLUGIN_CACHE_DIR"); !dir.empty())
    out.plugin_cache_dir = dir;
  std::string may_break = Find(environment, "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE");
  if (!may_break.empty()) out.may_break_lock_file = may_break != "0" && may_break != "false";
  return out;
}

std::vector<InstallationMethod> MethodsOf(const CliConfiguration& configuration,
                                          const io::FileSystem& files,
                                          const Environment& environment) {
  if (configuration.methods) return *configuration.methods;
  std::vector<InstallationMethod> out;
  InstallationMethod direct;
  std::string home = Find(environment, "HOME");
  for (const std::string& folder :
       {std::string("terraform.d/plugins"), io::Join(home, ".terraform.d/plugins"),
        io::Join(home, ".local/share/opentofu/plugins"),
        io::Join(home, ".local/share/terraform/plugins")}) {
    if (!files.Exists(folder)) continue;
    InstallationMethod method{.kind = InstallationMethod::Kind::kFilesystemMirror,
                              .location = folder};
    // What such a folder has is meant to come from there alone.
    for (const config::ProviderAddress& address : ProvidersBelow(files, folder)) {
      method.include.push_back(config::ToString(address));
      direct.exclude.push_back(config::ToString(address));
    }
    if (!method.include.empty()) out.push_back(std::move(method));
  }
  out.push_back(std::move(direct));
  return out;
}

}  // namespace andon::registry
