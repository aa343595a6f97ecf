// Whether a package is what its maker published: its checksum, the signature of the checksums, and
// the hashes of mirrors.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "registry/cli_configuration.h"
#include "registry/provider_source.h"

namespace andon::registry {

struct SigningPolicy {
  // Packages of the default registry without any key are taken on the word of the registry's TLS
  // certificate, unless this is set (OPENTOFU_ENFORCE_GPG_VALIDATION=true). Any other registry has
  // to name a key.
  bool needs_key = false;
  // Keys that have expired are good with a warning, unless this is set
  // (OPENTOFU_ENFORCE_GPG_EXPIRATION=true).
  bool refuses_expired = false;
};

SigningPolicy SigningPolicyOf(const Environment& environment);

struct Verdict {
  enum class Kind { kUnauthenticated, kVerifiedChecksum, kSigningSkipped, kSigned };
  Kind kind = Kind::kUnauthenticated;
  std::string key_id;               // Who signed.
  bool is_expired = false;          // And the key was good only once.
  std::vector<std::string> hashes;  // That the lock file may trust from now on, for any platform.
};

// "signed", "verified checksum", …
std::string ToString(Verdict::Kind kind);

// `archive` is what was downloaded from the offer; `h1` the hash of what was in it.
// kInvalid where it is another package, or nobody vouches for it as the policy asks; kUnavailable
// where that cannot be told here (see FindSigner).
Result<Verdict> CheckPackage(const Offer& offer, const config::ProviderAddress& address,
                             const std::string& archive, const std::string& h1,
                             const SigningPolicy& policy, Timestamp now);

}  // namespace andon::registry
