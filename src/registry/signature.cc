#include "registry/signature.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/shared_library.h"

namespace andon::registry {
namespace {

// clang-format off
#define ANDON_LIBRNP(FUNCTION)                                                                  \
  FUNCTION(rnp_ffi_create) FUNCTION(rnp_ffi_destroy) FUNCTION(rnp_load_keys)                    \
  FUNCTION(rnp_input_from_memory) FUNCTION(rnp_input_destroy) FUNCTION(rnp_buffer_destroy)      \
  FUNCTION(rnp_op_verify_detached_create) FUNCTION(rnp_op_verify_execute)                       \
  FUNCTION(rnp_op_verify_destroy) FUNCTION(rnp_op_verify_get_signature_count)                   \
  FUNCTION(rnp_op_verify_get_signature_at) FUNCTION(rnp_op_verify_signature_get_status)         \
  FUNCTION(rnp_op_verify_signature_get_key) FUNCTION(rnp_key_handle_destroy)                    \
  FUNCTION(rnp_key_get_keyid) FUNCTION(rnp_key_get_primary_fprint) FUNCTION(rnp_locate_key)     \
  FUNCTION(rnp_key_get_creation) FUNCTION(rnp_key_get_expiration)                               \
  FUNCTION(rnp_result_to_string) FUNCTION(rnp_get_public_key_count)
// clang-format on

struct Librnp {
#define ANDON_FUNCTION(name) decltype(&::name) name = library.Find<decltype(::name)>(#name);
  SharedLibrary library{"librnp.so.0"};
  ANDON_LIBRNP(ANDON_FUNCTION)
#undef ANDON_FUNCTION
};

Librnp& Lib() {
  static Librnp library;
  return library;
}

// Frees what the library gave.
template <typename Handle>
class Owned {
 public:
  explicit Owned(rnp_result_t (*free)(Handle)) : free_(free) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle_ != nullptr) free_(handle_);
  }
  Handle* out() { return &handle_; }
  Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
  rnp_result_t (*free_)(Handle);
};

using Text = std::unique_ptr<char, void (*)(void*)>;

bool Feed(Owned<rnp_input_t>& input, std::string_view bytes) {
  return Lib().rnp_input_from_memory(input.out(), reinterpret_cast<const uint8_t*>(bytes.data()),
                                     bytes.size(), false) == RNP_SUCCESS;
}

bool HasExpired(rnp_key_handle_t key, Timestamp now) {
  uint32_t created = 0, lives = 0;
  if (Lib().rnp_key_get_creation(key, &created) != RNP_SUCCESS ||
      Lib().rnp_key_get_expiration(key, &lives) != RNP_SUCCESS || lives == 0)
    return false;
  return int64_t{created} + lives < ToMillis(now) / 1000;
}

// A subkey may have signed: the key is known by its primary one.
Signer SignerOf(rnp_ffi_t ffi, rnp_key_handle_t key, Timestamp now) {
  Signer signer;
  signer.is_expired = HasExpired(key, now);
  Owned<rnp_key_handle_t> primary(Lib().rnp_key_handle_destroy);
  char* text = nullptr;
  if (Lib().rnp_key_get_primary_fprint(key, &text) == RNP_SUCCESS && text != nullptr) {
    Text fingerprint(text, Lib().rnp_buffer_destroy);
    (void)Lib().rnp_locate_key(ffi, "fingerprint", fingerprint.get(), primary.out());
  }
  rnp_key_handle_t shown = primary.get() != nullptr ? primary.get() : key;
  signer.is_expired |= HasExpired(shown, now);
  text = nullptr;
  if (Lib().rnp_key_get_keyid(shown, &text) == RNP_SUCCESS && text != nullptr)
    signer.key_id = Text(text, Lib().rnp_buffer_destroy).get();
  std::transform(signer.key_id.begin(), signer.key_id.end(), signer.key_id.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return signer;
}

// All into one ring: the library would complain on stderr of each that did not sign.
Result<void> LoadKeys(rnp_ffi_t ffi, const std::vector<std::string>& keys) {
  for (const std::string& armored : keys) {
    Owned<rnp_input_t> input(Lib().rnp_input_destroy);
    size_t before = 0, after = 0;
    bool is_key =
        armored.find("-----BEGIN PGP PUBLIC KEY BLOCK-----") != armored.npos &&
        Feed(input, armored) && Lib().rnp_get_public_key_count(ffi, &before) == RNP_SUCCESS &&
        Lib().rnp_load_keys(ffi, "GPG", input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS) == RNP_SUCCESS &&
        Lib().rnp_get_public_key_count(ffi, &after) == RNP_SUCCESS && after > 0;
    if (!is_key) return Error::Invalid("error decoding signing key: it is no armored OpenPGP key");
  }
  return {};
}

// Of one signature; nothing where none of the keys made it, and `wrong` where one made it of
// another document.
std::optional<Signer> Judge(rnp_ffi_t ffi, rnp_op_verify_signature_t signature, Timestamp now,
                            std::optional<rnp_result_t>* wrong) {
  rnp_result_t status = Lib().rnp_op_verify_signature_get_status(signature);
  if (status == RNP_ERROR_KEY_NOT_FOUND) return std::nullopt;
  if (status != RNP_SUCCESS && status != RNP_ERROR_SIGNATURE_EXPIRED) {
    *wrong = status;
    return std::nullopt;
  }
  Owned<rnp_key_handle_t> key(Lib().rnp_key_handle_destroy);
  if (Lib().rnp_op_verify_signature_get_key(signature, key.out()) != RNP_SUCCESS)
    return std::nullopt;
  Signer signer = SignerOf(ffi, key.get(), now);
  signer.is_expired |= status == RNP_ERROR_SIGNATURE_EXPIRED;
  return signer;
}

}  // namespace

Result<Signer> FindSigner(std::string_view document, std::string_view signature,
                          const std::vector<std::string>& keys, Timestamp now) {
  if (const std::string& error = Lib().library.error(); !error.empty()) {
    return Error::Unavailable(
        "signatures are checked by the library librnp, which cannot be loaded: {}. Install the "
        "package librnp0",
        error);
  }
  Error unknown = Error::Invalid("authentication signature from unknown issuer");
  if (keys.empty()) return unknown;
  Owned<rnp_ffi_t> ffi(Lib().rnp_ffi_destroy);
  if (Lib().rnp_ffi_create(ffi.out(), "GPG", "GPG") != RNP_SUCCESS)
    return Error::Io("the library librnp cannot begin");
  TRY(LoadKeys(ffi.get(), keys));
  Owned<rnp_input_t> data(Lib().rnp_input_destroy);
  Owned<rnp_input_t> mark(Lib().rnp_input_destroy);
  Owned<rnp_op_verify_t> verify(Lib().rnp_op_verify_destroy);
  if (!Feed(data, document) || !Feed(mark, signature) ||
      Lib().rnp_op_verify_detached_create(verify.out(), ffi.get(), data.get(), mark.get()) !=
          RNP_SUCCESS)
    return Error::Io("the library librnp cannot begin");
  rnp_result_t outcome = Lib().rnp_op_verify_execute(verify.get());
  size_t count = 0;
  if (Lib().rnp_op_verify_get_signature_count(verify.get(), &count) != RNP_SUCCESS || count == 0)
    return Error::Invalid("error checking signature: it is no OpenPGP signature ({})",
                          Lib().rnp_result_to_string(outcome));
  std::optional<rnp_result_t> wrong;
  std::optional<Signer> expired;
  for (size_t i = 0; i < count; ++i) {
    rnp_op_verify_signature_t one = nullptr;
    if (Lib().rnp_op_verify_get_signature_at(verify.get(), i, &one) != RNP_SUCCESS) continue;
    auto signer = Judge(ffi.get(), one, now, &wrong);
    if (signer && !signer->is_expired) return *signer;
    if (signer && !expired) expired = signer;
  }
  if (expired) return *expired;
  if (wrong)
    return Error::Invalid("error checking signature: {}", Lib().rnp_result_to_string(*wrong));
  return unknown;
}

}  // namespace andon::registry
