// Archives that somebody else made, unpacked: zip, tar, tar.gz, tar.xz, tar.bz2, told apart by
// their content.
//
// Nothing lies outside of `dir` afterwards, whatever the archive says: absolute names, "..",
// links and devices are refused, and so is what grows beyond the bounds.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace andon::registry {

struct UnpackLimits {
  int64_t bytes_max = int64_t{4} << 30;  // The largest providers take up 1 GB.
  int64_t entries_max = 100'000;
  // Of the archive's own size; programs pack to about a quarter. Archives below a megabyte may
  // grow to ratio_max megabytes.
  int64_t ratio_max = 100;
};

// Makes `dir`, which must not exist, with the files of the archive, each of them durable. On
// failure `dir` is gone. kInvalid for an archive that is damaged, hostile or of another kind;
// kUnavailable where the library that reads archives is not installed; kIo.
Result<void> Unpack(const std::string& archive, const std::string& dir,
                    const UnpackLimits& limits = {});

}  // namespace andon::registry
