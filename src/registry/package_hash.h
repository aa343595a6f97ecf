// Hashes that name a package of a provider, as lock files have them:
//   "h1:BASE64"  of what is in it, packed or not
//   "zh:HEX"     of the archive, as its maker published it
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace andon::registry {

// "h1:" of an unpacked package: the hash of its files' hashes and names, whatever their order on
// the disk. kIo.
Result<std::string> PackageHash(const std::string& dir);
// "zh:" of an archive. kIo.
Result<std::string> ArchiveHash(const std::string& path);

// Of a form that lock files may have: "zh:" and 64 hex digits, or another scheme and a value.
bool IsPackageHash(std::string_view text);

// One line of a SHA256SUMS file.
struct Checksum {
  std::string sha256;  // 64 hex digits, in lower case.
  std::string filename;
};
// Empty where anything in it is no such line: a document that is only partly understood is not
// believed in part.
std::vector<Checksum> ParseChecksums(std::string_view document);

}  // namespace andon::registry
