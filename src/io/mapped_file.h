// MappedFile: the bytes of a local file in memory, read by the system as they are touched.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::io {

// Immutable; may be moved, not copied. The file must not become shorter meanwhile: it is one that
// is written once and only ever replaced.
class MappedFile {
 public:
  // kNotFound; kIo.
  static Result<MappedFile> Open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  MappedFile() = default;

  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace andon::io
