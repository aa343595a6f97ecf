#include "registry/package_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "io/mapped_file.h"

namespace andon::registry {
namespace {

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

std::string Bytes(const std::string& hex) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return out;
}

Result<std::string> FileHash(const std::string& path) {
  auto file = TRY(io::MappedFile::Open(path));
  return Sha256(file.bytes());
}

}  // namespace

Result<std::string> PackageHash(const std::string& dir) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code failed;
  fs::recursive_directory_iterator it(dir, fs::directory_options::follow_directory_symlink, failed);
  for (fs::recursive_directory_iterator end; !failed && it != end; it.increment(failed)) {
    if (it->is_regular_file(failed))
      names.push_back(it->path().lexically_relative(dir).generic_string());
  }
  if (failed) return Error::Io("Cannot read {}: {}.", dir, failed.message());
  std::sort(names.begin(), names.end());
  std::string lines;
  for (const std::string& name : names) {
    std::string hash = TRY(FileHash((fs::path(dir) / name).string()));
    lines += fmt::format("{}  {}\n", hash, name);
  }
  return "h1:" + Base64Encode(Bytes(Sha256(lines)));
}

Result<std::string> ArchiveHash(const std::string& path) {
  std::string hash = TRY(FileHash(path));
  return "zh:" + hash;
}

bool IsPackageHash(std::string_view text) {
  size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return false;
  if (text.find_first_of(" \t\r\n\"\\") != text.npos || !IsAscii(text)) return false;
  if (!text.starts_with("zh:")) return true;
  return text.size() == 3 + 64 && IsHex(text.substr(3));
}

std::vector<Checksum> ParseChecksums(std::string_view document) {
  std::vector<Checksum> out;
  for (const std::string& line : Split(document, '\n')) {
    std::string_view text = Trim(line);
    if (text.empty()) continue;
    std::string_view hash = text.substr(0, text.find_first_of(" \t"));
    std::string_view name = Trim(text.substr(hash.size()));
    if (name.starts_with('*')) name.remove_prefix(1);  // "Binary mode" of sha256sum.
    if (hash.size() != 64 || !IsHex(hash) || name.empty()) return {};
    out.push_back({AsciiLower(hash), std::string(name)});
  }
  return out;
}

}  // namespace andon::registry
