// Reading of dbt's JSON documents with the path of each part, for messages. Only for this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::dbt {

// A part of a document that knows its path: nodes["model.shop.orders"].columns.
class Part {
 public:
  Part(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}

  const Json& json() const { return *json_; }
  const std::string& path() const { return path_; }
  Part Member(std::string_view name) const;
  Part Entry(std::string_view key) const;  // Of a map: ["key"].
  Part Item(size_t index) const;

  // kInvalid where it is of another kind. A missing or null part is an empty object, an empty list.
  Result<const Json::Members*> Object() const;
  Result<const Json::Array*> List() const;
  Result<std::string> Text() const;                // Empty where it is missing or null.
  Result<std::string> NeededText() const;          // kInvalid where it is missing or empty.
  Result<std::vector<std::string>> Texts() const;  // A list of texts, or one text.

  Error Wrong(std::string_view what) const;

 private:
  const Json* json_;
  std::string path_;
};

// The document of one of dbt's schemas: `kind` is "manifest", "catalog", "run-results". kInvalid
// for text that is too long or no JSON, and for another schema or a version outside of the two.
// `version` receives which one it is.
Result<Json> ReadDocument(std::string_view text, std::string_view kind, int oldest, int newest,
                          int* version);

}  // namespace andon::dbt
