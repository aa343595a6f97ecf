// The keys of one data file, as sorted 64-bit words: by them uniqueness is known over many files
// while only new ones are read.
//
// A word is the key itself where the key is one integer, else a hash of it (key_states.h). Equal
// keys have equal words; where words meet, the caller looks at the rows, so that the answer is
// exact whatever the hash.
//
// Format: "ANDKEYS1", the count as 8 bytes, then each word in 8; little-endian. 8 bytes a row are
// kept. A file of another length is no key run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_system.h"
#include "io/mapped_file.h"

namespace andon::quality {

class KeyRun {
 public:
  // kNotFound; kCorrupt where the file is no key run.
  static Result<KeyRun> Open(const std::string& path);

  std::span<const uint64_t> words() const { return words_; }

 private:
  KeyRun(io::MappedFile file, std::span<const uint64_t> words)
      : file_(std::move(file)), words_(words) {}

  io::MappedFile file_;
  std::span<const uint64_t> words_;
};

// Sorts the words and writes them; replaces what is at `path`, durably.
Result<void> WriteKeyRun(io::FileSystem& files, const std::string& path,
                         std::vector<uint64_t> words);

// Adds to `met` the words that stand twice in `run`. False where `met` would outgrow `most`.
bool AddDoubled(std::span<const uint64_t> run, size_t most, std::vector<uint64_t>* met);

// Adds to `met` the words that both runs hold. The work grows with the smaller run (times the
// logarithm of the larger). False as above.
bool AddMet(std::span<const uint64_t> a, std::span<const uint64_t> b, size_t most,
            std::vector<uint64_t>* met);

}  // namespace andon::quality
