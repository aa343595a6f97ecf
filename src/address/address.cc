#include "address/address.h"

#include <charconv>

#include "base/text.h"
#include "value/display.h"

namespace andon::address {
namespace {

bool IsNameByte(char c) {
  auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' ||
         u == '-' || u >= 0x80;
}

struct Segment {
  std::string name;
  Key key;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  Result<std::vector<Segment>> Segments() {
    if (!IsUtf8(text_)) return Error::Invalid("An address is text in UTF-8, and this one is not.");
    std::vector<Segment> out;
    do {
      Segment segment;
      segment.name = TRY(Name());
      segment.key = TRY(OptionalKey());
      out.push_back(std::move(segment));
    } while (Take('.'));
    if (!rest_.empty()) return Wrong(fmt::format("nothing more before \"{}\"", rest_));
    return out;
  }

 private:
  Error Wrong(std::string_view expected) const {
    return Error::Invalid(
        "\"{}\" is no address: expected {}. An address looks like "
        "dataset.payment or dataset.payment[\"eu\"].",
        text_, expected);
  }

  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Result<std::string> Name() {
    size_t n = 0;
    while (n < rest_.size() && IsNameByte(rest_[n])) ++n;
    if (n == 0) return Wrong("a name");
    std::string name(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return name;
  }

  Result<Key> OptionalKey() {
    if (!Take('[')) return Key();
    Key key;
    if (Take('"')) {
      std::string text = TRY(Quoted());
      key = std::move(text);
    } else {
      int64_t number = 0;
      auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
      if (failed != std::errc() || number < 0) return Wrong("a number or a text in quotes in [ ]");
      rest_.remove_prefix(end - rest_.data());
      key = number;
    }
    if (!Take(']')) return Wrong("\"]\"");
    return key;
  }

  Result<std::string> Quoted() {
    std::string out;
    while (!rest_.empty() && rest_[0] != '"') {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        c = rest_[0];
        rest_.remove_prefix(1);
        size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (digits > 0) {
          if (!TakeCodePoint(digits, out)) return Wrong("a character's number behind \"\\u\"");
          continue;
        }
        size_t simple = std::string_view("abfnrtv").find(c);
        if (simple != std::string_view::npos) c = "\a\b\f\n\r\t\v"[simple];
      }
      out += c;
    }
    if (!Take('"')) return Wrong("a closing quote");
    return out;
  }

  // The character whose number is written in so many hexadecimal digits, as UTF-8.
  bool TakeCodePoint(size_t digits, std::string& out) {
    uint32_t code = 0;
    if (rest_.size() < digits) return false;
    auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + digits, code, 16);
    if (failed != std::errc() || end != rest_.data() + digits) return false;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    rest_.remove_prefix(digits);
    int tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr uint32_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(kLead[tail] | code >> (6 * tail));
    while (tail-- > 0) out += static_cast<char>(0x80 | (code >> (6 * tail) & 0x3f));
    return true;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

std::string ToString(const Key& key) {
  if (auto* number = std::get_if<int64_t>(&key)) return fmt::format("[{}]", *number);
  if (auto* text = std::get_if<std::string>(&key)) return fmt::format("[{}]", value::Quote(*text));
  return {};
}

std::string ToString(const Address& address) {
  std::string out;
  for (const ModuleStep& step : address.module) {
    out += fmt::format("{}module.{}{}", out.empty() ? "" : ".", step.name, ToString(step.key));
  }
  if (address.kind.empty()) return out;
  if (!out.empty()) out += '.';
  if (address.is_data) out += "data.";
  if (address.is_ephemeral) out += "ephemeral.";
  out += address.kind;
  if (!address.name.empty()) out += '.' + address.name;
  return out + ToString(address.key);
}

Address Address::WithoutKey() const { return WithKey({}); }

Address Address::WithKey(Key new_key) const {
  Address other = *this;
  other.key = std::move(new_key);
  return other;
}

bool Address::Contains(const Address& other) const {
  if (module.size() > other.module.size()) return false;
  for (size_t i = 0; i < module.size(); ++i) {
    const ModuleStep& mine = module[i];
    bool any_key = std::holds_alternative<std::monostate>(mine.key);
    if (mine.name != other.module[i].name || (!any_key && mine.key != other.module[i].key)) {
      return false;
    }
  }
  if (kind.empty()) return true;
  if (module.size() != other.module.size()) return false;
  bool any_key = std::holds_alternative<std::monostate>(key);
  return is_data == other.is_data && is_ephemeral == other.is_ephemeral && kind == other.kind &&
         name == other.name && (any_key || key == other.key);
}

Result<Address> Parse(std::string_view text) {
  std::vector<Segment> segments = TRY(Reader(text).Segments());
  Address address;
  size_t at = 0;
  while (at + 1 < segments.size() && segments[at].name == "module") {
    address.module.push_back({segments[at + 1].name, segments[at + 1].key});
    at += 2;
  }
  if (at < segments.size() && segments[at].name == "data" && segments.size() - at == 3) {
    address.is_data = true;
    ++at;
  } else if (at < segments.size() && segments[at].name == "ephemeral" &&
             segments.size() - at == 3) {
    address.is_ephemeral = true;
    ++at;
  }
  size_t left = segments.size() - at;
  if (left == 0 && !address.module.empty()) return address;
  // The settings block `andon` has no name.
  if (left == 1 && segments[at].name == "andon") {
    address.kind = "andon";
    return address;
  }
  if (left != 2 || !std::holds_alternative<std::monostate>(segments[at].key)) {
    return Error::Invalid(
        "\"{}\" is no address of an object: expected a kind and a name, like "
        "dataset.payment.",
        text);
  }
  address.kind = segments[at].name;
  address.name = segments[at + 1].name;
  address.key = segments[at + 1].key;
  return address;
}

}  // namespace andon::address
