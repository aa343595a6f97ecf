// JSON Schema: compiled once, then judges documents.
//
//   Schema schema = TRY(Compile(TRY(Json::Parse(text))));
//   for (const Violation& v : Validate(schema, instance, 20))
//     fmt::print("{}: {}\n", v.instance_path, v.message);   // "/order/amount: 3.5 is no integer"
//
// Drafts 2020-12 (where the schema does not say), 2019-09, 7, 6 and 4, chosen by `$schema`, each
// schema resource by itself. References are local: `$ref`, `$dynamicRef`, `$recursiveRef` to
// pointers, anchors and `$id`s of the schema itself or of the documents that the caller gives;
// nothing is ever fetched. Patterns are ECMA-262's as far as RE2 has them, so a hostile one costs
// linear time; one with a look-around or a back-reference is refused by Compile.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::jsonschema {

enum class Draft { k4, k6, k7, k2019_09, k2020_12 };

struct CompileOptions {
  Draft draft = Draft::k2020_12;  // Of a schema without `$schema`.
  // Whether `format` is an assertion (of the formats that are known) or only tells.
  bool asserts_formats = false;
  // Other schemas that may be referred to, by their absolute URI.
  std::vector<std::pair<std::string, Json>> documents;
};

struct Program;  // What a schema was compiled to.

// A compiled schema: immutable, cheap to copy, read by any number of threads.
class Schema {
 public:
  explicit Schema(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  const Program& program() const { return *program_; }

 private:
  std::shared_ptr<const Program> program_;
};

// kInvalid, with the place in the schema as a JSON pointer, for a keyword whose value is not what
// the draft says, a reference that leads nowhere, a pattern that RE2 does not know, a `$schema`
// that is none of the drafts, or a schema of more than 100,000 subschemas.
Result<Schema> Compile(const Json& schema, const CompileOptions& options = {});

struct Violation {
  std::string instance_path;  // JSON pointer into the instance: "/schema/0/name"; "" is the whole.
  std::string schema_path;    // Keywords from the root to the one that failed:
                              // "/properties/schema/items/required".
  std::string message;        // Without the path and without a full stop: "\"x\" is no integer".
};

// The first `violations_max` violations, in the order of the schema; none where the instance is
// valid. Where no branch of anyOf or oneOf fits, those of the branch that came furthest are told.
// A schema that refers to itself without end, or that would cost more than a million steps, is
// a violation too; nothing crashes and nothing runs for ever.
std::vector<Violation> Validate(const Schema& schema, const Json& instance,
                                size_t violations_max = 100);

// The same, and only whether.
bool IsValid(const Schema& schema, const Json& instance);

}  // namespace andon::jsonschema
