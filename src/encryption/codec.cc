#include "encryption/codec.h"

#include <mutex>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace andon::encryption {
namespace {

constexpr std::string_view kVersion = "v0";
constexpr char kVersionKey[] = "encryption_version";
// Far beyond what anybody uses: a changed file must not keep the reader busy for hours.
constexpr int64_t kIterationsMax = 100'000'000;
constexpr int64_t kKeyLengthMax = 1024;

// What a sealed text says of how a key was made of the passphrase.
struct Metadata {
  std::string salt;
  int iterations = 0;
  HashFunction hash = HashFunction::kSha512;
  int key_length = 0;
};

std::string ToText(const Metadata& metadata) {
  return Json::Object(
             {{"salt", Base64Encode(metadata.salt)},
              {"iterations", metadata.iterations},
              {"hash_function", metadata.hash == HashFunction::kSha256 ? "sha256" : "sha512"},
              {"key_length", metadata.key_length}})
      .Dump();
}

Result<Metadata> MetadataFrom(const std::string& encoded, const std::string& address) {
  Error damaged =
      Error::Corrupt("The metadata of {} cannot be read: the file is damaged.", address);
  std::string text;
  if (!Base64Decode(encoded, &text)) return damaged;
  auto json = Json::Parse(text);
  if (!json.ok()) return damaged;
  Metadata out;
  int64_t iterations = (*json)["iterations"].AsInteger();
  int64_t key_length = (*json)["key_length"].AsInteger();
  const std::string& hash = (*json)["hash_function"].AsString();
  bool is_sound = Base64Decode((*json)["salt"].AsString(), &out.salt) && !out.salt.empty() &&
                  iterations > 0 && iterations <= kIterationsMax && key_length > 0 &&
                  key_length <= kKeyLengthMax && (hash == "sha256" || hash == "sha512");
  if (!is_sound) return damaged;
  out.iterations = static_cast<int>(iterations);
  out.key_length = static_cast<int>(key_length);
  out.hash = hash == "sha256" ? HashFunction::kSha256 : HashFunction::kSha512;
  return out;
}

bool IsKeySize(size_t bytes) { return bytes == 16 || bytes == 24 || bytes == 32; }

}  // namespace

bool IsSealed(std::string_view text) {
  // A look at the text alone first: states are large.
  if (text.find(kVersionKey) == std::string_view::npos) return false;
  auto json = Json::Parse(text);
  return json.ok() && !(*json)[kVersionKey].AsString().empty();
}

struct Codec::Shared {
  Configuration configuration;
  Methods methods;
  std::string what;

  std::mutex mutex;                         // Guards what follows.
  std::map<std::string, std::string> keys;  // By provider and metadata.
  std::map<std::string, Metadata> made;     // For sealing, by provider.

  // The key of a provider. With `sealed`, the "meta" of a text, that which sealed it; else the
  // one for sealing, whose metadata goes to `meta`. Requires: the mutex is held.
  Result<std::string> Key(const std::string& address, const Json* sealed, Json* meta, int depth) {
    auto found = configuration.key_providers.find(address);
    // Decode has checked both; a circle would be one of providers that it did not see.
    if (found == configuration.key_providers.end() || depth > 64)
      return Error::Invalid("There is no {}.", address);
    const KeyProvider& provider = found->second;
    std::string passphrase = provider.passphrase;
    if (!provider.chain.empty()) passphrase = TRY(Key(provider.chain, sealed, meta, depth + 1));
    Metadata metadata;
    if (sealed != nullptr) {
      const Json* encoded = sealed->Find(provider.metadata_key);
      if (encoded == nullptr) {
        return Error::Invalid("The {} was not encrypted with {}: it has no metadata of it.", what,
                              provider.metadata_key);
      }
      metadata = TRY(MetadataFrom(encoded->AsString(), address));
    } else {
      auto known = made.find(address);
      if (known == made.end()) {
        std::string salt = TRY(RandomBytes(provider.salt_length));
        known = made.emplace(address, Metadata{.salt = salt,
                                               .iterations = provider.iterations,
                                               .hash = provider.hash,
                                               .key_length = provider.key_length})
                    .first;
      }
      metadata = known->second;
      meta->Set(provider.metadata_key, Base64Encode(ToText(metadata)));
    }
    std::string name = address + "\n" + Sha256(passphrase) + ToText(metadata);
    if (auto cached = keys.find(name); cached != keys.end()) return cached->second;
    std::string key = TRY(
        Pbkdf2(passphrase, metadata.salt, metadata.iterations, metadata.key_length, metadata.hash));
    keys[name] = key;
    return key;
  }

  Result<std::string> OpenWith(const Method& method, const Json& meta, std::string_view data) {
    std::string key = TRY(Key(method.keys, &meta, nullptr, 0));
    if (!IsKeySize(key.size()))
      return Error::Invalid("{} has a key of {} bytes.", method.address, key.size());
    return OpenAesGcm(key, data, method.additional_data);
  }
};

Codec::Codec() : shared_(std::make_shared<Shared>()) {}

Codec::Codec(const Configuration& configuration, Methods methods, std::string what)
    : shared_(std::make_shared<Shared>()) {
  shared_->configuration = configuration;
  shared_->methods = std::move(methods);
  shared_->what = std::move(what);
}

bool Codec::seals() const {
  return !shared_->methods.empty() && !shared_->methods[0].is_unencrypted;
}

Result<std::string> Codec::Open(std::string_view text) const {
  Shared& shared = *shared_;
  if (!IsSealed(text)) {
    if (shared.methods.empty()) return std::string(text);
    for (const Method& method : shared.methods) {
      if (method.is_unencrypted) return std::string(text);
    }
    return Error::Invalid(
        "encountered unencrypted payload without unencrypted method configured: the {} is in the "
        "clear, and the encryption block asks for an encrypted one. To encrypt it, add a fallback "
        "block with a method \"unencrypted\" until it has been written once.",
        shared.what);
  }
  if (shared.methods.empty()) {
    return Error::Invalid(
        "It is encrypted, and no encryption block (nor TF_ENCRYPTION) says how to read it.");
  }
  Json envelope = TRY(Json::Parse(text));
  if (envelope[kVersionKey].AsString() != kVersion) {
    return Error::Invalid("It is encrypted in the version {} of the format; this program knows {}.",
                          envelope[kVersionKey].AsString(), kVersion);
  }
  std::string data;
  if (!Base64Decode(envelope["encrypted_data"].AsString(), &data))
    return Error::Corrupt("The encrypted data is damaged: it is no base64.");
  std::lock_guard lock(shared.mutex);
  std::optional<Error> first;
  for (const Method& method : shared.methods) {
    if (method.is_unencrypted) continue;
    auto plain = shared.OpenWith(method, envelope["meta"], data);
    if (!plain.ok()) {
      if (!first) first = plain.error();
      continue;
    }
    // Both are in the clear beside the sealed text; whoever changed them wants to mislead.
    if (envelope.Has("serial") || envelope.Has("lineage")) {
      auto inner = Json::Parse(*plain);
      bool is_same =
          inner.ok() && (!envelope.Has("serial") || envelope["serial"] == (*inner)["serial"]) &&
          (envelope["lineage"].AsString().empty() || envelope["lineage"] == (*inner)["lineage"]);
      if (!is_same)
        return Error::Corrupt("Its serial or lineage is not that of the encrypted {}.",
                              shared.what);
    }
    return plain;
  }
  if (!first)
    return Error::Invalid("It is encrypted, and the only method configured is \"unencrypted\".");
  return Error::Invalid(
      "decryption failed for all provided methods ({}). Give the passphrase that the {} was "
      "encrypted with; nothing was changed.",
      first->message, shared.what);
}

namespace {

Result<std::string> Envelope(Json head, Json meta, std::string_view sealed) {
  head.Set("meta", std::move(meta));
  head.Set("encrypted_data", Base64Encode(sealed));
  head.Set(kVersionKey, kVersion);
  return head.Dump();
}

}  // namespace

Result<std::string> Codec::Seal(std::string_view plain) const { return SealState(plain, 0, {}); }

Result<std::string> Codec::SealState(std::string_view plain, uint64_t serial,
                                     std::string_view lineage) const {
  if (!seals()) return std::string(plain);
  const Method& method = shared_->methods[0];
  Json meta = Json::Object();
  std::string key;
  {
    std::lock_guard lock(shared_->mutex);
    key = TRY(shared_->Key(method.keys, nullptr, &meta, 0));
  }
  if (!IsKeySize(key.size())) {
    return Error::Invalid("{} needs a key of 16, 24 or 32 bytes, and {} makes one of {}.",
                          method.address, method.keys, key.size());
  }
  std::string sealed = TRY(SealAesGcm(key, plain, method.additional_data));
  Json head = Json::Object();
  if (!lineage.empty()) {
    head.Set("serial", serial);
    head.Set("lineage", lineage);
  }
  return Envelope(std::move(head), std::move(meta), sealed);
}

}  // namespace andon::encryption
