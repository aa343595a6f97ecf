#include "base/text.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/assert.h"

namespace andon {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (true) {
    size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string AsciiLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return out;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

namespace {

// Edit distance with swaps of neighbours (optimal string alignment).
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replace = last[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.empty() || written.size() > 200) return "";
  std::string lower = AsciiLower(written);
  size_t best = std::max<size_t>(1, written.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 200) continue;
    size_t distance = EditDistance(lower, AsciiLower(candidate));
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string WithThousands(int64_t n) {
  std::string digits = fmt::format("{}", n);
  size_t first = n < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Count(int64_t n, std::string_view singular, std::string_view plural) {
  if (n == 1) return fmt::format("1 {}", singular);
  return plural.empty() ? fmt::format("{} {}s", WithThousands(n), singular)
                        : fmt::format("{} {}", WithThousands(n), plural);
}

bool IsUtf8(std::string_view text, size_t* bad_at) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  size_t at = 0;
  while (at < text.size()) {
    if (bytes[at] < 0x80) {
      ++at;
      continue;
    }
    utf8proc_int32_t rune = 0;
    auto length = utf8proc_iterate(bytes + at, text.size() - at, &rune);
    if (length <= 0) {
      if (bad_at != nullptr) *bad_at = at;
      return false;
    }
    at += length;
  }
  return true;
}

namespace {

// Calls visit(rune, starts_a_cluster) for each rune; a bad byte counts as one of its own.
template <typename Visit>
void EachRune(std::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  utf8proc_int32_t state = 0;
  utf8proc_int32_t before = -1;
  size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t rune = 0;
    auto length = utf8proc_iterate(bytes + at, text.size() - at, &rune);
    if (length <= 0) {
      visit(0xFFFD, true);
      before = -1;
      state = 0;
      ++at;
      continue;
    }
    bool starts = before < 0 || utf8proc_grapheme_break_stateful(before, rune, &state);
    visit(rune, starts);
    before = rune;
    at += length;
  }
}

}  // namespace

int64_t GraphemeCount(std::string_view text) {
  if (IsAscii(text) && text.find('\r') == std::string_view::npos) return int64_t(text.size());
  int64_t count = 0;
  EachRune(text, [&](utf8proc_int32_t, bool starts) { count += starts; });
  return count;
}

int64_t DisplayWidth(std::string_view text) {
  if (IsAscii(text)) return int64_t(text.size());
  int64_t width = 0;
  EachRune(text, [&](utf8proc_int32_t rune, bool) { width += utf8proc_charwidth(rune); });
  return width;
}

std::string ToNfc(std::string_view text) {
  if (IsAscii(text)) return std::string(text);
  utf8proc_uint8_t* composed = nullptr;
  auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), text.size(),
                             &composed, utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (length < 0) return std::string(text);
  std::string out(reinterpret_cast<char*>(composed), length);
  std::free(composed);
  return out;
}

std::string HexEncode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char c : bytes) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

std::string Base64Encode(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()));
  out.resize(length);
  return out;
}

bool Base64Decode(std::string_view text, std::string* bytes) {
  if (text.size() % 4 != 0) return false;
  auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  if (!std::all_of(text.begin(), text.end() - padding, is_digit)) return false;
  std::string out(text.size() / 4 * 3, '\0');
  int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), int(text.size()));
  if (length < 0) return false;
  out.resize(length - padding);
  *bytes = std::move(out);
  return true;
}

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  ASSERT(done == 1);
  return HexEncode({reinterpret_cast<char*>(digest.data()), length});
}

std::string RandomUuid() {
  std::array<unsigned char, 16> bytes;
  // Of the kernel: OpenSSL would first start itself, which costs a short command milliseconds.
  int failed = getentropy(bytes.data(), bytes.size());
  ASSERT(failed == 0);
  bytes[6] = (bytes[6] & 0x0F) | 0x40;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  std::string hex = HexEncode({reinterpret_cast<char*>(bytes.data()), bytes.size()});
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

}  // namespace andon
