#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>
#include <unordered_map>

#include "jsonschema/formats.h"
#include "jsonschema/program.h"
#include "jsonschema/resources.h"

namespace andon::jsonschema {
namespace {

unsigned TypeNamed(std::string_view name) {
  static const std::pair<std::string_view, unsigned> kNames[] = {
      {"null", kNull},     {"boolean", kBoolean}, {"integer", kInteger}, {"number", kNumber},
      {"string", kString}, {"array", kArray},     {"object", kObject}};
  for (const auto& [word, bit] : kNames) {
    if (word == name) return bit;
  }
  return 0;
}

class Compiler {
 public:
  Compiler(Program& program, const CompileOptions& options)
      : program_(program), options_(options), resources_(program) {}

  Result<void> Run(const Json& schema) {
    for (const auto& [uri, document] : options_.documents) {
      program_.documents.push_back(document);
      TRY(resources_.Add(program_.documents.back(), uri, options_.draft));
    }
    program_.documents.push_back(schema);
    const Json& root = program_.documents.back();
    int resource = TRY(resources_.Add(root, "", options_.draft));
    program_.root = NodeOf({&root, resource}, "");
    while (!waiting_.empty()) {
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      TRY(Fill(*next.node, next.place, next.where));
    }
    for (Resource& r : program_.resources) {
      auto found = nodes_.find(r.root);
      if (found != nodes_.end()) r.root_node = found->second;
    }
    return {};
  }

 private:
  struct Waiting {
    Node* node;
    Place place;
    std::string where;
  };

  // The node of a subschema, to be filled later: so no schema makes us recurse.
  const Node* NodeOf(Place place, std::string where) {
    auto [it, is_new] = nodes_.emplace(place.schema, nullptr);
    if (!is_new) return it->second;
    program_.nodes.emplace_back();
    Node* node = it->second = &program_.nodes.back();
    waiting_.push_back({node, place, std::move(where)});
    if (entered_.insert(place.resource).second) {
      // Whoever comes through here may be sent to them.
      for (const auto& anchor : resources_.dynamic_anchors()) {
        if (anchor.resource != place.resource) continue;
        program_.resources[anchor.resource].dynamic_anchors[anchor.name] =
            NodeOf({anchor.schema, anchor.resource}, "");
      }
    }
    return node;
  }

  Result<void> Fill(Node& node, Place place, const std::string& where) {
    const Json& schema = *place.schema;
    node.resource = place.resource;
    node.draft = program_.resources[place.resource].draft;
    if (schema.is_bool()) {
      node.is_false = !schema.AsBool();
      return {};
    }
    if (!schema.is_object())
      return Error::Invalid("{}: a schema is an object, true or false", At(where));
    Filler filler{*this, node, place, where, schema};
    TRY(filler.Run());
    return {};
  }

  static std::string At(const std::string& where) { return where.empty() ? "/" : where; }

  // The keywords of one schema.
  struct Filler {
    Compiler& compiler;
    Node& node;
    Place place;
    const std::string& where;
    const Json& schema;

    bool Since(Draft draft) const { return node.draft >= draft; }
    Error Wrong(std::string_view keyword, std::string_view what) const {
      return Error::Invalid("{}/{}: {}", where, PointerSegment(keyword), what);
    }
    const Node* Child(const Json& child, std::string path) {
      return compiler.NodeOf({&child, compiler.ResourceAt(child, place.resource)},
                             where + std::move(path));
    }

    Result<void> Run() {
      if (const Json* ref = schema.Find("$ref"); ref && ref->is_string()) {
        Place target = TRY(Follow("$ref", ref->AsString()));
        node.reference = compiler.NodeOf(target, where + "/$ref");
        if (node.draft <= Draft::k7) return {};  // Nothing beside it counts.
      }
      TRY(Dynamic());
      TRY(Values());
      TRY(Numbers());
      TRY(Strings());
      TRY(Arrays());
      TRY(Objects());
      TRY(Dependencies());
      TRY(Applicators());
      return {};
    }

    Result<Place> Follow(std::string_view keyword, const std::string& reference,
                         Uri* uri = nullptr) {
      auto target = compiler.resources_.Resolve(place.resource, reference, uri);
      if (!target.ok()) return Wrong(keyword, target.error().message);
      return target;
    }

    Result<void> Dynamic() {
      if (node.draft == Draft::k2019_09 && schema["$recursiveRef"].is_string()) {
        Place target = TRY(Follow("$recursiveRef", schema["$recursiveRef"].AsString()));
        bool anchored = compiler.program_.resources[target.resource].has_recursive_anchor;
        node.dynamic_reference =
            DynamicReference{compiler.NodeOf(target, where + "/$recursiveRef"), "", anchored};
      }
      if (node.draft == Draft::k2020_12 && schema["$dynamicRef"].is_string()) {
        Uri uri;
        Place target = TRY(Follow("$dynamicRef", schema["$dynamicRef"].AsString(), &uri));
        bool is_dynamic = (*target.schema)["$dynamicAnchor"].is_string() &&
                          (*target.schema)["$dynamicAnchor"].AsString() == uri.fragment;
        node.dynamic_reference = DynamicReference{compiler.NodeOf(target, where + "/$dynamicRef"),
                                                  is_dynamic ? uri.fragment : "", false};
      }
      return {};
    }

    Result<void> Values() {
      if (const Json* type = schema.Find("type")) {
        std::vector<Json> names = type->is_array() ? type->items() : Json::Array{*type};
        for (const Json& name : names) {
          unsigned bit = TypeNamed(name.AsString());
          if (bit == 0)
            return Wrong("type", fmt::format("{} is no type of JSON Schema", name.Dump()));
          node.types |= bit;
        }
        if (names.empty()) return Wrong("type", "a type is named");
      }
      if (const Json* choices = schema.Find("enum")) {
        if (!choices->is_array()) return Wrong("enum", "a list of values is expected");
        node.choices = choices;
      }
      if (Since(Draft::k6)) node.constant = schema.Find("const");
      return {};
    }

    Result<void> Numbers() {
      for (const char* keyword : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}) {
        const Json* limit = schema.Find(keyword);
        if (!limit) continue;
        if (node.draft == Draft::k4 && limit->is_bool()) continue;
        if (!limit->is_number()) return Wrong(keyword, "a number is expected");
        std::string name = keyword;
        // Draft 4 says with a flag whether the limit itself counts.
        if (node.draft == Draft::k4 && name == "minimum" &&
            schema["exclusiveMinimum"].AsBool(false))
          keyword = "exclusiveMinimum";
        if (node.draft == Draft::k4 && name == "maximum" &&
            schema["exclusiveMaximum"].AsBool(false))
          keyword = "exclusiveMaximum";
        node.bounds.push_back({*limit, keyword});
      }
      if (const Json* multiple = schema.Find("multipleOf")) {
        if (!multiple->is_number() || multiple->AsDouble() <= 0)
          return Wrong("multipleOf", "a number above zero is expected");
        node.multiple_of = *multiple;
      }
      return {};
    }

    Result<void> Limit(const char* keyword, std::optional<int64_t>& into) {
      const Json* limit = schema.Find(keyword);
      if (!limit) return {};
      bool whole = limit->is_number() && limit->AsDouble() == double(limit->AsInteger(-1));
      if (!whole || limit->AsInteger(-1) < 0)
        return Wrong(keyword, "a whole number, zero or more, is expected");
      into = limit->AsInteger();
      return {};
    }

    Result<void> Strings() {
      TRY(Limit("minLength", node.length_min));
      TRY(Limit("maxLength", node.length_max));
      if (const Json* pattern = schema.Find("pattern")) {
        if (!pattern->is_string()) return Wrong("pattern", "a text is expected");
        auto compiled = Pattern::Compile(pattern->AsString());
        if (!compiled.ok()) return Wrong("pattern", compiled.error().message);
        node.pattern = *std::move(compiled);
      }
      if (compiler.options_.asserts_formats && IsKnownFormat(schema["format"].AsString()))
        node.format = schema["format"].AsString();
      return {};
    }

    Result<void> List(const char* keyword, std::vector<const Node*>& into) {
      const Json* list = schema.Find(keyword);
      if (!list) return {};
      if (!list->is_array()) return Wrong(keyword, "a list of schemas is expected");
      for (size_t i = 0; i < list->items().size(); ++i)
        into.push_back(Child(list->items()[i], fmt::format("/{}/{}", keyword, i)));
      return {};
    }
    void One(const char* keyword, const Node*& into) {
      if (const Json* child = schema.Find(keyword))
        into = Child(*child, fmt::format("/{}", keyword));
    }

    Result<void> Arrays() {
      TRY(Limit("minItems", node.items_min));
      TRY(Limit("maxItems", node.items_max));
      node.items_unique = schema["uniqueItems"].AsBool(false);
      const Json* items = schema.Find("items");
      if (Since(Draft::k2020_12)) {
        TRY(List("prefixItems", node.prefix_items));
        if (items && items->is_array())
          return Wrong("items", "a list of schemas is called prefixItems in this draft");
        One("items", node.items);
      } else if (items && items->is_array()) {
        TRY(List("items", node.prefix_items));
        node.prefix_keyword = "items";
        node.items_keyword = "additionalItems";
        One("additionalItems", node.items);
      } else {
        One("items", node.items);
      }
      if (Since(Draft::k6)) One("contains", node.contains);
      if (Since(Draft::k2019_09)) {
        TRY(Limit("minContains", node.contains_min));
        TRY(Limit("maxContains", node.contains_max));
        One("unevaluatedItems", node.unevaluated_items);
      }
      return {};
    }

    Result<void> Objects() {
      TRY(Limit("minProperties", node.properties_min));
      TRY(Limit("maxProperties", node.properties_max));
      if (const Json* properties = schema.Find("properties")) {
        if (!properties->is_object()) return Wrong("properties", "an object is expected");
        for (const auto& [name, child] : properties->members())
          node.properties[name] = Child(child, "/properties/" + PointerSegment(name));
      }
      for (const auto& [text, child] : schema["patternProperties"].members()) {
        auto compiled = Pattern::Compile(text);
        if (!compiled.ok()) return Wrong("patternProperties", compiled.error().message);
        node.pattern_properties.emplace_back(
            *std::move(compiled), Child(child, "/patternProperties/" + PointerSegment(text)));
      }
      One("additionalProperties", node.additional_properties);
      if (Since(Draft::k6)) One("propertyNames", node.property_names);
      if (Since(Draft::k2019_09)) One("unevaluatedProperties", node.unevaluated_properties);
      const Json* required = schema.Find("required");
      if (required && !(node.draft == Draft::k4 && required->is_bool()))
        TRY(Names("required", *required, node.required));
      return {};
    }

    Result<void> Names(std::string_view keyword, const Json& list, std::vector<std::string>& into) {
      if (!list.is_array()) return Wrong(keyword, "a list of names is expected");
      for (const Json& name : list.items()) {
        if (!name.is_string()) return Wrong(keyword, "a list of names is expected");
        into.push_back(name.AsString());
      }
      return {};
    }

    Result<void> Dependencies() {
      for (const char* keyword : {"dependencies", "dependentRequired", "dependentSchemas"}) {
        if (keyword != std::string_view("dependencies") && !Since(Draft::k2019_09)) continue;
        for (const auto& [name, value] : schema[keyword].members()) {
          Dependency dependency{.property = name};
          if (value.is_array())
            TRY(Names(keyword, value, dependency.required));
          else
            dependency.schema = Child(value, fmt::format("/{}/{}", keyword, PointerSegment(name)));
          node.dependencies.push_back(std::move(dependency));
        }
      }
      return {};
    }

    Result<void> Applicators() {
      TRY(List("allOf", node.all_of));
      TRY(List("anyOf", node.any_of));
      TRY(List("oneOf", node.one_of));
      One("not", node.negated);
      if (Since(Draft::k7)) {
        One("if", node.condition);
        if (node.condition) {
          One("then", node.consequence);
          One("else", node.alternative);
        }
      }
      return {};
    }
  };

  int ResourceAt(const Json& schema, int parent) const { return resources_.Of(schema, parent); }

  Program& program_;
  const CompileOptions& options_;
  Resources resources_;
  std::unordered_map<const Json*, Node*> nodes_;
  std::deque<Waiting> waiting_;
  std::set<int> entered_;  // Resources of which some schema is compiled.
};

}  // namespace

Result<Schema> Compile(const Json& schema, const CompileOptions& options) {
  auto program = std::make_shared<Program>();
  TRY(Compiler(*program, options).Run(schema));
  return Schema(std::move(program));
}

}  // namespace andon::jsonschema
