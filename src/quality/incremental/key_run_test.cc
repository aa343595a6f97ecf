#include "quality/incremental/key_run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "io/local_file_system.h"

namespace andon::quality {
namespace {

class KeyRunTest : public ::testing::Test {
 protected:
  KeyRunTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "andon-keys-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~KeyRunTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  io::LocalFileSystem files_;
  std::string folder_;
};

TEST_F(KeyRunTest, AreReadAsTheyWereWritten) {
  for (std::vector<uint64_t> words : {std::vector<uint64_t>{}, {7}, {9, 1, ~0ull, 1, 0}}) {
    ASSERT_TRUE(WriteKeyRun(files_, Path("run"), words).ok());
    auto run = KeyRun::Open(Path("run"));
    ASSERT_TRUE(run.ok()) << run.error().message;
    std::sort(words.begin(), words.end());
    EXPECT_EQ(std::vector<uint64_t>(run->words().begin(), run->words().end()), words);
  }
}

TEST_F(KeyRunTest, RefuseWhatIsNone) {
  EXPECT_EQ(KeyRun::Open(Path("absent")).error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(WriteKeyRun(files_, Path("run"), {1, 2, 3}).ok());
  const std::string whole = *files_.Read(Path("run"));
  for (std::string bytes : {std::string(), whole.substr(0, 9), whole.substr(0, whole.size() - 1),
                            whole + "12345678", "X" + whole.substr(1)}) {
    std::ofstream(Path("broken"), std::ios::binary) << bytes;
    EXPECT_EQ(KeyRun::Open(Path("broken")).error().kind, ErrorKind::kCorrupt);
  }
}

TEST_F(KeyRunTest, NoDamageIsBelieved) {
  const std::vector<uint64_t> blocks = {5, 1ull << 63};
  for (bool is_bits : {false, true}) {
    ASSERT_TRUE((is_bits ? WriteKeyBits(files_, Path("run"), {-64, blocks})
                         : WriteKeyRun(files_, Path("run"), {1, 2, 3, 4, 5, 6, 7}))
                    .ok());
    const std::string whole = *files_.Read(Path("run"));
    for (size_t at = 0; at < whole.size(); at++) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
      std::ofstream(Path("broken"), std::ios::binary) << bytes;
      EXPECT_EQ(KeyRun::Open(Path("broken")).error().kind, ErrorKind::kCorrupt) << at;
    }
    for (size_t size = 0; size < whole.size(); size++) {
      std::ofstream(Path("broken"), std::ios::binary) << whole.substr(0, size);
      EXPECT_EQ(KeyRun::Open(Path("broken")).error().kind, ErrorKind::kCorrupt) << size;
    }
  }
}

TEST_F(KeyRunTest, SortAsComparingDoes) {
  std::mt19937_64 random(20260302);
  for (uint64_t range : {uint64_t{1}, uint64_t{3'000}, uint64_t{1} << 40, ~uint64_t{0}}) {
    std::vector<uint64_t> words(10'000);
    for (uint64_t& word : words) word = random() % range;
    std::vector<uint64_t> sorted = words;
    std::sort(sorted.begin(), sorted.end());
    SortWords(&words);
    EXPECT_EQ(words, sorted);
  }
}

std::vector<uint64_t> WordsOf(const KeyBits& bits) {
  std::vector<uint64_t> words;
  for (size_t i = 0; i < bits.blocks.size() * 64; i++) {
    const uint64_t word = static_cast<uint64_t>(bits.lower) + i;
    if (bits.Holds(word)) words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  return words;
}

TEST_F(KeyRunTest, BitsMeetAsWordsDo) {
  std::mt19937_64 random(20260303);
  // Around zero, where words as unsigned numbers wrap, and at both ends.
  for (int64_t base : {int64_t{-128}, int64_t{0}, int64_t{1} << 40, INT64_MIN, INT64_MAX - 639}) {
    for (int round = 0; round < 20; round++) {
      std::vector<uint64_t> blocks[2];
      KeyBits bits[2];
      for (int side = 0; side < 2; side++) {
        const auto shift = static_cast<int64_t>(random() % 5);
        blocks[side].resize(random() % (10 - static_cast<uint64_t>(shift)));
        for (uint64_t& block : blocks[side]) block = random() & random();
        bits[side] = {base + 64 * shift, blocks[side]};
      }
      const std::vector<uint64_t> a = WordsOf(bits[0]), b = WordsOf(bits[1]);
      std::vector<uint64_t> expected, by_bits, mixed;
      std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(expected));
      EXPECT_TRUE(AddMet(bits[0], bits[1], 1 << 20, &by_bits));
      std::sort(by_bits.begin(), by_bits.end());
      EXPECT_EQ(by_bits, expected);
      EXPECT_TRUE(AddMet(a, bits[1], 1 << 20, &mixed));
      EXPECT_EQ(mixed, expected);
      ASSERT_TRUE(WriteKeyBits(files_, Path("run"), bits[0]).ok());
      auto run = KeyRun::Open(Path("run"));
      ASSERT_TRUE(run.ok()) << run.error().message;
      EXPECT_EQ(run->size(), a.size());
      EXPECT_TRUE(std::all_of(a.begin(), a.end(), [&](uint64_t word) { return run->Holds(word); }));
      EXPECT_EQ(WordsOf(run->bits()), a);
    }
  }
}

TEST_F(KeyRunTest, MeetAsSetsDo) {
  std::mt19937_64 random(20260301);
  for (int round = 0; round < 300; round++) {
    // Sizes on both sides of the ratio at which words are looked up; dense and sparse words.
    std::vector<uint64_t> runs[2];
    const uint64_t range = 1ull << (random() % 20 + 1);
    for (auto& run : runs) {
      run.resize(random() % (random() % 2 ? 20 : 2000));
      for (uint64_t& word : run) word = random() % range;
      std::sort(run.begin(), run.end());
    }
    std::vector<uint64_t> expected, met, doubled;
    std::set<uint64_t> a(runs[0].begin(), runs[0].end()), b(runs[1].begin(), runs[1].end());
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(expected));
    EXPECT_TRUE(AddMet(runs[0], runs[1], 1 << 20, &met));
    EXPECT_EQ(met, expected) << "round " << round;
    std::map<uint64_t, int> counts;
    for (uint64_t word : runs[0]) counts[word]++;
    std::vector<uint64_t> twice;
    for (auto [word, count] : counts) {
      if (count > 1) twice.push_back(word);
    }
    EXPECT_TRUE(AddDoubled(runs[0], 1 << 20, &doubled));
    EXPECT_EQ(doubled, twice) << "round " << round;
  }
}

TEST_F(KeyRunTest, StopWhereTooManyMeet) {
  std::vector<uint64_t> a = {1, 1, 2, 2, 3, 3}, met;
  EXPECT_FALSE(AddDoubled(a, 2, &met));
  met.clear();
  EXPECT_FALSE(AddMet(a, a, 2, &met));
}

}  // namespace
}  // namespace andon::quality
