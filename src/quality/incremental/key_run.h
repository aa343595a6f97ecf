// The keys of one data file, as 64-bit words: by them uniqueness is known over many files while
// only new ones are read.
//
// A word is the key itself where the key is one integer, else a hash of it (key_states.h). Equal
// keys have equal words; where words meet, the caller looks at the rows, so that the answer is
// exact whatever the hash.
//
// A run is kept in one of two forms: sorted words, 8 bytes for each key; or, of integers that lie
// dense and stand once each, one bit for each value between the least and the greatest: an eighth
// of a byte for a key of a gapless sequence.
//
// Format, by 8 bytes each, little-endian: "ANDKEYS2"; a digest of all that follows; 0 for words
// and 1 for bits; of bits the word that the first one stands for (a multiple of 64), else 0; how
// many words or blocks of 64 bits follow; those. What is damaged is no key run.
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

// A set of words: `lower` + 64 * i + j is in it where bit j of block i is set. Does not own them.
struct KeyBits {
  int64_t lower = 0;  // A multiple of 64.
  std::span<const uint64_t> blocks;

  bool Holds(uint64_t word) const;
};

class KeyRun {
 public:
  // kNotFound; kCorrupt where the file is no key run, or is damaged.
  static Result<KeyRun> Open(const std::string& path);

  bool is_bits() const { return is_bits_; }
  std::span<const uint64_t> words() const { return is_bits_ ? std::span<const uint64_t>() : data_; }
  KeyBits bits() const { return {lower_, is_bits_ ? data_ : std::span<const uint64_t>()}; }
  // How many keys it has.
  uint64_t size() const;
  bool Holds(uint64_t word) const;

 private:
  KeyRun(io::MappedFile file, bool is_bits, int64_t lower, std::span<const uint64_t> data)
      : file_(std::move(file)), is_bits_(is_bits), lower_(lower), data_(data) {}

  io::MappedFile file_;
  bool is_bits_;
  int64_t lower_;
  std::span<const uint64_t> data_;
};

// In ascending order.
void SortWords(std::vector<uint64_t>* words);

// Sorts the words and writes them; replaces what is at `path`, durably.
Result<void> WriteKeyRun(io::FileSystem& files, const std::string& path,
                         std::vector<uint64_t> words);
Result<void> WriteKeyBits(io::FileSystem& files, const std::string& path, const KeyBits& bits);

// Adds to `met` the words that stand twice in `run`. False where `met` would outgrow `most`.
bool AddDoubled(std::span<const uint64_t> run, size_t most, std::vector<uint64_t>* met);

// Adds to `met` the words that both have. Of words the work grows with the smaller run (times the
// logarithm of the larger), of bits with the values that both cover. False as above.
bool AddMet(std::span<const uint64_t> a, std::span<const uint64_t> b, size_t most,
            std::vector<uint64_t>* met);
bool AddMet(std::span<const uint64_t> words, const KeyBits& bits, size_t most,
            std::vector<uint64_t>* met);
bool AddMet(const KeyBits& a, const KeyBits& b, size_t most, std::vector<uint64_t>* met);

}  // namespace andon::quality
