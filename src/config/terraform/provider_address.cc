#include "config/terraform/provider_address.h"

#include <algorithm>

#include "base/text.h"

namespace andon::config {
namespace {

// A part of an address, in lower case.
Result<std::string> ParsePart(std::string_view text) {
  if (text.empty()) return Error::Invalid("a part of it is empty");
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    auto u = static_cast<unsigned char>(c);
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || u >= 0x80)) {
      return Error::Invalid("\"{}\" may contain letters, digits and dashes only", text);
    }
    out += c;
  }
  if (out.front() == '-' || out.back() == '-')
    return Error::Invalid("\"{}\" must not begin or end with a dash", text);
  if (out.find("--") != out.npos)
    return Error::Invalid("\"{}\" must not have two dashes in a row", text);
  return out;
}

Result<std::string> ParseHost(std::string_view text) {
  std::string_view name = text.substr(0, text.find(':'));
  if (name.size() < text.size()) {
    std::string_view port = text.substr(name.size() + 1);
    bool is_number =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
    if (!is_number) return Error::Invalid("\"{}\" is no host: its port is no number", text);
  }
  std::string out;
  for (const std::string& part : Split(name, '.')) {
    auto parsed = ParsePart(part);
    if (!parsed.ok()) return Error::Invalid("\"{}\" is no host name", text);
    out += (out.empty() ? "" : ".") + *parsed;
  }
  return out + std::string(text.substr(name.size()));
}

}  // namespace

std::string ToString(const ProviderAddress& address) {
  return address.host + "/" + address.space + "/" + address.type;
}

Result<ProviderAddress> ParseProviderSource(std::string_view source) {
  std::vector<std::string> parts = Split(source, '/');
  if (source.empty() || parts.size() > 3) {
    return Error::Invalid(
        "\"{}\" is no source of a provider: it has the form [HOST/][NAMESPACE/]TYPE, like "
        "\"hashicorp/aws\"",
        source);
  }
  ProviderAddress address{.host = std::string(kDefaultProviderHost),
                          .space = std::string(kDefaultProviderNamespace)};
  address.type = TRY(ParsePart(parts.back()));
  if (parts.size() >= 2) address.space = TRY(ParsePart(parts[parts.size() - 2]));
  if (parts.size() == 3) address.host = TRY(ParseHost(parts[0]));
  if (address.type.starts_with("terraform-provider-") || address.type.starts_with("terraform-")) {
    return Error::Invalid(
        "the type of a provider is written without \"terraform-provider-\": \"{}\"",
        address.type.substr(address.type.starts_with("terraform-provider-")
                                ? sizeof("terraform-provider-") - 1
                                : sizeof("terraform-") - 1));
  }
  return address;
}

ProviderAddress ImpliedProvider(std::string_view local_name) {
  if (local_name == "terraform")
    return {std::string(kBuiltinProviderHost), "builtin", std::string(local_name)};
  return {std::string(kDefaultProviderHost), std::string(kDefaultProviderNamespace),
          std::string(local_name)};
}

std::string_view ImpliedLocalName(std::string_view resource_type) {
  return resource_type.substr(0, resource_type.find('_'));
}

std::string ToString(const LocalProvider& provider) {
  return provider.alias.empty() ? provider.name : provider.name + "." + provider.alias;
}

std::string CheckLocalProviderName(std::string_view name) {
  auto part = ParsePart(name);
  if (!part.ok()) return part.error().message;
  if (*part != name) return "it is written in lower case: \"" + *part + "\"";
  return {};
}

}  // namespace andon::config
