#include "encryption/cryptography.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <climits>
#include <memory>

#include "base/assert.h"

namespace andon::encryption {
namespace {

constexpr int kNonceSize = 12;
constexpr int kTagSize = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

const EVP_CIPHER* CipherOf(std::string_view key) {
  switch (key.size()) {
    case 16:
      return EVP_aes_128_gcm();
    case 24:
      return EVP_aes_192_gcm();
    default:
      ASSERT(key.size() == 32);
      return EVP_aes_256_gcm();
  }
}

Error Failed() { return Error::Io("The library of cryptography refused to work."); }

}  // namespace

Result<std::string> Pbkdf2(std::string_view passphrase, std::string_view salt, int iterations,
                           int key_length, HashFunction hash) {
  std::string key(static_cast<size_t>(key_length), '\0');
  const EVP_MD* digest = hash == HashFunction::kSha256 ? EVP_sha256() : EVP_sha512();
  int done =
      PKCS5_PBKDF2_HMAC(passphrase.data(), static_cast<int>(passphrase.size()), Bytes(salt),
                        static_cast<int>(salt.size()), iterations, digest, key_length, Bytes(key));
  if (done != 1) return Failed();
  return key;
}

Result<std::string> RandomBytes(int count) {
  std::string bytes(static_cast<size_t>(count), '\0');
  if (RAND_bytes(Bytes(bytes), count) != 1) return Failed();
  return bytes;
}

Result<std::string> SealAesGcm(std::string_view key, std::string_view plain,
                               std::string_view additional_data) {
  if (plain.size() > INT_MAX / 2) return Error::Invalid("A text of more than 1 GiB is not sealed.");
  std::string sealed = TRY(RandomBytes(kNonceSize));
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (!context ||
      EVP_EncryptInit_ex(context.get(), CipherOf(key), nullptr, Bytes(key), Bytes(sealed)) != 1)
    return Failed();
  int size = 0;
  if (!additional_data.empty() &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(additional_data),
                        static_cast<int>(additional_data.size())) != 1)
    return Failed();
  sealed.resize(kNonceSize + plain.size() + kTagSize);
  unsigned char* to = Bytes(sealed) + kNonceSize;
  int last = 0;
  bool is_done =
      EVP_EncryptUpdate(context.get(), to, &size, Bytes(plain), static_cast<int>(plain.size())) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), to + size, &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, to + plain.size()) == 1;
  if (!is_done) return Failed();
  return sealed;
}

Result<std::string> OpenAesGcm(std::string_view key, std::string_view sealed,
                               std::string_view additional_data) {
  if (sealed.size() < kNonceSize + kTagSize || sealed.size() > INT_MAX)
    return Error::Corrupt("it is too short or too long to be encrypted data");
  std::string_view body = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (!context ||
      EVP_DecryptInit_ex(context.get(), CipherOf(key), nullptr, Bytes(key), Bytes(sealed)) != 1)
    return Failed();
  int size = 0;
  if (!additional_data.empty() &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(additional_data),
                        static_cast<int>(additional_data.size())) != 1)
    return Failed();
  std::string plain(body.size() + 1, '\0');  // One more: never empty for the library.
  int last = 0;
  bool is_whole =
      EVP_DecryptUpdate(context.get(), Bytes(plain), &size, Bytes(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(plain) + size, &last) == 1;
  if (!is_whole) return Error::Corrupt("the key is another one, or the text was changed");
  plain.resize(body.size());
  return plain;
}

}  // namespace andon::encryption
