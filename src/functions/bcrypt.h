// bcrypt(text, cost), by the system's libcrypt, which is loaded with the first call. Its hashes are
// those of Go's implementation, "$2a$10$…", which Terraform's users know.
#pragma once

#include "functions/row.h"

namespace andon::functions {

Outcome Bcrypt(Args args);

}  // namespace andon::functions
