// Digests of bytes.
#pragma once

#include <string>
#include <string_view>

namespace andon::functions {

// The raw digest. `algorithm` is "MD5", "SHA1", "SHA256" or "SHA512".
std::string Digest(const char* algorithm, std::string_view bytes);

}  // namespace andon::functions
