// IP address prefixes.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "functions/row.h"

namespace andon::functions {
namespace {

using Address = unsigned __int128;

struct Prefix {
  Address address = 0;  // The first of the network.
  int length = 0;
  int bits = 32;  // 32 or 128.
};

// 2^n; 0 for 2^128.
Address PowerOfTwo(int n) { return n >= 128 ? 0 : Address{1} << n; }

Address LastOf(const Prefix& p) { return p.address + (PowerOfTwo(p.bits - p.length) - 1); }

// Decimal octets, leading zeros allowed as in configurations of old.
std::optional<Address> ParseV4(std::string_view text) {
  auto parts = Split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  Address address = 0;
  for (const auto& part : parts) {
    if (part.empty() || part.size() > 9) return std::nullopt;
    if (part.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    int octet = std::stoi(part);
    if (octet > 255) return std::nullopt;
    address = address << 8 | static_cast<Address>(octet);
  }
  return address;
}

std::optional<Address> ParseV6(const std::string& text) {
  unsigned char bytes[16];
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return std::nullopt;
  Address address = 0;
  for (unsigned char byte : bytes) address = address << 8 | byte;
  return address;
}

// An address without its prefix's length.
std::optional<Prefix> ParseAddress(const std::string& text) {
  if (auto v4 = ParseV4(text)) return Prefix{*v4, 32, 32};
  if (auto v6 = ParseV6(text)) return Prefix{*v6, 128, 128};
  return std::nullopt;
}

Result<Prefix> ParsePrefix(const std::string& text) {
  auto invalid = [&text] {
    return Error::Invalid("invalid CIDR expression: invalid CIDR address: {}", text);
  };
  size_t slash = text.find('/');
  if (slash == std::string::npos) return invalid();
  auto prefix = ParseAddress(text.substr(0, slash));
  std::string length = text.substr(slash + 1);
  if (!prefix || length.empty() || length.size() > 3) return invalid();
  if (length.find_first_not_of("0123456789") != std::string::npos) return invalid();
  prefix->length = std::stoi(length);
  if (prefix->length > prefix->bits) return invalid();
  Address size = PowerOfTwo(prefix->bits - prefix->length);
  prefix->address = size == 0 ? 0 : prefix->address / size * size;
  return *prefix;
}

std::string TextV4(Address address) {
  auto octet = [address](int i) { return static_cast<int>(address >> (8 * i) & 0xff); };
  return fmt::format("{}.{}.{}.{}", octet(3), octet(2), octet(1), octet(0));
}

// RFC 5952: the longest run of zeros, at least two groups, becomes "::".
std::string TextV6(Address address) {
  int groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = static_cast<int>(address >> (16 * (7 - i)) & 0xffff);
  int best = -1;
  int best_size = 1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_size) {
      best = i;
      best_size = end - i;
    }
  }
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_size - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

std::string AddressText(Address address, int bits) {
  if (bits == 32) return TextV4(address);
  bool mapped = address >> 32 == 0xffff;
  return mapped ? TextV4(address & 0xffffffff) : TextV6(address);
}

std::string PrefixText(const Prefix& prefix) {
  return fmt::format("{}/{}", AddressText(prefix.address, prefix.bits), prefix.length);
}

// A whole number as sign and magnitude; empty beyond 128 bits.
struct Magnitude {
  Address value = 0;
  bool negative = false;
};

std::optional<Magnitude> WholeNumber(const value::Number& number) {
  if (number.is_infinite() || !number.is_integer()) return std::nullopt;
  std::string digits = number.IntegerText(16);
  Magnitude result;
  result.negative = digits.starts_with('-');
  if (result.negative) digits.erase(0, 1);
  if (digits.size() > 32) return std::nullopt;
  for (char c : digits)
    result.value = result.value << 4 | static_cast<Address>(c <= '9' ? c - '0' : c - 'a' + 10);
  return result;
}

Outcome CidrHost(Args args) {
  Prefix prefix = TRY(ParsePrefix(args.text(0)));
  auto number = WholeNumber(args[1].number());
  if (!number) return Fail("value must be a whole number");
  Address max = LastOf(prefix) - prefix.address;
  // Negative numbers count from the end: -1 is the last address.
  Address host = number->negative ? number->value - 1 : number->value;
  if (host > max) {
    return Fail(fmt::format("prefix of {} does not accommodate a host numbered {}", prefix.length,
                            args[1].number().ToString()));
  }
  if (number->negative) host = max - host;
  return Value::String(AddressText(prefix.address + host, prefix.bits));
}

Outcome CidrNetmask(Args args) {
  Prefix prefix = TRY(ParsePrefix(args.text(0)));
  if (prefix.bits != 32) return Fail("IPv6 addresses cannot have a netmask: " + args.text(0));
  Address mask = 0xffffffff - (PowerOfTwo(32 - prefix.length) - 1);
  return Value::String(TextV4(mask));
}

Outcome CidrSubnet(Args args) {
  int64_t new_bits = TRY(args.integer(1));
  auto number = WholeNumber(args[2].number());
  if (!number) return Fail("value must be a whole number");
  Prefix prefix = TRY(ParsePrefix(args.text(0)));
  if (new_bits < 0 || new_bits > prefix.bits - prefix.length) {
    return Fail(fmt::format("insufficient address space to extend prefix of {} by {}",
                            prefix.length, new_bits));
  }
  int bits = static_cast<int>(new_bits);
  Address max = PowerOfTwo(bits) - 1;
  if (number->negative || number->value > max) {
    return Fail(fmt::format("prefix extension of {} does not accommodate a subnet numbered {}",
                            bits, args[2].number().ToString()));
  }
  prefix.length += bits;
  int shift = prefix.bits - prefix.length;
  if (shift < 128) prefix.address |= number->value << shift;
  return Value::String(PrefixText(prefix));
}

Outcome CidrSubnets(Args args) {
  auto parsed = ParsePrefix(args.text(0));
  if (!parsed.ok()) return BadArgument(0, parsed.error().message);
  const Prefix& network = *parsed;
  std::vector<std::string> subnets;
  Address last = LastOf(network);
  Address next = network.address;
  bool full = false;
  for (size_t i = 1; i < args.size(); ++i) {
    auto index = static_cast<int>(i);
    int64_t bits = TRY(args.integer(i));
    if (bits < 1) return BadArgument(index, "must extend prefix by at least one bit");
    if (bits > 32) return BadArgument(index, "may not extend prefix by more than 32 bits");
    int length = network.length + static_cast<int>(bits);
    if (length > network.bits) {
      return BadArgument(index, fmt::format("would extend prefix to {} bits, which is too long for "
                                            "an {} address",
                                            length, network.bits == 32 ? "IPv4" : "IPv6"));
    }
    // Up to the next multiple of the subnet's size, counted from the network's start.
    Address size = PowerOfTwo(network.bits - length);
    Address used = (next - network.address + (size - 1)) / size * size;
    Address start = network.address + used;
    if (full || used > last - network.address) {
      return BadArgument(index,
                         fmt::format("not enough remaining address space for a subnet with a "
                                     "prefix of {} bits after {}",
                                     length, subnets.empty() ? args.text(0) : subnets.back()));
    }
    Prefix subnet{start, length, network.bits};
    subnets.push_back(PrefixText(subnet));
    full = LastOf(subnet) == last;
    next = LastOf(subnet) + 1;
  }
  return Texts(subnets);
}

Outcome CidrContains(Args args) {
  auto outer = ParsePrefix(args.text(0));
  if (!outer.ok()) return BadArgument(0, outer.error().message);
  std::optional<Prefix> inner = ParseAddress(args.text(1));
  if (!inner) {
    auto prefix = ParsePrefix(args.text(1));
    if (!prefix.ok()) {
      return BadArgument(1, fmt::format("invalid IP address or prefix: {}", args.text(1)));
    }
    inner = *prefix;
  }
  if (inner->bits != outer->bits) {
    return Fail(fmt::format("address family mismatch: {} vs. {}", args.text(0), args.text(1)));
  }
  return Value::Bool(inner->address >= outer->address && LastOf(*inner) <= LastOf(*outer));
}

}  // namespace

std::vector<Row> NetworkFunctions() {
  // clang-format off
  return {
    {"cidrhost",     {Text("prefix"), Num("hostnum")}, {}, GivesText(), "The address with the number in the prefix; negative numbers count from its end.", CidrHost},
    {"cidrnetmask",  {Text("prefix")}, {}, GivesText(), "The netmask of an IPv4 prefix.", CidrNetmask},
    {"cidrsubnet",   {Text("prefix"), Num("newbits"), Num("netnum")}, {}, GivesText(), "The subnet with the number, with so many more bits than the prefix.", CidrSubnet},
    {"cidrsubnets",  {Text("prefix")}, Num("newbits"), GivesTexts(), "Subnets one after the other, each with so many more bits than the prefix.", CidrSubnets},
    {"cidrcontains", {Text("containing_prefix"), Text("contained_ip_or_prefix")}, {}, GivesBool(), "Whether the address or prefix lies in the first prefix.", CidrContains},
  };
  // clang-format on
}

}  // namespace andon::functions
