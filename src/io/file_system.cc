#include "io/file_system.h"

#include <algorithm>

#include "io/path.h"

namespace andon::io {
namespace {

// Enough for any real tree; a circle of symbolic links ends here.
constexpr int kDepthMax = 64;

Result<void> Collect(const FileSystem& files, const std::string& dir, const std::string& below,
                     int depth, std::vector<std::string>& found) {
  if (depth > kDepthMax) {
    return Error::Invalid("{} is nested deeper than {} folders; is there a circle of links?", dir,
                          kDepthMax);
  }
  auto entries = TRY(files.List(dir));
  for (const FileInfo& entry : entries) {
    std::string path = Join(below, entry.name);
    if (entry.is_dir) {
      TRY(Collect(files, Join(dir, entry.name), path, depth + 1, found));
    } else {
      found.push_back(std::move(path));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> ListRecursively(const FileSystem& files, const std::string& dir) {
  std::vector<std::string> found;
  TRY(Collect(files, dir, "", 0, found));
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace andon::io
