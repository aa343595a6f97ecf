#include "plugin/handshake.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace andon::plugin {
namespace {

// Old programs send something short of their own in the field of the certificate.
constexpr size_t kCertificateMin = 50;
// What a message quotes of a line that it does not understand.
constexpr size_t kQuotedMax = 120;

bool ParseInteger(std::string_view text, int64_t* n) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *n);
  return error == std::errc() && end == text.data() + text.size();
}

std::string Quoted(std::string_view line) {
  std::string text;
  for (char c : line.substr(0, kQuotedMax))
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  if (line.size() > kQuotedMax) text += "...";
  return IsUtf8(text) ? text : "bytes that are no text";
}

}  // namespace

Result<Protocol> MakeProtocol(int64_t version) {
  if (version == 5) return Protocol::kV5;
  if (version == 6) return Protocol::kV6;
  return Error::Invalid(
      "it speaks version {} of the provider protocol, and versions 5 and 6 are understood: use a "
      "{} version of it",
      version, version < 5 ? "newer" : "different");
}

Result<Endpoint> MakeEndpoint(std::string_view network, std::string_view address) {
  if (network != "unix" && network != "tcp")
    return Error::Invalid("it listens on \"{}\", and only \"unix\" and \"tcp\" are understood",
                          Quoted(network));
  if (address.empty() || address.find('\0') != std::string_view::npos)
    return Error::Invalid("it does not say at which address it listens");
  return Endpoint{network == "unix", std::string(address)};
}

Result<Handshake> ParseHandshake(std::string_view line) {
  line = Trim(line);
  std::vector<std::string> parts = Split(line, '|');
  int64_t core = 0, version = 0;
  if (parts.size() < 4 || !ParseInteger(parts[0], &core) || !ParseInteger(parts[1], &version))
    return Error::Invalid(
        "it did not introduce itself as a plugin does, but said \"{}\": is the file a provider, "
        "built for this system?",
        Quoted(line));
  if (core != 1)
    return Error::Invalid(
        "it was built for version {} of the plugin handshake, and only version 1 is understood: "
        "use another version of the provider",
        core);
  Handshake handshake;
  handshake.protocol = TRY(MakeProtocol(version));
  handshake.endpoint = TRY(MakeEndpoint(parts[2], parts[3]));
  if (parts.size() < 5 || parts[4] != "grpc")
    return Error::Invalid(
        "it talks by \"{}\", and only \"grpc\" is understood: use a newer version of the provider",
        parts.size() < 5 ? "netrpc" : Quoted(parts[4]));
  if (parts.size() < 6 || parts[5].size() <= kCertificateMin) return handshake;
  std::string encoded = parts[5];
  while (encoded.size() % 4 != 0) encoded += '=';
  if (!Base64Decode(encoded, &handshake.certificate))
    return Error::Invalid("the certificate that it gave cannot be read");
  return handshake;
}

}  // namespace andon::plugin
