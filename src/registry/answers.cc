#include "registry/answers.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "registry/package_hash.h"

namespace andon::registry {
namespace {

Result<Json> ParseObject(std::string_view text) {
  auto json = Json::Parse(text);
  if (!json.ok()) return Error::Invalid("the answer is no JSON: {}", json.error().message);
  if (!json->is_object()) return Error::Invalid("the answer is no JSON object");
  return json;
}

std::vector<std::string> Texts(const Json& list) {
  std::vector<std::string> out;
  for (const Json& item : list.items()) {
    if (item.is_string()) out.push_back(item.AsString());
  }
  return out;
}

Result<std::vector<std::string>> Hashes(const Json& list) {
  std::vector<std::string> out = Texts(list);
  for (const std::string& hash : out) {
    if (!IsPackageHash(hash)) return Error::Invalid("the answer has an invalid hash \"{}\"", hash);
  }
  return out;
}

void NewestFirst(std::vector<config::Version>* versions) {
  std::sort(versions->begin(), versions->end(),
            [](const config::Version& a, const config::Version& b) { return b < a; });
  versions->erase(std::unique(versions->begin(), versions->end()), versions->end());
}

}  // namespace

Result<std::map<std::string, std::string>> ParseServices(std::string_view text) {
  auto json = TRY(ParseObject(text));
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : json.members()) {
    if (value.is_string()) out[name] = value.AsString();
  }
  return out;
}

Result<ProviderVersions> ParseProviderVersions(std::string_view text) {
  auto json = TRY(ParseObject(text));
  ProviderVersions out;
  out.warnings = Texts(json["warnings"]);
  if (json.Has("versions") && !json["versions"].is_array() && !json["versions"].is_null())
    return Error::Invalid("the answer has no list of versions");
  for (const Json& item : json["versions"].items()) {
    auto version = config::Version::Parse(item["version"].AsString());
    if (version) out.versions.push_back({std::move(*version), Texts(item["protocols"])});
  }
  std::stable_sort(out.versions.begin(), out.versions.end(),
                   [](const auto& a, const auto& b) { return b.version < a.version; });
  out.versions.erase(
      std::unique(out.versions.begin(), out.versions.end(),
                  [](const auto& a, const auto& b) { return a.version == b.version; }),
      out.versions.end());
  return out;
}

Result<RegistryPackage> ParseRegistryPackage(std::string_view text) {
  auto json = TRY(ParseObject(text));
  RegistryPackage out{.protocols = Texts(json["protocols"]),
                      .os = json["os"].AsString(),
                      .arch = json["arch"].AsString(),
                      .filename = json["filename"].AsString(),
                      .download_url = json["download_url"].AsString(),
                      .sha256 = AsciiLower(json["shasum"].AsString()),
                      .checksums_url = json["shasums_url"].AsString(),
                      .signature_url = json["shasums_signature_url"].AsString()};
  for (const Json& key : json["signing_keys"]["gpg_public_keys"].items())
    out.signing_keys.push_back(key["ascii_armor"].AsString());
  for (const auto& [platform, known] : json["packages"].members()) {
    auto hashes = TRY(Hashes(known["hashes"]));
    out.packages[platform] = {std::move(hashes), known["package_size"].AsInteger()};
  }
  if (!IsPackageHash("zh:" + out.sha256))
    return Error::Invalid("the answer has an invalid SHA256 hash \"{}\"", out.sha256);
  if (out.filename.empty() || out.filename.find_first_of("/\\") != std::string::npos)
    return Error::Invalid("the answer has no name of the package's file");
  if (out.download_url.empty() || out.checksums_url.empty() || out.signature_url.empty())
    return Error::Invalid(
        "the answer does not say where the package, its checksums and their "
        "signature are");
  return out;
}

Result<std::vector<config::Version>> ParseMirrorVersions(std::string_view text) {
  auto json = TRY(ParseObject(text));
  if (!json["versions"].is_object()) return Error::Invalid("the answer has no versions");
  std::vector<config::Version> out;
  for (const auto& [name, unused] : json["versions"].members()) {
    if (auto version = config::Version::Parse(name)) out.push_back(std::move(*version));
  }
  NewestFirst(&out);
  return out;
}

Result<std::map<std::string, MirrorArchive>> ParseMirrorArchives(std::string_view text) {
  auto json = TRY(ParseObject(text));
  if (!json["archives"].is_object()) return Error::Invalid("the answer has no archives");
  std::map<std::string, MirrorArchive> out;
  for (const auto& [platform, archive] : json["archives"].members()) {
    if (archive["url"].AsString().empty())
      return Error::Invalid("the answer does not say where the archive for {} is", platform);
    auto hashes = TRY(Hashes(archive["hashes"]));
    out[platform] = {archive["url"].AsString(), std::move(hashes)};
  }
  return out;
}

Result<std::vector<config::Version>> ParseModuleVersions(std::string_view text) {
  auto json = TRY(ParseObject(text));
  if (json["modules"].items().empty()) return Error::Invalid("the answer has no module");
  std::vector<config::Version> out;
  for (const Json& item : json["modules"].items()[0]["versions"].items()) {
    if (auto version = config::Version::Parse(item["version"].AsString()))
      out.push_back(std::move(*version));
  }
  NewestFirst(&out);
  return out;
}

Result<std::string> ParseModuleLocation(std::string_view text) {
  if (Trim(text).empty()) return std::string();
  auto json = TRY(ParseObject(text));
  return json["location"].AsString();
}

}  // namespace andon::registry
