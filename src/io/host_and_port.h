// The place of a server as people write it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace andon::io {

// "bastion.shop", "bastion.shop:2222", "[::1]:22"; without a port it is 0. kInvalid says what is
// wrong.
Result<std::pair<std::string, int>> ReadHostAndPort(std::string_view text);

}  // namespace andon::io
