// Hashes, UUIDs, decryption.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "base/text.h"
#include "functions/bcrypt.h"
#include "functions/digest.h"
#include "functions/row.h"

namespace andon::functions {

std::string Digest(const char* algorithm, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  int done = EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_get_digestbyname(algorithm),
                        nullptr);
  ASSERT(done == 1);
  return {reinterpret_cast<const char*>(digest), size};
}

namespace {

std::string Hex(const char* algorithm, std::string_view bytes) {
  return HexEncode(Digest(algorithm, bytes));
}

Outcome Md5(Args args) { return Value::String(Hex("MD5", args.text(0))); }
Outcome Sha1(Args args) { return Value::String(Hex("SHA1", args.text(0))); }
Outcome Sha256Function(Args args) { return Value::String(Hex("SHA256", args.text(0))); }
Outcome Sha512(Args args) { return Value::String(Hex("SHA512", args.text(0))); }
Outcome Base64Sha256(Args args) {
  return Value::String(Base64Encode(Digest("SHA256", args.text(0))));
}
Outcome Base64Sha512(Args args) {
  return Value::String(Base64Encode(Digest("SHA512", args.text(0))));
}

Outcome Uuid(Args args) {
  if (args.environment().only_repeatable) return Value::Unknown(Type::String(), {.not_null = true});
  return Value::String(RandomUuid());
}

// The 16 bytes of a UUID's text; empty where it is none.
std::string UuidBytes(std::string_view text) {
  std::string hex;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return "";
    if (!dash) hex += text[i];
  }
  if (text.size() != 36 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    return "";
  }
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// RFC 4122's namespaces by name.
std::string_view NamespaceUuid(std::string_view name) {
  if (name == "dns") return "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  if (name == "url") return "6ba7b811-9dad-11d1-80b4-00c04fd430c8";
  if (name == "oid") return "6ba7b812-9dad-11d1-80b4-00c04fd430c8";
  if (name == "x500") return "6ba7b814-9dad-11d1-80b4-00c04fd430c8";
  return name;
}

Outcome UuidV5(Args args) {
  std::string space = UuidBytes(NamespaceUuid(args.text(0)));
  if (space.empty()) return Fail("uuidv5() doesn't support namespace " + args.text(0));
  std::string digest = Digest("SHA1", space + args.text(1)).substr(0, 16);
  digest[6] = static_cast<char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<char>((digest[8] & 0x3f) | 0x80);
  std::string hex = HexEncode(digest);
  return Value::String(fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                                   hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)));
}

Outcome RsaDecrypt(Args args) {
  std::string cipher;
  if (!Base64Decode(args.text(0), &cipher)) {
    return BadArgument(0, "failed to decode input \"ciphertext\": it must be base64-encoded");
  }
  const std::string& pem = args.text(1);
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  // An empty password, so that an encrypted key fails instead of asking at the terminal.
  char no_password[] = "";
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_password), EVP_PKEY_free);
  ERR_clear_error();
  if (!key) return BadArgument(1, "failed to parse key: it must be an RSA private key in PEM form");
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  const auto* in = reinterpret_cast<const unsigned char*>(cipher.data());
  size_t size = 0;
  bool ready = context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
               EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
               EVP_PKEY_decrypt(context.get(), nullptr, &size, in, cipher.size()) == 1;
  std::string text(size, '\0');
  bool done =
      ready && EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(text.data()), &size,
                                in, cipher.size()) == 1;
  ERR_clear_error();
  if (!done) return Fail("failed to decrypt: the text does not belong to this key");
  text.resize(size);
  return Value::String(text);
}

}  // namespace

std::vector<Row> CryptoFunctions() {
  // clang-format off
  return {
    {"md5",          {Text("str")}, {}, GivesText(), "The MD5 hash of the string in hexadecimal.", Md5},
    {"sha1",         {Text("str")}, {}, GivesText(), "The SHA-1 hash of the string in hexadecimal.", Sha1},
    {"sha256",       {Text("str")}, {}, GivesText(), "The SHA-256 hash of the string in hexadecimal.", Sha256Function},
    {"sha512",       {Text("str")}, {}, GivesText(), "The SHA-512 hash of the string in hexadecimal.", Sha512},
    {"base64sha256", {Text("str")}, {}, GivesText(), "The SHA-256 hash of the string in base64.", Base64Sha256},
    {"base64sha512", {Text("str")}, {}, GivesText(), "The SHA-512 hash of the string in base64.", Base64Sha512},
    {"bcrypt",       {Text("str")}, Num("cost"), GivesText(), "The bcrypt hash of the string, with another salt on each call; its cost is 10 unless another one is given.", Bcrypt},
    {"uuid",         {}, {}, GivesText(), "A random UUID, another one on each call.", Uuid},
    {"uuidv5",       {Text("namespace"), Text("name")}, {}, GivesText(), "The UUID of a name in a namespace: dns, url, oid, x500, or a UUID.", UuidV5},
    {"rsadecrypt",   {Text("ciphertext"), Text("privatekey")}, {}, GivesText(), "The text that was encrypted with RSA (PKCS #1 v1.5) and encoded in base64.", RsaDecrypt},
  };
  // clang-format on
}

}  // namespace andon::functions
