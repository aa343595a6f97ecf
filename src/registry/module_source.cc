#include "registry/module_source.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "io/path.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

constexpr std::string_view kDefaultHost = "registry.opentofu.org";

// Cuts the folder out: "https://h/x.zip//sub?a=b" is "https://h/x.zip?a=b" and "sub".
void CutFolder(std::string* address, std::string* folder) {
  size_t scheme = address->find("://");
  size_t from = scheme == address->npos ? 0 : scheme + 3;
  size_t query = std::min(address->find('?'), address->size());
  size_t slashes = address->find("//", from);
  if (slashes == address->npos || slashes >= query) return;
  *folder = address->substr(slashes + 2, query - slashes - 2);
  *address = address->substr(0, slashes) + address->substr(query);
}

// Takes "name=value" out of the query; empty where it is not there.
std::string TakeParameter(std::string* address, std::string_view name) {
  size_t query = address->find('?');
  if (query == address->npos) return {};
  std::string value;
  std::vector<std::string> rest;
  for (const std::string& part : Split(std::string_view(*address).substr(query + 1), '&')) {
    if (part.starts_with(std::string(name) + "=")) {
      value = part.substr(name.size() + 1);
    } else {
      rest.push_back(part);
    }
  }
  address->resize(query);
  if (!rest.empty()) *address += "?" + Join(rest, "&");
  return value;
}

Result<ModuleSource> ParseGit(std::string address, std::string subdir) {
  ModuleSource out{.kind = ModuleSource::Kind::kGit, .subdir = std::move(subdir)};
  out.ref = TakeParameter(&address, "ref");
  TakeParameter(&address, "depth");
  // What begins with a dash would be an option of git.
  if (address.starts_with('-') || out.ref.starts_with('-'))
    return Error::Invalid("\"{}\" is no address of a git repository", ShownUrl(address));
  out.url = std::move(address);
  return out;
}

Result<ModuleSource> ParseRegistry(std::string_view text) {
  ModuleSource out;
  std::string address(text);
  CutFolder(&address, &out.subdir);
  std::vector<std::string> parts = Split(address, '/');
  if (parts.size() == 4) {
    out.host = AsciiLower(parts[0]);
    out.has_host = true;
    parts.erase(parts.begin());
  } else {
    out.host = kDefaultHost;
  }
  bool is_plain =
      parts.size() == 3 && std::all_of(parts.begin(), parts.end(), [](const auto& part) {
        return !part.empty() && part != "." && part != "..";
      });
  if (!is_plain) return Error::Invalid("\"{}\" is no address of a module", text);
  out.package = Join(parts, "/");
  return out;
}

}  // namespace

Result<ModuleSource> ParseModuleSource(std::string_view text) {
  std::string address(text);
  std::string subdir;
  std::string forced;
  if (size_t colons = address.find("::"); colons != address.npos) {
    forced = address.substr(0, colons);
    address.erase(0, colons + 2);
  }
  bool is_web = IsHttpUrl(address);
  bool is_repository = address.starts_with("ssh://") || address.starts_with("git@") ||
                       address.starts_with("file://");
  if (forced.empty() && !is_web && !is_repository) {
    for (std::string_view host : {"github.com/", "bitbucket.org/", "gitlab.com/"}) {
      if (!address.starts_with(host)) continue;
      address = "https://" + address;
      CutFolder(&address, &subdir);
      return ParseGit(std::move(address), std::move(subdir));
    }
    return ParseRegistry(text);
  }
  CutFolder(&address, &subdir);
  if (subdir != "*" && !io::IsWithin(subdir, "."))
    return Error::Invalid("the folder \"{}\" would lie outside of the package", subdir);
  if (forced == "git" || (forced.empty() && is_repository) ||
      (forced.empty() && is_web && PathOf(address).ends_with(".git")))
    return ParseGit(std::move(address), std::move(subdir));
  if ((forced.empty() || forced == "http" || forced == "https") && is_web) {
    ModuleSource out{.kind = ModuleSource::Kind::kArchive, .subdir = std::move(subdir)};
    std::string archive = TakeParameter(&address, "archive");
    TakeParameter(&address, "checksum");
    (void)archive;  // The content says what it is.
    out.url = std::move(address);
    return out;
  }
  return Error::Invalid(
      "modules come from registries, archives (https://….zip, .tar.gz, .tar.xz) and git "
      "repositories, not from \"{}\"",
      forced.empty() ? ShownUrl(text) : forced + "::");
}

std::string ToString(const ModuleSource& source) {
  std::string folder = source.subdir.empty() ? "" : "//" + source.subdir;
  if (source.kind == ModuleSource::Kind::kRegistry)
    return source.host + "/" + source.package + folder;
  std::string git = source.kind == ModuleSource::Kind::kGit ? "git::" : "";
  std::string ref = source.ref.empty() ? "" : "?ref=" + source.ref;
  return git + source.url + folder + ref;
}

}  // namespace andon::registry
