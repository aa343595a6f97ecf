// Places in source text: what a diagnostic points at, and the text it quotes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace andon {

// A place in a text. Line and column count from 1; the column counts grapheme
// clusters, as HCL's specification has it; the byte counts from 0.
struct SourcePos {
  int32_t line = 1;
  int32_t column = 1;
  int32_t byte = 0;

  bool operator==(const SourcePos&) const = default;
};

// From `start` up to, not including, `end`. An empty `filename` means that
// there is no source: the object was made by a program.
struct SourceRange {
  std::string filename;
  SourcePos start;
  SourcePos end;

  bool operator==(const SourceRange&) const = default;
  bool exists() const { return !filename.empty(); }
};

// "file:line:column".
std::string ToString(const SourceRange& range);

// The texts that were read, by file name, kept for the excerpts of messages.
class Sources {
 public:
  void Add(std::string filename, std::string text);

  // Null where the file was not read.
  const std::string* Find(std::string_view filename) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace andon
