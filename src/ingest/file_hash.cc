#include <openssl/evp.h>

#include <memory>

#include "base/text.h"
#include "ingest/deliveries.h"
#include "io/file_system.h"

namespace andon::ingest {

Result<std::string> HashFile(const io::FileSystem& files, const std::string& path,
                             int64_t* seen_size) {
  constexpr int64_t kPiece = 4 << 20;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return Error::Io("SHA-256 is not available");
  }
  int64_t offset = 0;
  while (true) {
    std::string piece = TRY(files.ReadRange(path, offset, kPiece));
    if (piece.empty()) break;
    EVP_DigestUpdate(context.get(), piece.data(), piece.size());
    offset += static_cast<int64_t>(piece.size());
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest, &length);
  if (seen_size) *seen_size = offset;
  return HexEncode(std::string_view(reinterpret_cast<const char*>(digest), length));
}

}  // namespace andon::ingest
