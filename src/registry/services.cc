#include "registry/services.h"

#include <fmt/format.h>

#include "base/text.h"
#include "registry/answers.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

std::string_view KindOf(std::string_view service) {
  return service.starts_with("modules.") ? "module" : "provider";
}

}  // namespace

std::string Services::TokenFor(const std::string& host) const {
  auto found = configuration_.tokens.find(AsciiLower(host));
  return found == configuration_.tokens.end() ? std::string() : found->second;
}

Result<Services::Known> Services::Discover(const std::string& host) const {
  if (auto given = configuration_.hosts.find(host); given != configuration_.hosts.end())
    return given->second;
  std::string url = fmt::format("https://{}/.well-known/terraform.json", host);
  auto answer = remote_.Get(url, TokenFor(host));
  if (!answer.ok())
    return std::move(answer).error().In(fmt::format("could not connect to {}", host));
  if (answer->status == 404 || answer->status == 410) return Known();
  if (answer->status == 401 || answer->status == 403) {
    return Error::Invalid("host {} {} authentication credentials", host,
                          TokenFor(host).empty() ? "requires" : "rejected the given");
  }
  if (answer->status != 200)
    return Error::Invalid(
        "could not connect to {}: it answers the question for its services with "
        "{}",
        host, StatusText(answer->status));
  auto services = ParseServices(answer->body);
  if (!services.ok())
    return std::move(services).error().In(
        fmt::format("could not read which services {} has", host));
  Known out;
  for (const auto& [name, address] : *services) {
    std::string absolute = ResolveUrl(answer->url.empty() ? url : answer->url, address);
    if (IsHttpUrl(absolute)) out[name] = absolute;
  }
  return out;
}

Result<std::string> Services::Find(const std::string& host, const std::string& service) {
  std::string name = AsciiLower(host);
  // Under the lock: who asks for the same host waits for the one answer.
  std::lock_guard lock(mutex_);
  auto found = known_.find(name);
  if (found == known_.end()) found = known_.emplace(name, Discover(name)).first;
  if (!found->second.ok()) return found->second.error();
  const Known& services = *found->second;
  if (auto it = services.find(service); it != services.end())
    return it->second.ends_with('/') ? it->second : it->second + "/";
  for (const auto& [other, address] : services) {
    if (other.substr(0, other.find('.')) != service.substr(0, service.find('.'))) continue;
    return Error::NotFound(
        "host {} does not support the {} registry protocol that is spoken here ({}), but has {}",
        host, KindOf(service), service, other);
  }
  return Error::NotFound("host {} does not offer a {} registry", host, KindOf(service));
}

}  // namespace andon::registry
