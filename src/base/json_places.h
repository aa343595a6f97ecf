// Where the parts of a JSON text stand, so that a mistake in a document that a person wrote is
// told at its line and column.
//
//   JsonPlaces places(text, "suite.json");
//   places.Value({"expectations", 0, "type"});             // The text of the type.
//   places.Key({"expectations", 0, "kwargs", "mosty"});    // The name of the member.
//
// Made from a text that Json::Parse accepts; of any other, what comes behind its first mistake is
// not found. Parts deeper than kDepth are found as the part that holds them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/source.h"

namespace andon {

class JsonPlaces {
 public:
  static constexpr int kDepth = 6;

  struct Step {
    Step(const char* key) : key(key) {}
    Step(std::string key) : key(std::move(key)) {}
    Step(size_t index) : key(std::to_string(index)) {}
    Step(int index) : key(std::to_string(index)) {}
    std::string key;
  };
  using Path = std::vector<Step>;

  JsonPlaces(std::string_view text, std::string filename);

  // The value at the path, or the nearest part around it that exists.
  SourceRange Value(const Path& path) const;
  // The member's name; of a list's item, as Value.
  SourceRange Key(const Path& path) const;

 private:
  struct Place {
    SourceRange key;
    SourceRange value;
  };
  class Scanner;

  const Place* Find(const Path& path) const;

  std::map<std::string, Place> places_;  // By path, each step behind a zero byte.
};

}  // namespace andon
