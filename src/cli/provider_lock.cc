#include "cli/provider_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "cli/constant_texts.h"
#include "hcl/parser.h"

namespace andon::cli {
namespace {

std::string Bytes(const std::string& hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

}  // namespace

Result<ProviderLocks> ReadProviderLocks(const io::FileSystem& files) {
  ProviderLocks out;
  if (!files.Exists(kLockFile)) return out;
  std::string text = TRY(files.Read(kLockFile));
  auto parsed = hcl::ParseFile(kLockFile, std::move(text));
  if (parsed.diagnostics.has_errors()) {
    const Diagnostic& first = *parsed.diagnostics.begin();
    return Error::Invalid("{}: {}: {}", ToString(first.subject), first.summary, first.detail);
  }
  for (const hcl::Block& block : parsed.file->body().blocks) {
    if (block.type != "provider" || block.labels.size() != 1) continue;
    auto address = config::ParseProviderSource(block.labels[0].text);
    ProviderLock lock{.version = ConstantText(block.body, "version"),
                      .constraints = ConstantText(block.body, "constraints"),
                      .hashes = ConstantTexts(block.body, "hashes")};
    if (!address.ok() || lock.version.empty()) {
      return Error::Invalid("{}: a provider of the lock file needs its address and a version.",
                            ToString(block.header_range()));
    }
    out[*address] = std::move(lock);
  }
  return out;
}

std::string ProviderLockText(const ProviderLocks& locks) {
  std::string out =
      "# This file is maintained automatically by \"andon init\".\n"
      "# Manual edits may be lost in future updates.\n";
  for (const auto& [address, lock] : locks) {
    out += fmt::format("\nprovider \"{}\" {{\n", config::ToString(address));
    if (lock.constraints.empty()) {
      out += fmt::format("  version = \"{}\"\n", lock.version);
    } else {
      out += fmt::format("  version     = \"{}\"\n  constraints = \"{}\"\n", lock.version,
                         lock.constraints);
    }
    std::vector<std::string> hashes = lock.hashes;
    std::sort(hashes.begin(), hashes.end());
    out += "  hashes = [\n";
    for (const std::string& hash : hashes) out += fmt::format("    \"{}\",\n", hash);
    out += "  ]\n}\n";
  }
  return out;
}

Result<std::string> PackageHash(const std::string& dir) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code failed;
  fs::recursive_directory_iterator it(dir, fs::directory_options::follow_directory_symlink, failed);
  for (fs::recursive_directory_iterator end; !failed && it != end; it.increment(failed)) {
    if (it->is_regular_file(failed))
      names.push_back(fs::relative(it->path(), dir, failed).string());
  }
  if (failed) return Error::Io("cannot read {}: {}", dir, failed.message());
  std::sort(names.begin(), names.end());
  std::string lines;
  for (const std::string& name : names) {
    std::ifstream in(fs::path(dir) / name, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (!in) return Error::Io("cannot read {}/{}", dir, name);
    lines += fmt::format("{}  {}\n", Sha256(bytes), name);
  }
  return "h1:" + Base64Encode(Bytes(Sha256(lines)));
}

}  // namespace andon::cli
