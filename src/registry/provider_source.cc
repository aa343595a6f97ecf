#include "registry/provider_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "base/text.h"
#include "io/path.h"
#include "registry/package_hash.h"
#include "registry/provider_folders.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

using config::ProviderAddress;
using config::ToString;
using config::Version;

Error Unauthorized(const std::string& host, bool has_token) {
  return Error::Invalid("host {} {} authentication credentials{}", host,
                        has_token ? "rejected the given" : "requires",
                        has_token ? ""
                                  : ": give a token in a credentials block of the CLI "
                                    "configuration");
}

// 5 and 6 are spoken here.
bool IsSpoken(const std::vector<std::string>& protocols) {
  return protocols.empty() ||
         std::any_of(protocols.begin(), protocols.end(), [](const std::string& text) {
           auto version = Version::Parse(text);
           return version && (version->segments[0] == 5 || version->segments[0] == 6);
         });
}

class Registry : public ProviderSource {
 public:
  explicit Registry(Connection connection) : connection_(connection) {}

  Result<ProviderVersions> Versions(const ProviderAddress& address) override {
    std::string base = TRY(connection_.services.Find(address.host, "providers.v1"));
    auto answer =
        TRY(Ask(address, fmt::format("{}{}/{}/versions", base, address.space, address.type)));
    if (answer.status == 404 || answer.status == 410) {
      return Error::NotFound("provider registry {} does not have a provider named {}", address.host,
                             ToString(address));
    }
    if (answer.status != 200) return Failed(address, StatusText(answer.status));
    auto versions = ParseProviderVersions(answer.body);
    if (!versions.ok()) return Failed(address, versions.error().message);
    return versions;
  }

  Result<Offer> Find(const ProviderAddress& address, const Version& version,
                     const std::string& platform) override {
    std::string base = TRY(connection_.services.Find(address.host, "providers.v1"));
    std::string os = platform.substr(0, platform.find('_'));
    std::string arch = platform.substr(std::min(os.size() + 1, platform.size()));
    auto answer = TRY(Ask(address, fmt::format("{}{}/{}/{}/download/{}/{}", base, address.space,
                                               address.type, ToString(version), os, arch)));
    if (answer.status == 404 || answer.status == 410) {
      return Error::NotFound("provider {} {} is not available for {}", ToString(address),
                             ToString(version), platform);
    }
    if (answer.status != 200) return Failed(address, StatusText(answer.status));
    auto package = ParseRegistryPackage(answer.body);
    if (!package.ok()) return Failed(address, package.error().message);
    if (!IsSpoken(package->protocols)) return Unspoken(address, version, package->protocols);
    if (package->os != os || package->arch != arch) {
      return Error::Invalid(
          "registry response to request for {} archive has incorrect target {}_{}", platform,
          package->os, package->arch);
    }
    return OfferOf(address, *package, platform, answer.url);
  }

  std::string Shown(const ProviderAddress& address) const override {
    return "provider registry " + address.host;
  }

 private:
  static Error Failed(const ProviderAddress& address, std::string_view why) {
    return Error::Invalid("could not query provider registry for {}: {}", ToString(address), why);
  }

  Result<io::HttpResponse> Ask(const ProviderAddress& address, const std::string& url) {
    std::string token = connection_.services.TokenFor(address.host);
    auto answer = connection_.remote.Get(url, token);
    if (!answer.ok()) {
      return std::move(answer).error().In(
          fmt::format("could not query provider registry for {}", ToString(address)));
    }
    if (answer->status == 401 || answer->status == 403)
      return Unauthorized(address.host, !token.empty());
    if (answer->url.empty()) answer->url = url;
    return answer;
  }

  Error Unspoken(const ProviderAddress& address, const Version& version,
                 const std::vector<std::string>& protocols) {
    std::string other;
    if (auto versions = Versions(address); versions.ok()) {
      for (const auto& one : versions->versions) {
        if (one.protocols.empty() || !IsSpoken(one.protocols)) continue;
        other = fmt::format(". The newest version that is spoken with here is {}",
                            ToString(one.version));
        break;
      }
    }
    return Error::Invalid("provider {} {} speaks protocol {}, and here 5 and 6 are spoken{}",
                          ToString(address), ToString(version), Join(protocols, ", "), other);
  }

  Result<std::string> Fetch(const ProviderAddress& address, const std::string& url,
                            std::string_view what) {
    // Its host may be another one, which the token is not for.
    auto answer = connection_.remote.Get(url);
    std::string why = !answer.ok()            ? answer.error().message
                      : answer->status != 200 ? fmt::format("{} returned from {}",
                                                            StatusText(answer->status), HostOf(url))
                                              : "";
    if (!why.empty())
      return Failed(address, fmt::format("failed to retrieve {} for provider: {}", what, why));
    return std::move(answer->body);
  }

  Result<Offer> OfferOf(const ProviderAddress& address, const RegistryPackage& package,
                        const std::string& platform, const std::string& from) {
    Offer out{.location = ResolveUrl(from, package.download_url),
              .is_of_registry = true,
              .filename = package.filename,
              .sha256 = package.sha256,
              .signing_keys = package.signing_keys};
    std::string checksums = ResolveUrl(from, package.checksums_url);
    std::string signature = ResolveUrl(from, package.signature_url);
    for (const std::string& url : {out.location, checksums, signature}) {
      if (!IsHttpUrl(url)) {
        return Error::Invalid(
            "registry response includes invalid download URL: must use http or https scheme");
      }
    }
    out.checksums = TRY(Fetch(address, checksums, "authentication checksums"));
    out.signature = TRY(Fetch(address, signature, "cryptographic signature"));
    if (!package.packages.empty()) {
      auto known = package.packages.find(platform);
      if (known == package.packages.end() || known->second.size <= 0)
        return Failed(address, fmt::format("registry response missing package with platform \"{}\"",
                                           platform));
      out.size = known->second.size;
      out.hashes = known->second.hashes;
      std::string zip = "zh:" + package.sha256;
      if (std::find(out.hashes.begin(), out.hashes.end(), zip) == out.hashes.end())
        return Failed(address,
                      "registry response does not contain matching sha256sum package "
                      "entry and is invalid");
      for (const auto& [name, one] : package.packages)
        out.other_hashes.insert(out.other_hashes.end(), one.hashes.begin(), one.hashes.end());
    }
    return out;
  }

  Connection connection_;
};

class NetMirror : public ProviderSource {
 public:
  NetMirror(Connection connection, std::string url)
      : connection_(connection), url_(std::move(url)) {}

  Result<ProviderVersions> Versions(const ProviderAddress& address) override {
    auto answer = TRY(Ask(address, "index.json"));
    if (answer.status == 404 || answer.status == 410) return NotHere(address);
    if (answer.status != 200) return Failed(address, Unsuccessful(answer.status));
    auto versions = ParseMirrorVersions(answer.body);
    if (!versions.ok()) return Failed(address, Invalid(versions.error()));
    ProviderVersions out;
    for (Version& version : *versions) out.versions.push_back({std::move(version), {}});
    return out;
  }

  Result<Offer> Find(const ProviderAddress& address, const Version& version,
                     const std::string& platform) override {
    auto answer = TRY(Ask(address, ToString(version) + ".json"));
    if (answer.status == 404 || answer.status == 410)
      return Failed(address, fmt::format("provider mirror does not have archive index for "
                                         "previously-reported {} version {}",
                                         ToString(address), ToString(version)));
    if (answer.status != 200) return Failed(address, Unsuccessful(answer.status));
    auto archives = ParseMirrorArchives(answer.body);
    if (!archives.ok()) return Failed(address, Invalid(archives.error()));
    auto found = archives->find(platform);
    if (found == archives->end()) {
      return Error::NotFound("provider mirror {} does not have a package of {} {} for {}",
                             ShownUrl(url_), ToString(address), ToString(version), platform);
    }
    Offer out{.location = ResolveUrl(answer.url, found->second.url),
              .hashes = found->second.hashes};
    if (!IsHttpUrl(out.location))
      return Failed(address, "provider mirror returned an address that is neither http nor https");
    if (HostOf(out.location) == HostOf(url_))
      out.token = connection_.services.TokenFor(HostOf(url_));
    return out;
  }

  std::string Shown(const ProviderAddress&) const override {
    return "provider mirror at " + ShownUrl(url_);
  }

 private:
  static std::string Unsuccessful(int status) {
    return fmt::format("server returned unsuccessful status {}", status);
  }
  static std::string Invalid(const Error& error) {
    return "invalid response content from mirror server: " + error.message;
  }
  Error NotHere(const ProviderAddress& address) const {
    return Error::NotFound("provider {} was not found in any of the search locations\n\n  - {}",
                           ToString(address), Shown(address));
  }
  Error Failed(const ProviderAddress& address, std::string_view why) const {
    return Error::Invalid("failed to query provider mirror {} for {}: {}", ShownUrl(url_),
                          ToString(address), why);
  }

  Result<io::HttpResponse> Ask(const ProviderAddress& address, const std::string& name) {
    std::string url = url_ + ToString(address) + "/" + name;
    std::string host = HostOf(url_);
    std::string token = connection_.services.TokenFor(host);
    auto answer = connection_.remote.Get(url, token);
    if (!answer.ok()) return Failed(address, answer.error().message);
    if (answer->status == 401 || answer->status == 403) return Unauthorized(host, !token.empty());
    std::string type = answer->Header("content-type");
    bool is_json = AsciiLower(Trim(type.substr(0, type.find(';')))) == "application/json";
    // A page for people, of a server that has no mirror, must not look like an empty mirror.
    if (answer->status == 200 && !is_json)
      return Failed(address, "response has invalid Content-Type: must be application/json");
    if (answer->url.empty()) answer->url = url;
    return answer;
  }

  Connection connection_;
  std::string url_;
};

class FolderMirror : public ProviderSource {
 public:
  FolderMirror(const io::FileSystem& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {}

  Result<ProviderVersions> Versions(const ProviderAddress& address) override {
    ProviderVersions out;
    // Also versions for other platforms only: installation says so then.
    for (LocalPackage& package : FindPackages(files_, folder_, address, "")) {
      if (out.versions.empty() || out.versions.back().version != package.version)
        out.versions.push_back({std::move(package.version), {}});
    }
    if (out.versions.empty())
      return Error::NotFound("provider {} was not found in any of the search locations\n\n  - {}",
                             ToString(address), folder_);
    return out;
  }

  Result<Offer> Find(const ProviderAddress& address, const Version& version,
                     const std::string& platform) override {
    for (LocalPackage& package : FindPackages(files_, folder_, address, platform)) {
      if (package.version != version) continue;
      return Offer{.place = package.is_archive ? Offer::Place::kArchive : Offer::Place::kFolder,
                   .location = std::move(package.path)};
    }
    return Error::NotFound("the folder {} does not have a package of {} {} for {}", folder_,
                           ToString(address), ToString(version), platform);
  }

  std::string Shown(const ProviderAddress&) const override { return folder_; }

 private:
  const io::FileSystem& files_;
  std::string folder_;
};

class Joined : public ProviderSource {
 public:
  struct Part {
    InstallationMethod method;
    std::unique_ptr<ProviderSource> source;
    std::map<ProviderAddress, Result<ProviderVersions>> asked = {};
  };
  explicit Joined(std::vector<Part> parts) : parts_(std::move(parts)) {}

  Result<ProviderVersions> Versions(const ProviderAddress& address) override {
    ProviderVersions out;
    bool is_anywhere = false;
    std::vector<std::string> looked_at;
    std::optional<Error> only_error;
    for (Part& part : parts_) {
      if (!part.method.Offers(address)) continue;
      looked_at.push_back("  - " + part.source->Shown(address));
      auto versions = VersionsOf(part, address);
      if (!versions.ok()) {
        if (versions.error().kind != ErrorKind::kNotFound) return versions;
        only_error = versions.error();
        continue;
      }
      is_anywhere = true;
      for (auto& one : versions->versions) out.versions.push_back(std::move(one));
      out.warnings.insert(out.warnings.end(), versions->warnings.begin(), versions->warnings.end());
    }
    if (!is_anywhere) {
      if (looked_at.size() == 1) return *only_error;
      return Error::NotFound(
          "provider {} was not found in any of the search locations{}{}", ToString(address),
          looked_at.empty() ? ": no installation method of the CLI configuration is for it"
                            : "\n\n",
          Join(looked_at, "\n"));
    }
    std::stable_sort(out.versions.begin(), out.versions.end(),
                     [](const auto& a, const auto& b) { return b.version < a.version; });
    out.versions.erase(
        std::unique(out.versions.begin(), out.versions.end(),
                    [](const auto& a, const auto& b) { return a.version == b.version; }),
        out.versions.end());
    return out;
  }

  Result<Offer> Find(const ProviderAddress& address, const Version& version,
                     const std::string& platform) override {
    std::optional<Error> last;
    for (Part& part : parts_) {
      if (!part.method.Offers(address)) continue;
      auto versions = VersionsOf(part, address);
      bool has_it =
          versions.ok() && std::any_of(versions->versions.begin(), versions->versions.end(),
                                       [&](const auto& one) { return one.version == version; });
      if (!versions.ok() && versions.error().kind != ErrorKind::kNotFound)
        return std::move(versions).error();
      if (!has_it) continue;
      auto offer = part.source->Find(address, version, platform);
      if (offer.ok() || offer.error().kind != ErrorKind::kNotFound) return offer;
      last = offer.error();
    }
    if (last) return *last;
    return Error::NotFound("none of the installation methods has {} {}", ToString(address),
                           ToString(version));
  }

  std::string Shown(const ProviderAddress& address) const override {
    std::vector<std::string> out;
    for (const Part& part : parts_) {
      if (part.method.Offers(address)) out.push_back(part.source->Shown(address));
    }
    return Join(out, ", ");
  }

 private:
  // Each is asked once: what it says first holds for the whole installation.
  Result<ProviderVersions> VersionsOf(Part& part, const ProviderAddress& address) {
    {
      std::lock_guard lock(mutex_);
      if (auto found = part.asked.find(address); found != part.asked.end()) return found->second;
    }
    auto versions = part.source->Versions(address);
    std::lock_guard lock(mutex_);
    return part.asked.emplace(address, std::move(versions)).first->second;
  }

  std::vector<Part> parts_;
  std::mutex mutex_;  // Guards what was asked of each part.
};

}  // namespace

std::unique_ptr<ProviderSource> RegistrySource(Connection connection) {
  return std::make_unique<Registry>(connection);
}

std::unique_ptr<ProviderSource> NetworkMirror(Connection connection, std::string url) {
  return std::make_unique<NetMirror>(connection, std::move(url));
}

std::unique_ptr<ProviderSource> FilesystemMirror(const io::FileSystem& files, std::string folder) {
  return std::make_unique<FolderMirror>(files, std::move(folder));
}

std::unique_ptr<ProviderSource> JoinedSource(Connection connection, const io::FileSystem& files,
                                             const std::vector<InstallationMethod>& methods) {
  std::vector<Joined::Part> parts;
  for (const InstallationMethod& method : methods) {
    using Kind = InstallationMethod::Kind;
    std::unique_ptr<ProviderSource> source =
        method.kind == Kind::kFilesystemMirror ? FilesystemMirror(files, method.location)
        : method.kind == Kind::kNetworkMirror  ? NetworkMirror(connection, method.location)
                                               : RegistrySource(connection);
    parts.push_back({method, std::move(source)});
  }
  return std::make_unique<Joined>(std::move(parts));
}

std::string ForDisplay(const ProviderAddress& address) {
  if (address.host != config::kDefaultProviderHost) return ToString(address);
  return address.space + "/" + address.type;
}

}  // namespace andon::registry
