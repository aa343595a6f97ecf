#include "dbt/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "dbt/document.h"

namespace andon::dbt {
namespace {

// dbt refuses circles; a broken manifest must not make us walk for ever.
constexpr int kEphemeralDepthMax = 100;

// "count: 12, period: hour" as a duration.
std::string DurationOf(const Json& after) {
  int64_t count = after["count"].AsInteger();
  const std::string& period = after["period"].AsString();
  if (count <= 0) return {};
  std::string_view unit = period == "minute" ? "m"
                          : period == "hour" ? "h"
                          : period == "day"  ? "d"
                                             : "";
  return unit.empty() ? std::string() : fmt::format("{}{}", count, unit);
}

bool IsPlainColumn(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class Reader {
 public:
  explicit Reader(const Json& json) : root_(json, "") {}

  Result<Manifest> Read() {
    Part metadata = root_.Member("metadata");
    manifest_.project = TRY(metadata.Member("project_name").Text());
    manifest_.dbt_version = TRY(metadata.Member("dbt_version").Text());
    manifest_.adapter = TRY(metadata.Member("adapter_type").Text());
    manifest_.generated_at = TRY(metadata.Member("generated_at").Text());
    TRY(ReadGroups());
    if (!root_.json().Has("nodes")) return Error::Invalid("nodes is missing.");
    TRY(ReadNodes("nodes"));
    TRY(ReadNodes("sources"));
    std::sort(manifest_.nodes.begin(), manifest_.nodes.end(),
              [](const Node& a, const Node& b) { return a.unique_id < b.unique_id; });
    std::sort(manifest_.tests.begin(), manifest_.tests.end(),
              [](const Test& a, const Test& b) { return a.unique_id < b.unique_id; });
    ResolveEphemeral();
    for (Test& test : manifest_.tests) Attach(test);
    return std::move(manifest_);
  }

 private:
  Result<void> ReadGroups() {
    Part groups = root_.Member("groups");
    const Json::Members* members = TRY(groups.Object());
    for (const auto& [id, group] : *members) {
      const Json& owner = group["owner"];
      std::string name = owner["email"].AsString();
      group_owners_[group["name"].AsString()] = name.empty() ? owner["name"].AsString() : name;
    }
    return {};
  }

  Result<void> ReadNodes(std::string_view list) {
    Part all = root_.Member(list);
    const Json::Members* members = TRY(all.Object());
    for (const auto& [id, json] : *members) {
      Part part = all.Entry(id);
      TRY(part.Object());
      auto type = TRY(part.Member("resource_type").NeededText());
      if (type == "test") {
        TRY(ReadTest(id, part));
      } else if (type == "model" || type == "seed" || type == "snapshot" || type == "source") {
        TRY(ReadNode(id, type, part));
      }
    }
    return {};
  }

  Result<void> ReadNode(const std::string& id, const std::string& type, const Part& part) {
    Node node{.unique_id = id};
    node.type = type == "model"    ? ResourceType::kModel
                : type == "seed"   ? ResourceType::kSeed
                : type == "source" ? ResourceType::kSource
                                   : ResourceType::kSnapshot;
    node.name = TRY(part.Member("name").NeededText());
    const Json& version = part.json()["version"];
    if (version.is_string()) node.name += "_v" + version.AsString();
    if (version.is_number()) node.name += "_v" + version.Dump();
    node.package = TRY(part.Member("package_name").Text());
    node.source = TRY(part.Member("source_name").Text());
    node.database = TRY(part.Member("database").Text());
    node.schema = TRY(part.Member("schema").Text());
    node.relation = TRY(part.Member(type == "source" ? "identifier" : "alias").Text());
    if (node.relation.empty()) node.relation = TRY(part.Member("name").Text());
    node.description = TRY(part.Member("description").Text());
    node.file = TRY(part.Member("original_file_path").Text());
    node.tags = TRY(part.Member("tags").Texts());
    Part config = part.Member("config");
    TRY(config.Object());
    node.materialized = TRY(config.Member("materialized").Text());
    node.owner = OwnerOf(part.json());
    node.columns = TRY(ReadColumns(part.Member("columns")));
    node.depends_on = TRY(part.Member("depends_on").Member("nodes").Texts());
    ReadFreshness(part.json(), &node);
    manifest_.nodes.push_back(std::move(node));
    return {};
  }

  std::string OwnerOf(const Json& node) const {
    for (const Json* group : {&node["group"], &node["config"]["group"]}) {
      auto found = group_owners_.find(group->AsString());
      if (found != group_owners_.end() && !found->second.empty()) return found->second;
    }
    for (const Json* meta : {&node["meta"], &node["config"]["meta"]}) {
      const Json& owner = (*meta)["owner"];
      std::string name = owner.is_object() ? owner["email"].AsString() : owner.AsString();
      if (owner.is_object() && name.empty()) name = owner["name"].AsString();
      if (!name.empty()) return name;
    }
    return {};
  }

  static Result<std::vector<Column>> ReadColumns(const Part& part) {
    std::vector<Column> columns;
    const Json::Members* members = TRY(part.Object());
    for (const auto& [key, unused] : *members) {
      Part column = part.Entry(key);
      TRY(column.Object());
      Column read;
      read.name = TRY(column.Member("name").Text());
      if (read.name.empty()) read.name = key;
      read.type = TRY(column.Member("data_type").Text());
      read.description = TRY(column.Member("description").Text());
      columns.push_back(std::move(read));
    }
    return columns;
  }

  static void ReadFreshness(const Json& json, Node* node) {
    const Json* freshness = &json["freshness"];
    if (!freshness->is_object()) freshness = &json["config"]["freshness"];
    node->freshness_max = DurationOf((*freshness)["error_after"]);
    if (node->freshness_max.empty()) node->freshness_max = DurationOf((*freshness)["warn_after"]);
    const std::string& column = json["loaded_at_field"].AsString();
    if (IsPlainColumn(column)) node->freshness_column = column;
  }

  Result<void> ReadTest(const std::string& id, const Part& part) {
    Test test{.unique_id = id};
    test.name = TRY(part.Member("name").NeededText());
    test.file = TRY(part.Member("original_file_path").Text());
    Part config = part.Member("config");
    TRY(config.Object());
    test.severity = TRY(config.Member("severity").Text());
    test.severity = AsciiLower(test.severity);
    test.where = TRY(config.Member("where").Text());
    test.error_if = TRY(config.Member("error_if").Text());
    test.warn_if = TRY(config.Member("warn_if").Text());
    test.node = TRY(part.Member("attached_node").Text());
    depends_on_[id] = TRY(part.Member("depends_on").Member("nodes").Texts());
    ReadRefs(part.json(), id, &test);
    Part metadata = part.Member("test_metadata");
    TRY(metadata.Object());
    if (metadata.json().is_null()) {
      test.kind = "singular";
    } else {
      test.kind = TRY(metadata.Member("name").NeededText());
      auto package = TRY(metadata.Member("namespace").Text());
      if (!package.empty()) test.kind = package + "." + test.kind;
      TRY(ReadArguments(metadata.Member("kwargs"), &test));
    }
    if (test.column.empty()) test.column = TRY(part.Member("column_name").Text());
    manifest_.tests.push_back(std::move(test));
    return {};
  }

  static Result<void> ReadArguments(const Part& kwargs, Test* test) {
    const Json::Members* members = TRY(kwargs.Object());
    for (const auto& [name, value] : *members) {
      if (name == "column_name") {
        test->column = value.AsString();
      } else if (name == "arguments" && value.is_object()) {
        // dbt 1.10 lets them stand below a word of their own.
        for (const auto& [inner, inner_value] : value.members())
          test->arguments.Set(inner, inner_value);
      } else if (name != "model") {
        test->arguments.Set(name, value);
      }
    }
    return {};
  }

  // The refs and sources of a test, by the call that its arguments spell.
  void ReadRefs(const Json& json, const std::string& id, Test* test) {
    for (const Json& ref : json["refs"].items()) {
      // v9 has ["customers"] or ["package", "customers"], later ones {"name": …}.
      std::string name = ref.is_object()  ? ref["name"].AsString()
                         : ref.size() > 0 ? ref.items().back().AsString()
                                          : std::string();
      for (const std::string& node : depends_on_[id]) {
        if (node.ends_with("." + name) || node.find("." + name + ".v") != std::string::npos)
          test->refs[name] = node;
      }
    }
    for (const Json& source : json["sources"].items()) {
      if (source.size() != 2) continue;
      std::string name = source.items()[0].AsString() + "." + source.items()[1].AsString();
      for (const std::string& node : depends_on_[id]) {
        if (node.ends_with("." + name)) test->refs[name] = node;
      }
    }
  }

  // Older manifests do not say what a test is attached to: then it is the one node that it reads,
  // or of several the one that its name begins with.
  void Attach(Test& test) {
    const std::vector<std::string>& nodes = depends_on_[test.unique_id];
    if (!test.node.empty() || nodes.empty()) return;
    test.node = nodes.size() == 1 ? nodes[0] : std::string();
    for (const std::string& id : nodes) {
      const Node* node = manifest_.Find(id);
      bool is_named =
          node != nullptr && test.name.find("_" + node->name + "_") != std::string::npos;
      if (test.node.empty() && is_named && test.kind != "singular") test.node = id;
    }
  }

  // An ephemeral model is no table: who reads it reads what it reads.
  void ResolveEphemeral() {
    std::map<std::string, std::vector<std::string>> ephemeral;
    for (const Node& node : manifest_.nodes) {
      if (node.is_ephemeral()) ephemeral[node.unique_id] = node.depends_on;
    }
    for (Node& node : manifest_.nodes) {
      std::vector<std::string> resolved;
      std::set<std::string> seen;
      Resolve(node.depends_on, ephemeral, 0, &seen, &resolved);
      node.depends_on = std::move(resolved);
    }
  }

  void Resolve(const std::vector<std::string>& ids,
               const std::map<std::string, std::vector<std::string>>& ephemeral, int depth,
               std::set<std::string>* seen, std::vector<std::string>* out) {
    for (const std::string& id : ids) {
      if (depth > kEphemeralDepthMax || !seen->insert(id).second) continue;
      auto found = ephemeral.find(id);
      if (found != ephemeral.end()) {
        Resolve(found->second, ephemeral, depth + 1, seen, out);
      } else if (manifest_.Find(id) != nullptr) {
        out->push_back(id);  // Macros and others are no nodes.
      }
    }
  }

  Part root_;
  Manifest manifest_;
  std::map<std::string, std::string> group_owners_;
  std::map<std::string, std::vector<std::string>> depends_on_;  // Of tests.
};

}  // namespace

std::string_view ToString(ResourceType type) {
  switch (type) {
    case ResourceType::kModel:
      return "model";
    case ResourceType::kSeed:
      return "seed";
    case ResourceType::kSnapshot:
      return "snapshot";
    case ResourceType::kSource:
      return "source";
  }
  return {};
}

std::string Node::schema_and_table() const {
  return schema.empty() ? relation : schema + "." + relation;
}

const Node* Manifest::Find(std::string_view unique_id) const {
  auto it =
      std::lower_bound(nodes.begin(), nodes.end(), unique_id,
                       [](const Node& node, std::string_view id) { return node.unique_id < id; });
  return it != nodes.end() && it->unique_id == unique_id ? &*it : nullptr;
}

Result<Manifest> ReadManifest(std::string_view text) {
  int version = 0;
  Json json = TRY(ReadDocument(text, "manifest", 9, 12, &version));
  Manifest manifest = TRY(Reader(json).Read());
  manifest.version = version;
  return manifest;
}

}  // namespace andon::dbt
