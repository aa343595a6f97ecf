#include "quality/incremental/key_run.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace andon::quality {
namespace {

static_assert(std::endian::native == std::endian::little, "the format's words are read in place");

constexpr char kMagic[] = "ANDKEYS1";
constexpr size_t kMagicSize = sizeof kMagic - 1;
constexpr size_t kHeaderSize = kMagicSize + sizeof(uint64_t);
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

Result<KeyRun> KeyRun::Open(const std::string& path) {
  io::MappedFile file = TRY(io::MappedFile::Open(path));
  const std::string_view bytes = file.bytes();
  uint64_t count = 0;
  const bool has_header = bytes.size() >= kHeaderSize && bytes.substr(0, kMagicSize) == kMagic;
  if (has_header) std::memcpy(&count, bytes.data() + kMagicSize, sizeof count);
  if (!has_header || count != (bytes.size() - kHeaderSize) / sizeof(uint64_t) ||
      (bytes.size() - kHeaderSize) % sizeof(uint64_t) != 0) {
    return Error::Corrupt("{} is no key run", path);
  }
  const auto* words = reinterpret_cast<const uint64_t*>(bytes.data() + kHeaderSize);
  return KeyRun(std::move(file), {words, count});
}

Result<void> WriteKeyRun(io::FileSystem& files, const std::string& path,
                         std::vector<uint64_t> words) {
  std::sort(words.begin(), words.end());
  const uint64_t count = words.size();
  std::string bytes(kHeaderSize + count * sizeof(uint64_t), '\0');
  std::memcpy(bytes.data(), kMagic, kMagicSize);
  std::memcpy(bytes.data() + kMagicSize, &count, sizeof count);
  if (count > 0) std::memcpy(bytes.data() + kHeaderSize, words.data(), count * sizeof(uint64_t));
  return files.WriteAtomically(path, bytes);
}

bool AddDoubled(std::span<const uint64_t> run, size_t most, std::vector<uint64_t>* met) {
  for (size_t i = 1; i < run.size(); i++) {
    if (run[i] != run[i - 1]) continue;
    if (!met->empty() && met->back() == run[i]) continue;
    if (met->size() == most) return false;
    met->push_back(run[i]);
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
    if (*at != word || (!met->empty() && met->back() == word)) continue;
    if (met->size() == most) return false;
    met->push_back(word);
  }
  return true;
}

}  // namespace andon::quality
