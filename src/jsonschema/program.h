// What a schema is compiled to: one Node for each subschema that can be reached. Internal.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "jsonschema/pattern.h"
#include "jsonschema/schema.h"

namespace andon::jsonschema {

// Kinds of values, as bits of Node::types.
enum TypeBit : unsigned {
  kNull = 1,
  kBoolean = 2,
  kInteger = 4,
  kNumber = 8,
  kString = 16,
  kArray = 32,
  kObject = 64,
};

struct Node;

// A reference whose target may depend on the way that led here.
struct DynamicReference {
  const Node* target = nullptr;
  std::string anchor;         // Of $dynamicRef; empty where it is like a $ref.
  bool is_recursive = false;  // $recursiveRef to a root that says $recursiveAnchor.
};

struct Dependency {
  std::string property;
  std::vector<std::string> required;
  const Node* schema = nullptr;
};

struct Bound {
  Json limit;
  const char* keyword;  // "minimum", "exclusiveMaximum", …
};

struct Node {
  Draft draft = Draft::k2020_12;
  int resource = 0;
  bool is_false = false;  // The schema `false`.

  unsigned types = 0;  // 0: any.
  const Json* constant = nullptr;
  const Json* choices = nullptr;

  std::vector<Bound> bounds;
  std::optional<Json> multiple_of;

  std::optional<int64_t> length_min, length_max;
  std::optional<Pattern> pattern;
  std::string format;  // Empty: none, or not asserted.

  std::vector<const Node*> prefix_items;
  const Node* items = nullptr;  // Of what stands behind the prefix.
  const Node* contains = nullptr;
  std::optional<int64_t> contains_min, contains_max;
  std::optional<int64_t> items_min, items_max;
  bool items_unique = false;
  const Node* unevaluated_items = nullptr;

  std::map<std::string, const Node*, std::less<>> properties;
  std::vector<std::pair<Pattern, const Node*>> pattern_properties;
  const Node* additional_properties = nullptr;
  const Node* property_names = nullptr;
  std::vector<std::string> required;
  std::vector<Dependency> dependencies;
  std::optional<int64_t> properties_min, properties_max;
  const Node* unevaluated_properties = nullptr;

  const Node* reference = nullptr;
  std::optional<DynamicReference> dynamic_reference;
  std::vector<const Node*> all_of, any_of, one_of;
  const Node* negated = nullptr;
  const Node* condition = nullptr;
  const Node* consequence = nullptr;
  const Node* alternative = nullptr;

  // How the items are spelled in the schema, for paths.
  const char* prefix_keyword = "prefixItems";
  const char* items_keyword = "items";
};

// A schema with an identifier of its own, or a whole document.
struct Resource {
  std::string uri;
  const Json* root = nullptr;
  Draft draft = Draft::k2020_12;
  bool has_recursive_anchor = false;
  std::map<std::string, const Json*, std::less<>> anchors;
  std::map<std::string, const Node*, std::less<>> dynamic_anchors;
  const Node* root_node = nullptr;
};

struct Program {
  std::deque<Json> documents;  // What the nodes' pointers lead into.
  std::deque<Node> nodes;
  std::deque<Resource> resources;
  const Node* root = nullptr;
};

}  // namespace andon::jsonschema
