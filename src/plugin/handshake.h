// What a plugin says of itself when it starts: one line on its standard output.
//
//   1|6|unix|/tmp/plugin123|grpc|MIIB…
//
// its own version of the handshake, the version of the provider protocol, where it
// listens, how it talks, and the certificate with which it does.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "plugin/protocol.h"

namespace andon::plugin {

// Where a plugin listens.
struct Endpoint {
  bool is_unix = true;
  std::string address;  // A path, or "127.0.0.1:10000".
};

// A longer first line is none: the certificate in it is about 900 characters.
inline constexpr size_t kHandshakeMax = 64 << 10;

struct Handshake {
  Protocol protocol = Protocol::kV6;
  Endpoint endpoint;
  std::string certificate;  // DER; empty: it talks in the clear.
};

// kInvalid with what is wrong and what to do about it. `line` is without its end.
Result<Handshake> ParseHandshake(std::string_view line);

// "unix" or "tcp", and the address; kInvalid.
Result<Endpoint> MakeEndpoint(std::string_view network, std::string_view address);
// 5 or 6; kInvalid.
Result<Protocol> MakeProtocol(int64_t version);

}  // namespace andon::plugin
