// Detached OpenPGP signatures, checked by the library librnp, which is loaded when the first one
// is there to check.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::registry {

struct Signer {
  std::string key_id;       // "34365D9472D7468F", of the primary key.
  bool is_expired = false;  // The key, or the signature, was good until some day before now.
};

// Who of `keys` (armored, each with its subkeys) signed `document`. An expired key counts only
// where no other one fits.
//
// kInvalid where none did, or the document is another than was signed; kUnavailable, naming the
// package to install, where the library is not there: nothing is ever taken as signed unseen.
Result<Signer> FindSigner(std::string_view document, std::string_view signature,
                          const std::vector<std::string>& keys, Timestamp now);

}  // namespace andon::registry
