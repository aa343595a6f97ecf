#include "io/host_and_port.h"

#include <charconv>

namespace andon::io {

Result<std::pair<std::string, int>> ReadHostAndPort(std::string_view text) {
  size_t colon = text.rfind(':');
  std::string_view host = text, port;
  bool is_bracketed = text.starts_with('[');
  // An address with colons and without brackets has no port.
  bool has_port = colon != std::string_view::npos &&
                  (is_bracketed ? text[colon - 1] == ']' : text.find(':') == colon);
  if (has_port) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (is_bracketed) {
    if (!host.ends_with(']')) return Error::Invalid("\"{}\" has a \"[\" without its \"]\".", text);
    host = host.substr(1, host.size() - 2);
  }
  bool is_name = !host.empty() && !host.starts_with('-') &&
                 host.find_first_of(" \t\n/@[]") == std::string_view::npos;
  if (!is_name) return Error::Invalid("\"{}\" is no name of a host.", text);
  if (!has_port) return std::pair(std::string(host), 0);
  int number = 0;
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  bool is_port =
      error == std::errc() && end == port.data() + port.size() && number > 0 && number <= 65535;
  if (!is_port) return Error::Invalid("\"{}\" is no port: there are 1 to 65535.", port);
  return std::pair(std::string(host), number);
}

}  // namespace andon::io
