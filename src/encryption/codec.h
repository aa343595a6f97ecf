// Codec: seals texts and opens them, in the JSON envelope of OpenTofu's state encryption, so that
// each program reads what the other wrote:
//
//   {"serial":3,"lineage":"…","meta":{"key_provider.pbkdf2.main":"…"},
//    "encrypted_data":"…","encryption_version":"v0"}
//
// Salt and key are made once for a Codec: they serve all that a command writes.
//
// Thread: any. Copies share their keys.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "encryption/configuration.h"

namespace andon::encryption {

// Whether the text is an envelope. A state or plan in the clear is none.
bool IsSealed(std::string_view text);

class Codec {
 public:
  // Seals nothing, and cannot open what is sealed.
  Codec();
  // `what` is "state" or "plan", for messages.
  Codec(const Configuration& configuration, Methods methods, std::string what);

  // Whether Seal encrypts.
  bool seals() const;

  // The text within. kInvalid, naming the cure, where no method opens it, or where a text is in
  // the clear and no method allows that.
  Result<std::string> Open(std::string_view text) const;

  // As it is where nothing is to be encrypted.
  Result<std::string> Seal(std::string_view plain) const;
  // With what may be known of a state without its key.
  Result<std::string> SealState(std::string_view plain, uint64_t serial,
                                std::string_view lineage) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace andon::encryption
