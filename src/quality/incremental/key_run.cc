#include "quality/incremental/key_run.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace andon::quality {
namespace {

static_assert(std::endian::native == std::endian::little, "the format's words are read in place");

constexpr char kMagic[] = "ANDKEYS2";
constexpr size_t kMagicSize = sizeof kMagic - 1;
constexpr int kBlockBits = 64;

// What stands before the words or blocks.
struct Header {
  uint64_t magic = 0;
  uint64_t digest = 0;
  uint64_t is_bits = 0;
  int64_t lower = 0;
  uint64_t count = 0;
};
static_assert(sizeof(Header) == 40, "no gaps: it is written as it is");

uint64_t Mixed(uint64_t hash, uint64_t word) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 / the golden ratio: spreads what it scales.
  hash = (hash ^ word) * kOdd;
  return hash ^ (hash >> 29);
}

// Tells damage, not malice: of 8 bytes at a time in four chains, as the processor does four at
// once.
uint64_t DigestOf(const Header& header, std::span<const uint64_t> data) {
  uint64_t chains[4] = {Mixed(1, header.is_bits), Mixed(2, static_cast<uint64_t>(header.lower)),
                        Mixed(3, header.count), 4};
  size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    for (size_t chain = 0; chain < 4; chain++)
      chains[chain] = Mixed(chains[chain], data[i + chain]);
  }
  for (; i < data.size(); i++) chains[0] = Mixed(chains[0], data[i]);
  return Mixed(Mixed(Mixed(chains[0], chains[1]), chains[2]), chains[3]);
}

Result<void> Write(io::FileSystem& files, const std::string& path, Header header,
                   std::span<const uint64_t> data) {
  std::memcpy(&header.magic, kMagic, kMagicSize);
  header.count = data.size();
  header.digest = DigestOf(header, data);
  std::string bytes(sizeof header + data.size_bytes(), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  if (!data.empty()) std::memcpy(bytes.data() + sizeof header, data.data(), data.size_bytes());
  return files.WriteAtomically(path, bytes);
}

bool Add(uint64_t word, size_t most, std::vector<uint64_t>* met) {
  if (!met->empty() && met->back() == word) return true;
  if (met->size() == most) return false;
  met->push_back(word);
  return true;
}

// From this ratio on, looking each word of the smaller run up is faster than reading both.
constexpr size_t kLookUpRatio = 16;

// The first place at or behind `from` whose word is not less: doubles its steps, then halves them.
const uint64_t* Gallop(const uint64_t* from, const uint64_t* end, uint64_t word) {
  size_t step = 1;
  const uint64_t* low = from;
  while (static_cast<size_t>(end - low) > step && low[step] < word) {
    low += step;
    step *= 2;
  }
  return std::lower_bound(low, std::min(end, low + step + 1), word);
}

}  // namespace

bool KeyBits::Holds(uint64_t word) const {
  const uint64_t place = word - static_cast<uint64_t>(lower);
  return place / kBlockBits < blocks.size() &&
         (blocks[place / kBlockBits] >> (place % kBlockBits) & 1) != 0;
}

Result<KeyRun> KeyRun::Open(const std::string& path) {
  io::MappedFile file = TRY(io::MappedFile::Open(path));
  const std::string_view bytes = file.bytes();
  auto damaged = [&] { return Error::Corrupt("{} is no key run", path); };
  Header header;
  if (bytes.size() < sizeof header) return damaged();
  std::memcpy(&header, bytes.data(), sizeof header);
  const size_t rest = bytes.size() - sizeof header;
  if (bytes.substr(0, kMagicSize) != kMagic || header.count != rest / sizeof(uint64_t) ||
      rest % sizeof(uint64_t) != 0 || header.is_bits > 1 || header.lower % kBlockBits != 0)
    return damaged();
  const std::span<const uint64_t> data(
      reinterpret_cast<const uint64_t*>(bytes.data() + sizeof header), header.count);
  if (DigestOf(header, data) != header.digest) return damaged();
  return KeyRun(std::move(file), header.is_bits != 0, header.lower, data);
}

uint64_t KeyRun::size() const {
  if (!is_bits_) return data_.size();
  uint64_t keys = 0;
  for (uint64_t block : data_) keys += static_cast<uint64_t>(std::popcount(block));
  return keys;
}

bool KeyRun::Holds(uint64_t word) const {
  return is_bits_ ? bits().Holds(word) : std::binary_search(data_.begin(), data_.end(), word);
}

// By one digit of 11 bits after the other, from the last: ten times as fast as comparing, for the
// millions of hashes of a large file. A digit that all words share is skipped.
void SortWords(std::vector<uint64_t>* words) {
  constexpr size_t kFew = 4'096;
  constexpr int kDigitBits = 11, kDigits = 6;
  constexpr size_t kRange = size_t{1} << kDigitBits;
  if (words->size() < kFew) return std::sort(words->begin(), words->end());
  std::vector<uint64_t> sorted(words->size());
  for (int digit = 0; digit < kDigits; digit++) {
    const int shift = digit * kDigitBits;
    std::vector<size_t> places(kRange + 1);
    for (uint64_t word : *words) places[(word >> shift & (kRange - 1)) + 1]++;
    if (std::find(places.begin(), places.end(), words->size()) != places.end()) continue;
    for (size_t i = 1; i <= kRange; i++) places[i] += places[i - 1];
    for (uint64_t word : *words) sorted[places[word >> shift & (kRange - 1)]++] = word;
    words->swap(sorted);
  }
}

Result<void> WriteKeyRun(io::FileSystem& files, const std::string& path,
                         std::vector<uint64_t> words) {
  SortWords(&words);
  return Write(files, path, {}, words);
}

Result<void> WriteKeyBits(io::FileSystem& files, const std::string& path, const KeyBits& bits) {
  return Write(files, path, {.is_bits = 1, .lower = bits.lower}, bits.blocks);
}

bool AddDoubled(std::span<const uint64_t> run, size_t most, std::vector<uint64_t>* met) {
  for (size_t i = 1; i < run.size(); i++) {
    if (run[i] == run[i - 1] && !Add(run[i], most, met)) return false;
  }
  return true;
}

bool AddMet(std::span<const uint64_t> a, std::span<const uint64_t> b, size_t most,
            std::vector<uint64_t>* met) {
  if (a.size() > b.size()) std::swap(a, b);
  if (a.empty() || a.back() < b.front() || b.back() < a.front()) return true;
  const bool looks_up = b.size() / a.size() >= kLookUpRatio;
  const uint64_t* at = b.data();
  const uint64_t* const end = at + b.size();
  for (uint64_t word : a) {
    if (looks_up) {
      at = Gallop(at, end, word);
    } else {
      while (at != end && *at < word) ++at;
    }
    if (at == end) return true;
    if (*at == word && !Add(word, most, met)) return false;
  }
  return true;
}

bool AddMet(std::span<const uint64_t> words, const KeyBits& bits, size_t most,
            std::vector<uint64_t>* met) {
  if (bits.blocks.empty()) return true;
  for (uint64_t word : words) {
    if (bits.Holds(word) && !Add(word, most, met)) return false;
  }
  return true;
}

bool AddMet(const KeyBits& a, const KeyBits& b, size_t most, std::vector<uint64_t>* met) {
  const int64_t first_a = a.lower / kBlockBits, first_b = b.lower / kBlockBits;
  const int64_t first = std::max(first_a, first_b);
  const int64_t end = std::min(first_a + static_cast<int64_t>(a.blocks.size()),
                               first_b + static_cast<int64_t>(b.blocks.size()));
  for (int64_t block = first; block < end; block++) {
    uint64_t both = a.blocks[static_cast<size_t>(block - first_a)] &
                    b.blocks[static_cast<size_t>(block - first_b)];
    for (; both != 0; both &= both - 1) {
      const auto word =
          static_cast<uint64_t>(block) * kBlockBits + static_cast<uint64_t>(std::countr_zero(both));
      if (!Add(word, most, met)) return false;
    }
  }
  return true;
}

}  // namespace andon::quality
