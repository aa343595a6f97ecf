#include "registry/package_check.h"

#include <algorithm>

#include "io/local_file_system.h"
#include "registry/package_hash.h"
#include "registry/signature.h"

namespace andon::registry {
namespace {

bool IsSet(const Environment& environment, const char* name) {
  auto found = environment.find(name);
  return found != environment.end() && found->second == "true";
}

// That the signed document speaks of this very archive.
Result<void> CheckChecksums(const Offer& offer, const std::vector<Checksum>& checksums) {
  auto found = std::find_if(checksums.begin(), checksums.end(),
                            [&](const Checksum& one) { return one.filename == offer.filename; });
  if (found == checksums.end())
    return Error::Invalid("checksum list has no SHA-256 hash for \"{}\"", offer.filename);
  if (found->sha256 != offer.sha256)
    return Error::Invalid("checksum list has unexpected SHA-256 hash {} (expected {})",
                          found->sha256, offer.sha256);
  return {};
}

Result<Verdict> CheckOfRegistry(const Offer& offer, const config::ProviderAddress& address,
                                const std::string& archive, const SigningPolicy& policy,
                                Timestamp now) {
  if (offer.size > 0) {
    auto info = TRY(io::LocalFileSystem().Stat(archive));
    if (info.size != offer.size)
      return Error::Invalid(
          "registry response indicates a package of size {}, but received a package of size {}",
          offer.size, info.size);
  }
  std::vector<Checksum> checksums = ParseChecksums(offer.checksums);
  TRY(CheckChecksums(offer, checksums));
  std::string hash = TRY(ArchiveHash(archive));
  if (hash != "zh:" + offer.sha256)
    return Error::Invalid("archive has incorrect checksum {} (expected zh:{})", hash, offer.sha256);
  Verdict out{.kind = Verdict::Kind::kSigningSkipped, .hashes = offer.other_hashes};
  for (const Checksum& one : checksums) out.hashes.push_back("zh:" + one.sha256);
  bool needs_signature = !offer.signing_keys.empty() || policy.needs_key ||
                         address.host != config::kDefaultProviderHost;
  if (!needs_signature) return out;
  auto signer = FindSigner(offer.checksums, offer.signature, offer.signing_keys, now);
  if (!signer.ok() && signer.error().kind == ErrorKind::kUnavailable)
    return std::move(signer).error();
  bool is_refused = !signer.ok() || (signer->is_expired && policy.refuses_expired);
  if (is_refused) {
    return Error::Invalid(
        "the provider is not signed with a valid signing key; please contact the provider author "
        "({})",
        signer.ok() ? "the key has expired" : signer.error().message);
  }
  out.kind = Verdict::Kind::kSigned;
  out.key_id = signer->key_id;
  out.is_expired = signer->is_expired;
  return out;
}

}  // namespace

SigningPolicy SigningPolicyOf(const Environment& environment) {
  return {.needs_key = IsSet(environment, "OPENTOFU_ENFORCE_GPG_VALIDATION"),
          .refuses_expired = IsSet(environment, "OPENTOFU_ENFORCE_GPG_EXPIRATION")};
}

std::string ToString(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kVerifiedChecksum:
      return "verified checksum";
    case Verdict::Kind::kSigningSkipped:
      return "signing skipped";
    case Verdict::Kind::kSigned:
      return "signed";
    case Verdict::Kind::kUnauthenticated:
      break;
  }
  return "unauthenticated";
}

Result<Verdict> CheckPackage(const Offer& offer, const config::ProviderAddress& address,
                             const std::string& archive, const std::string& h1,
                             const SigningPolicy& policy, Timestamp now) {
  if (offer.is_of_registry) return CheckOfRegistry(offer, address, archive, policy, now);
  if (offer.hashes.empty()) return Verdict();
  Verdict out{.kind = Verdict::Kind::kVerifiedChecksum};
  std::string zip = TRY(ArchiveHash(archive));
  bool is_any_known = false;
  for (const std::string& hash : offer.hashes) {
    is_any_known |= hash.starts_with("h1:") || hash.starts_with("zh:");
    if (hash == h1 || hash == zip) out.hashes.push_back(hash);
  }
  if (!is_any_known)
    return Error::Invalid(
        "this version does not support any of the checksum formats given for this provider");
  if (!out.hashes.empty()) return out;
  if (offer.hashes.size() == 1)
    return Error::Invalid("provider package doesn't match the expected checksum \"{}\"",
                          offer.hashes[0]);
  return Error::Invalid("provider package doesn't match the any of the expected checksums");
}

}  // namespace andon::registry
