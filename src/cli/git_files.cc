#include "cli/git_files.h"

#include <algorithm>

#include "base/text.h"
#include "io/path.h"
#include "io/process.h"

namespace andon::cli {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kFileMax = 1 << 20;

// An octal number of a header, ended by a space, a zero byte or its end.
Result<size_t> Octal(std::string_view field) {
  size_t number = 0;
  for (char c : field) {
    if (c == ' ' || c == '\0') break;
    if (c < '0' || c > '7' || number > (size_t{1} << 40))
      return Error::Corrupt("The archive that git made cannot be read");
    number = number * 8 + static_cast<size_t>(c - '0');
  }
  return number;
}

std::string_view TextOf(std::string_view field) { return field.substr(0, field.find('\0')); }

// "30 path=a/long/name\n": the value of `path`; empty where there is none.
std::string PathOfPax(std::string_view text) {
  while (!text.empty()) {
    const size_t space = text.find(' '), end = text.find('\n');
    if (space == text.npos || end == text.npos || space > end) return {};
    const std::string_view entry = text.substr(space + 1, end - space - 1);
    if (entry.starts_with("path=")) return std::string(entry.substr(5));
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<io::MemoryFileSystem>> ReadTar(std::string_view tar) {
  auto files = std::make_unique<io::MemoryFileSystem>();
  std::string long_path;
  for (size_t at = 0; at + kBlock <= tar.size();) {
    const std::string_view header = tar.substr(at, kBlock);
    if (header[0] == '\0') break;
    const size_t size = TRY(Octal(header.substr(124, 12)));
    at += kBlock;
    if (size > tar.size() - at) return Error::Corrupt("The archive that git made is cut off");
    const std::string_view content = tar.substr(at, size);
    at += std::min(tar.size() - at, (size + kBlock - 1) / kBlock * kBlock);
    const char type = header[156];
    if (type == 'x') {
      long_path = PathOfPax(content);
      continue;
    }
    std::string path = std::move(long_path);
    long_path.clear();
    if (path.empty()) {
      const std::string_view prefix = TextOf(header.substr(345, 155));
      path = (prefix.empty() ? "" : std::string(prefix) + "/") +
             std::string(TextOf(header.substr(0, 100)));
    }
    const bool is_file = type == '0' || type == '\0';
    path = io::Normalize(path);
    if (!is_file || size > kFileMax || path.starts_with("..")) continue;
    TRY(files->WriteAtomically(path, content));
  }
  return files;
}

Result<std::unique_ptr<io::MemoryFileSystem>> ReadGitFiles(const std::string& ref) {
  if (ref.empty() || ref.starts_with('-'))
    return Error::Invalid("\"{}\" is no name of a commit", ref);
  auto done = io::Run({.argv = {"git", "archive", "--format=tar", ref, "."},
                       .time_limit = std::chrono::seconds(60)});
  if (!done.ok()) return Error::Unavailable("git cannot be started: {}", done.error().message);
  if (done->truncated) return Error::Invalid("{} has too many files below this folder", ref);
  if (!done->status.ok()) {
    std::string why(Trim(done->err));
    if (why.starts_with("fatal: ")) why = why.substr(7);
    // A new folder: it had nothing.
    if (why.find("current working directory is untracked") != std::string::npos)
      return std::make_unique<io::MemoryFileSystem>();
    return Error::NotFound("git has no {}: {}", ref, why);
  }
  return ReadTar(done->out);
}

}  // namespace andon::cli
