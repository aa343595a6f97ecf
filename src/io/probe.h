// Whether something can be reached, step by step: its name, its port, and whether it speaks TLS
// there. For whoever has to tell where a connection fails.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::io {

// The addresses of a name, in the order in which they are tried; an address is its own. kNotFound
// where nobody knows the name; kUnavailable where nobody could be asked.
Result<std::vector<std::string>> ResolveHost(const std::string& host);

// Connects to one address (not a name) and hangs up. kUnavailable: "refused", "no answer within
// 5 s", "no route". The message is such a reason alone.
Result<void> ProbePort(const std::string& address, int port, Duration limit);

// What a PostgreSQL server answers when it is asked for TLS: true, it speaks it; false, it does
// not. kUnavailable, kInvalid where what answers is no PostgreSQL.
Result<bool> ProbePostgresTls(const std::string& address, int port, Duration limit);

}  // namespace andon::io
