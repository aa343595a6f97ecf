// Runs a fuzzer without libFuzzer: mutates its corpus at random for some seconds.
//
//   x_fuzz [--seconds N] [--seed N] [FILE...]
//
// With files it runs those inputs once each, as a crash is looked into. The seed is
// printed; with the same seed and count of runs the inputs are the same.
#include "driver.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

namespace {

using Random = std::mt19937_64;

size_t Below(Random& random, size_t limit) { return limit == 0 ? 0 : random() % limit; }

void Insert(Random& random, std::string& text, const std::string& piece) {
  text.insert(Below(random, text.size() + 1), piece);
}

std::string Slice(Random& random, const std::string& text) {
  size_t from = Below(random, text.size());
  return text.substr(from, 1 + Below(random, 40));
}

void MutateOnce(Random& random, std::string& text, const std::vector<std::string>& corpus,
                const std::vector<std::string>& words) {
  switch (Below(random, 9)) {
    case 0:  // Another byte.
      if (!text.empty()) text[Below(random, text.size())] = static_cast<char>(random());
      return;
    case 1:  // A bit.
      if (!text.empty())
        text[Below(random, text.size())] ^= static_cast<char>(1 << Below(random, 8));
      return;
    case 2:  // Without a piece.
      if (!text.empty()) text.erase(Below(random, text.size()), 1 + Below(random, 8));
      return;
    case 3:  // A piece twice.
      Insert(random, text, Slice(random, text));
      return;
    case 4: {  // A piece of another input.
      const std::string& other = corpus[Below(random, corpus.size())];
      Insert(random, text, Slice(random, other));
      return;
    }
    case 5:  // Cut off.
      text.resize(Below(random, text.size() + 1));
      return;
    case 6: {  // Much of the same: nesting.
      if (words.empty()) return;
      const std::string& word = words[Below(random, words.size())];
      std::string many;
      for (size_t n = Below(random, 300); n > 0; --n) many += word;
      Insert(random, text, many);
      return;
    }
    default:
      if (words.empty()) return;
      Insert(random, text, words[Below(random, words.size())]);
  }
}

std::string Mutated(Random& random, const std::vector<std::string>& corpus,
                    const std::vector<std::string>& words) {
  constexpr size_t kBytesMax = 64 << 10;  // Long inputs find nothing more, only later.
  std::string text = corpus[Below(random, corpus.size())];
  for (size_t n = 1 + Below(random, 8); n > 0; --n) MutateOnce(random, text, corpus, words);
  if (text.size() > kBytesMax) text.resize(kBytesMax);
  return text;
}

void Run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

}  // namespace

std::vector<std::string> WithJsonWords(std::vector<std::string> words) {
  for (const char* word :
       {"{", "}", "[", "]", "\"", ":", ",", "null", "true", "1", "-1", "1e300"}) {
    words.push_back(word);
  }
  return words;
}

void FuzzFailed(const char* condition, const char* file, int line, const std::string& input) {
  std::fprintf(stderr, "%s:%d: %s does not hold for this input, written to fuzz-failure.bin:\n%s\n",
               file, line, condition, input.c_str());
  std::ofstream("fuzz-failure.bin", std::ios::binary) << input;
  std::abort();
}

int main(int argc, char** argv) {
  double seconds = 2;
  uint64_t seed = 20260101;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      files.emplace_back(argv[i]);
    }
  }
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    Run(std::string(std::istreambuf_iterator<char>(in), {}));
  }
  if (!files.empty()) return 0;

  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  Random random(seed);
  const std::vector<std::string> corpus = FuzzCorpus();
  const std::vector<std::string> words = FuzzWords();
  for (const std::string& text : corpus) Run(text);
  auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  size_t runs = corpus.size();
  for (; std::chrono::steady_clock::now() < end; ++runs) Run(Mutated(random, corpus, words));
  std::printf("%zu runs\n", runs);
  return 0;
}
