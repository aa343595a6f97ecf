#include <algorithm>
#include <map>

#include "base/text.h"
#include "sql/column_lineage_internal.h"

namespace andon::sql {
namespace {

constexpr int kDepthMax = 200;

using Columns = std::vector<ColumnLineage>;

// One entry of a FROM clause.
struct Source {
  std::string alias;  // Lower case.
  Columns columns;
  bool is_opaque = false;  // A table function, a pivot: its columns are not known.
};

bool SameName(std::string_view a, std::string_view b) { return AsciiLower(a) == AsciiLower(b); }

void Merge(const ColumnLineage& from, ColumnLineage* into) {
  into->inputs.insert(from.inputs.begin(), from.inputs.end());
  into->is_exact = into->is_exact && from.is_exact;
}

class Tracer {
 public:
  explicit Tracer(const std::vector<KnownTable>& tables) : tables_(tables) {}

  std::optional<Columns> Query(const Json& node, int depth) {
    if (depth > kDepthMax) return {};
    size_t ctes = ctes_.size();
    for (const Json& entry : node["cte_map"]["map"].items()) AddCte(entry, depth);
    std::optional<Columns> columns;
    const std::string& type = node["type"].AsString();
    if (type == "SELECT_NODE") columns = Select(node, depth);
    if (type == "SET_OPERATION_NODE") columns = SetOperation(node, depth);
    ctes_.resize(ctes);
    return columns;
  }

 private:
  struct Cte {
    std::string name;
    Columns columns;
    bool is_opaque;
  };

  void AddCte(const Json& entry, int depth) {
    const Json& value = entry["value"];
    std::optional<Columns> columns = Query(value["query"]["node"], depth + 1);
    Rename(value["aliases"], columns);
    ctes_.push_back({AsciiLower(entry["key"].AsString()), columns.value_or(Columns{}), !columns});
  }

  static void Rename(const Json& aliases, std::optional<Columns>& columns) {
    if (!columns) return;
    for (size_t i = 0; i < aliases.items().size() && i < columns->size(); i++) {
      (*columns)[i].name = aliases.items()[i].AsString();
    }
  }

  std::optional<Columns> SetOperation(const Json& node, int depth) {
    std::vector<const Json*> sides;
    for (const Json& child : node["children"].items()) sides.push_back(&child);
    if (sides.empty()) sides = {&node["left"], &node["right"]};
    std::optional<Columns> all;
    for (const Json* side : sides) {
      std::optional<Columns> columns = Query(*side, depth + 1);
      if (!columns || (all && columns->size() != all->size())) return {};
      if (!all) {
        all = std::move(columns);
        continue;
      }
      for (size_t i = 0; i < columns->size(); i++) Merge((*columns)[i], &(*all)[i]);
    }
    return all;
  }

  std::optional<Columns> Select(const Json& node, int depth) {
    size_t scope = scopes_.size();
    scopes_.emplace_back();
    AddSources(node["from_table"], depth);
    std::optional<Columns> out = Columns{};
    scopes_.back().aliases = &*out;
    for (const Json& item : node["select_list"].items()) {
      if (item["class"].AsString() == "STAR") {
        if (!Expand(item, &*out, depth)) {
          out.reset();
          break;
        }
        continue;
      }
      ColumnLineage column = Expression(item, depth);
      column.name = NameOf(item);
      out->push_back(std::move(column));
    }
    scopes_.resize(scope);
    return out;
  }

  static std::string NameOf(const Json& item) {
    const std::string& alias = item["alias"].AsString();
    if (!alias.empty()) return alias;
    const auto& names = item["column_names"].items();
    return names.empty() ? "" : names.back().AsString();
  }

  bool Expand(const Json& star, Columns* out, int depth) {
    // COLUMNS(…) with a lambda or a pattern is beyond this.
    if (star["columns"].AsBool() || !star["expr"].is_null()) return false;
    const std::string& relation = star["relation_name"].AsString();
    std::set<std::string> left_out;
    for (const Json& name : star["exclude_list"].items())
      left_out.insert(AsciiLower(name.AsString()));
    for (const Json& name : star["qualified_exclude_list"].items())
      left_out.insert(AsciiLower(name["column"].AsString()));
    std::map<std::string, const Json*> replaced;
    for (const Json& entry : star["replace_list"].items()) {
      replaced[AsciiLower(entry["key"].AsString())] = &entry["value"];
    }
    std::set<std::string> merged;  // Columns of USING stand once in a star.
    std::vector<Source> sources = scopes_.back().sources;
    for (const Source& source : sources) {
      if (!relation.empty() && source.alias != AsciiLower(relation)) continue;
      if (source.is_opaque) return false;
      for (const ColumnLineage& column : source.columns) {
        std::string name = AsciiLower(column.name);
        if (left_out.contains(name)) continue;
        if (relation.empty() && scopes_.back().used_by_join.contains(name) &&
            !merged.insert(name).second)
          continue;
        auto found = replaced.find(name);
        ColumnLineage copy = found == replaced.end() ? column : Expression(*found->second, depth);
        copy.name = column.name;
        out->push_back(std::move(copy));
      }
    }
    return true;
  }

  void AddSources(const Json& ref, int depth) {
    if (depth > kDepthMax) return;
    const std::string& type = ref["type"].AsString();
    if (type == "JOIN") {
      AddSources(ref["left"], depth + 1);
      AddSources(ref["right"], depth + 1);
      for (const Json& name : ref["using_columns"].items()) {
        scopes_.back().used_by_join.insert(AsciiLower(name.AsString()));
      }
      // A natural join merges columns that the tree does not name.
      if (ref["ref_type"].AsString() == "NATURAL") scopes_.back().sources.push_back({"", {}, true});
      return;
    }
    if (type == "EMPTY" || type.empty()) return;
    Source source;
    source.alias = AsciiLower(ref["alias"].AsString());
    if (type == "BASE_TABLE") {
      ReadTable(ref, &source);
    } else if (type == "SUBQUERY") {
      std::optional<Columns> columns = Query(ref["subquery"]["node"], depth + 1);
      source.is_opaque = !columns;
      source.columns = columns.value_or(Columns{});
    } else {
      source.is_opaque = true;
    }
    const Json& names = ref["column_name_alias"];
    for (size_t i = 0; i < names.items().size() && i < source.columns.size(); i++) {
      source.columns[i].name = names.items()[i].AsString();
    }
    scopes_.back().sources.push_back(std::move(source));
  }

  void ReadTable(const Json& ref, Source* source) {
    std::string name = ref["table_name"].AsString();
    if (source->alias.empty()) source->alias = AsciiLower(name);
    if (ref["schema_name"].AsString().empty()) {
      for (auto cte = ctes_.rbegin(); cte != ctes_.rend(); ++cte) {
        if (cte->name != AsciiLower(name)) continue;
        source->columns = cte->columns;
        source->is_opaque = cte->is_opaque;
        return;
      }
    }
    for (const KnownTable& table : tables_) {
      if (!SameName(table.name, name)) continue;
      for (const ColumnInfo& column : table.columns) {
        source->columns.push_back({column.name, {{table.name, column.name}}, true});
      }
      return;
    }
    source->is_opaque = true;
  }

  // Everything that an expression's value comes from.
  ColumnLineage Expression(const Json& expression, int depth) {
    ColumnLineage all;
    Collect(expression, depth, &all);
    return all;
  }

  void Collect(const Json& json, int depth, ColumnLineage* all) {
    if (depth > kDepthMax) {
      all->is_exact = false;
      return;
    }
    if (json.is_array()) {
      for (const Json& item : json.items()) Collect(item, depth + 1, all);
      return;
    }
    if (!json.is_object()) return;
    const std::string& type = json["class"].AsString();
    if (type == "COLUMN_REF") return Merge(Resolve(json["column_names"].items()), all);
    if (type == "STAR") return;  // count(*)
    if (type == "SUBQUERY") {
      std::optional<Columns> columns = Query(json["subquery"]["node"], depth + 1);
      if (!columns) all->is_exact = false;
      for (const ColumnLineage& column : columns.value_or(Columns{})) Merge(column, all);
      Collect(json["child"], depth + 1, all);
      return;
    }
    for (const auto& [name, value] : json.members()) Collect(value, depth + 1, all);
  }

  // names: column | relation.column | column.field | schema.relation.column …
  ColumnLineage Resolve(const std::vector<Json>& names) {
    if (names.empty()) return {.is_exact = false};
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      for (size_t at = 0; at + 1 < names.size(); at++) {
        ColumnLineage found;
        if (FindIn(*scope, names[at].AsString(), names[at + 1].AsString(), &found)) return found;
      }
      ColumnLineage found;
      if (FindIn(*scope, "", names[0].AsString(), &found)) return found;
      if (!scope->aliases) continue;
      for (const ColumnLineage& column : *scope->aliases) {
        if (SameName(column.name, names[0].AsString())) return column;
      }
    }
    return {.is_exact = false};
  }

  struct Scope {
    std::vector<Source> sources;
    std::set<std::string> used_by_join;
    const Columns* aliases = nullptr;  // Of the items before, which later items may name.
  };

  static bool FindIn(const Scope& scope, const std::string& relation, const std::string& column,
                     ColumnLineage* found) {
    bool any = false;
    for (const Source& source : scope.sources) {
      if (!relation.empty() && source.alias != AsciiLower(relation)) continue;
      for (const ColumnLineage& candidate : source.columns) {
        if (!SameName(candidate.name, column)) continue;
        Merge(candidate, found);
        any = true;
      }
    }
    return any;
  }

  const std::vector<KnownTable>& tables_;
  std::vector<Cte> ctes_;
  std::vector<Scope> scopes_;
};

}  // namespace

std::optional<std::vector<ColumnLineage>> TraceColumns(const Json& node,
                                                       const std::vector<KnownTable>& tables) {
  return Tracer(tables).Query(node, 0);
}

}  // namespace andon::sql
