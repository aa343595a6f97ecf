#include "jsonschema/resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace andon::jsonschema {
namespace {

constexpr int kDepthMax = 512;           // As deep as JSON is read.
constexpr size_t kSchemasMax = 100'000;  // More is no schema that a person or a tool wrote.

constexpr std::string_view kOne[] = {"additionalItems",
                                     "additionalProperties",
                                     "contains",
                                     "not",
                                     "propertyNames",
                                     "if",
                                     "then",
                                     "else",
                                     "unevaluatedItems",
                                     "unevaluatedProperties",
                                     "contentSchema",
                                     "items"};
constexpr std::string_view kLists[] = {"allOf", "anyOf", "oneOf", "prefixItems", "items"};
constexpr std::string_view kMaps[] = {"properties", "patternProperties", "definitions",
                                      "$defs",      "dependentSchemas",  "dependencies"};

bool IsSchema(const Json& json) { return json.is_object() || json.is_bool(); }

// In these drafts nothing beside a reference counts.
bool HidesBehindReference(const Json& schema, Draft draft) {
  return draft <= Draft::k7 && schema.Find("$ref") && schema["$ref"].is_string();
}

std::string_view IdOf(const Json& schema, Draft draft) {
  if (HidesBehindReference(schema, draft)) return {};
  return schema[draft == Draft::k4 ? "id" : "$id"].AsString();
}

}  // namespace

const Json* Step(const Json& json, std::string_view segment) {
  if (json.is_array()) {
    size_t index = 0;
    auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
    bool whole = error == std::errc() && end == segment.data() + segment.size();
    return whole && index < json.items().size() ? &json.items()[index] : nullptr;
  }
  std::string key;
  for (size_t i = 0; i < segment.size(); ++i) {
    bool escape = segment[i] == '~' && i + 1 < segment.size() &&
                  (segment[i + 1] == '0' || segment[i + 1] == '1');
    if (escape) {
      key += segment[++i] == '0' ? '~' : '/';
    } else {
      key += segment[i];
    }
  }
  return json.Find(key);
}

std::string PointerSegment(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Result<Draft> Resources::DraftOf(const Json& document, Draft otherwise) const {
  if (!document.is_object() || !document["$schema"].is_string()) return otherwise;
  std::string_view uri = document["$schema"].AsString();
  for (int steps = 0; steps < 8; ++steps) {
    std::string_view bare = uri.substr(0, uri.find('#'));
    if (size_t scheme = bare.find("://"); scheme != std::string_view::npos)
      bare.remove_prefix(scheme + 3);
    if (bare == "json-schema.org/draft/2020-12/schema") return Draft::k2020_12;
    if (bare == "json-schema.org/draft/2019-09/schema") return Draft::k2019_09;
    if (bare == "json-schema.org/draft-07/schema") return Draft::k7;
    if (bare == "json-schema.org/draft-06/schema") return Draft::k6;
    if (bare == "json-schema.org/draft-04/schema") return Draft::k4;
    if (bare == "json-schema.org/schema") return Draft::k2020_12;
    // A metaschema of somebody's own builds on one of these.
    auto known = by_uri_.find(uri.substr(0, uri.find('#')));
    if (known == by_uri_.end()) break;
    const Json& meta = *program_.resources[known->second].root;
    if (!meta["$schema"].is_string() || meta["$schema"].AsString() == uri) break;
    uri = meta["$schema"].AsString();
  }
  return Error::Invalid(
      "/$schema: \"{}\" is none of JSON Schema's drafts 2020-12, 2019-09, 7, 6 and 4", uri);
}

Result<int> Resources::Begin(const Json& schema, std::string uri, Draft draft) {
  int index = static_cast<int>(program_.resources.size());
  Resource resource{.uri = uri, .root = &schema, .draft = draft};
  if (schema.is_object()) resource.has_recursive_anchor = schema["$recursiveAnchor"].AsBool(false);
  program_.resources.push_back(std::move(resource));
  by_uri_.emplace(std::move(uri), index);
  return index;
}

Result<int> Resources::Add(const Json& document, const std::string& uri, Draft draft) {
  draft = TRY(DraftOf(document, draft));
  std::string own(uri);
  if (document.is_object()) {
    std::string_view id = IdOf(document, draft);
    if (!id.empty() && !id.starts_with('#')) own = ResolveUri(uri, id).text;
  }
  int index = TRY(Begin(document, own, draft));
  if (own != uri) by_uri_.emplace(uri, index);
  TRY(Walk(document, index, 0));
  return index;
}

Result<void> Resources::Walk(const Json& schema, int resource, int depth) {
  if (!IsSchema(schema)) return {};
  if (depth > kDepthMax) return Error::Invalid("the schema is nested too deeply");
  if (++schemas_ > kSchemasMax)
    return Error::Invalid("the schema has more than {} subschemas", kSchemasMax);
  if (schema.is_object()) {
    std::string_view id = IdOf(schema, program_.resources[resource].draft);
    bool is_root = program_.resources[resource].root == &schema;
    if (!is_root && !id.empty() && !id.starts_with('#')) {
      Draft draft = TRY(DraftOf(schema, program_.resources[resource].draft));
      Uri uri = ResolveUri(program_.resources[resource].uri, id);
      resource = TRY(Begin(schema, uri.text, draft));
      if (!uri.fragment.empty()) program_.resources[resource].anchors[uri.fragment] = &schema;
    }
    Resource& mine = program_.resources[resource];
    if (mine.draft <= Draft::k7) {
      if (size_t hash = id.find('#'); hash != std::string_view::npos && hash + 1 < id.size())
        mine.anchors.emplace(std::string(id.substr(hash + 1)), &schema);
    } else {
      if (schema["$anchor"].is_string())
        mine.anchors.emplace(schema["$anchor"].AsString(), &schema);
      if (mine.draft == Draft::k2020_12 && schema["$dynamicAnchor"].is_string()) {
        const std::string& name = schema["$dynamicAnchor"].AsString();
        mine.anchors.emplace(name, &schema);
        dynamic_anchors_.push_back({resource, name, &schema});
      }
    }
  }
  resource_of_[&schema] = resource;
  return WalkChildren(schema, resource, depth);
}

Result<void> Resources::WalkChildren(const Json& schema, int resource, int depth) {
  if (HidesBehindReference(schema, program_.resources[resource].draft)) {
    // Only what others may refer to.
    for (std::string_view keyword : {"definitions", "$defs"}) {
      for (const auto& [name, child] : schema[keyword].members())
        TRY(Walk(child, resource, depth + 1));
    }
    return {};
  }
  for (const auto& [keyword, value] : schema.members()) {
    if (std::find(std::begin(kOne), std::end(kOne), keyword) != std::end(kOne))
      TRY(Walk(value, resource, depth + 1));
    if (std::find(std::begin(kLists), std::end(kLists), keyword) != std::end(kLists)) {
      for (const Json& child : value.items()) TRY(Walk(child, resource, depth + 1));
    }
    if (std::find(std::begin(kMaps), std::end(kMaps), keyword) != std::end(kMaps)) {
      for (const auto& [name, child] : value.members()) TRY(Walk(child, resource, depth + 1));
    }
  }
  return {};
}

Result<Place> Resources::Pointer(int resource, std::string_view pointer) const {
  Place place{program_.resources[resource].root, resource};
  std::vector<std::string> segments = Split(pointer.substr(1), '/');
  for (const std::string& segment : segments) {
    place.schema = Step(*place.schema, segment);
    if (!place.schema) return Error::NotFound("\"{}\" is not there", segment);
    auto known = resource_of_.find(place.schema);
    if (known != resource_of_.end()) place.resource = known->second;
  }
  return place;
}

Result<Place> Resources::Resolve(int from, std::string_view reference, Uri* out) const {
  Uri uri = ResolveUri(program_.resources[from].uri, reference);
  if (out) *out = uri;
  auto found = by_uri_.find(uri.text);
  // A reference without a document's name is about the resource that it stands in.
  bool here = reference.empty() || reference.starts_with('#');
  if (found == by_uri_.end() && !here) {
    return Error::NotFound(
        "\"{}\" leads to another document, and only what the schema itself holds is looked at",
        reference);
  }
  int resource = here ? from : found->second;
  if (uri.fragment.empty()) return Place{program_.resources[resource].root, resource};
  if (uri.fragment.starts_with('/')) {
    auto place = Pointer(resource, uri.fragment);
    if (place.ok()) return place;
    return Error::NotFound("\"{}\" leads nowhere: {}", reference, place.error().message);
  }
  const auto& anchors = program_.resources[resource].anchors;
  auto anchor = anchors.find(uri.fragment);
  if (anchor == anchors.end())
    return Error::NotFound("\"{}\" leads nowhere: there is no anchor \"{}\"", reference,
                           uri.fragment);
  return Place{anchor->second, resource};
}

}  // namespace andon::jsonschema
