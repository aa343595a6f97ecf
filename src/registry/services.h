// Where a host has its services: https://HOST/.well-known/terraform.json says it, or a host block
// of the CLI configuration.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/result.h"
#include "registry/cli_configuration.h"
#include "registry/remote.h"

namespace andon::registry {

// Thread: may be asked from any thread; a host is asked once.
class Services {
 public:
  // Both must outlive it.
  Services(const Remote& remote, const CliConfiguration& configuration)
      : remote_(remote), configuration_(configuration) {}

  // The address of the service "providers.v1" or "modules.v1", with its "/" at the end.
  // kNotFound where the host offers none; kUnavailable where it does not answer; kInvalid.
  Result<std::string> Find(const std::string& host, const std::string& service);

  // Empty where there is none for the host.
  std::string TokenFor(const std::string& host) const;

 private:
  using Known = std::map<std::string, std::string>;
  Result<Known> Discover(const std::string& host) const;

  const Remote& remote_;
  const CliConfiguration& configuration_;
  std::mutex mutex_;  // Guards known_.
  std::map<std::string, Result<Known>> known_;
};

}  // namespace andon::registry
