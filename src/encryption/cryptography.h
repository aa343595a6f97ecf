// The three operations of cryptography that sealing needs. Texts are bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::encryption {

enum class HashFunction { kSha256, kSha512 };

// PBKDF2 (RFC 8018) with HMAC.
Result<std::string> Pbkdf2(std::string_view passphrase, std::string_view salt, int iterations,
                           int key_length, HashFunction hash);

Result<std::string> RandomBytes(int count);

// AES in Galois/Counter mode with a random nonce of 12 bytes: nonce, cipher text, tag of 16 bytes.
// Requires: the key has 16, 24 or 32 bytes.
Result<std::string> SealAesGcm(std::string_view key, std::string_view plain,
                               std::string_view additional_data);
// kCorrupt where the key is another one, or anything was changed.
Result<std::string> OpenAesGcm(std::string_view key, std::string_view sealed,
                               std::string_view additional_data);

}  // namespace andon::encryption
