// Where identifiers lead: the resources and anchors of a set of documents. Internal.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "jsonschema/program.h"
#include "jsonschema/uri.h"

namespace andon::jsonschema {

// A subschema and the resource that it belongs to.
struct Place {
  const Json* schema = nullptr;
  int resource = 0;
};

class Resources {
 public:
  explicit Resources(Program& program) : program_(program) {}

  // Finds the identifiers in a document of `program` and remembers them. Returns its resource.
  Result<int> Add(const Json& document, const std::string& uri, Draft draft);

  // Where `reference`, written in `resource`, leads. kInvalid where that is nowhere. `uri`, where
  // given, receives it whole.
  Result<Place> Resolve(int resource, std::string_view reference, Uri* uri = nullptr) const;

  // The resource that a subschema belongs to; that of its parent where it is no known one.
  int Of(const Json& schema, int parent) const {
    auto found = resource_of_.find(&schema);
    return found == resource_of_.end() ? parent : found->second;
  }

  // The draft that a document names; `otherwise` where it names none.
  Result<Draft> DraftOf(const Json& document, Draft otherwise) const;

  // Dynamic anchors by resource and name, to be compiled in any case.
  struct DynamicAnchor {
    int resource;
    std::string name;
    const Json* schema;
  };
  const std::vector<DynamicAnchor>& dynamic_anchors() const { return dynamic_anchors_; }

 private:
  Result<void> Walk(const Json& schema, int resource, int depth);
  Result<void> WalkChildren(const Json& schema, int resource, int depth);
  Result<int> Begin(const Json& schema, std::string uri, Draft draft);
  Result<Place> Pointer(int resource, std::string_view pointer) const;

  Program& program_;
  std::map<std::string, int, std::less<>> by_uri_;
  std::unordered_map<const Json*, int> resource_of_;
  std::vector<DynamicAnchor> dynamic_anchors_;
  size_t schemas_ = 0;
};

// The step of a pointer from `json`, "~1" and "~0" read; null where there is none.
const Json* Step(const Json& json, std::string_view segment);
// `text` as a step of a pointer.
std::string PointerSegment(std::string_view text);

}  // namespace andon::jsonschema
