// What a fuzzer of this folder gives to driver.cc, and to libFuzzer where there is
// clang: one function that takes bytes and must neither crash nor break the
// properties it checks, and texts to begin with.
//
// `x_fuzz.cc` names in its first line what it links: `// links: andon_hcl`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// Valid inputs, which are mutated.
std::vector<std::string> FuzzCorpus();

// Words of the format, put in at random places; may be empty.
std::vector<std::string> FuzzWords();

// `words`, and those that every JSON is made of.
std::vector<std::string> WithJsonWords(std::vector<std::string> words);

// Reports a broken property with the input that broke it, and aborts.
#define FUZZ_CHECK(condition, input)                                          \
  do {                                                                        \
    if (!(condition)) FuzzFailed(#condition, __FILE_NAME__, __LINE__, input); \
  } while (false)
[[noreturn]] void FuzzFailed(const char* condition, const char* file, int line,
                             const std::string& input);
