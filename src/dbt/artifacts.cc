// The documents beside the manifest: what the warehouse says of columns, and how the last run went.
#include <algorithm>

#include "base/text.h"
#include "dbt/document.h"
#include "dbt/manifest.h"

namespace andon::dbt {
namespace {

// In the order of the warehouse, with what the manifest says of each.
Result<std::vector<Column>> ColumnsOf(const Part& part, const std::vector<Column>& documented) {
  const Json::Members* members = TRY(part.Object());
  std::vector<std::pair<int64_t, Column>> found;
  for (const auto& [key, unused] : *members) {
    Part entry = part.Entry(key);
    TRY(entry.Object());
    Column column;
    column.name = TRY(entry.Member("name").Text());
    if (column.name.empty()) column.name = key;
    column.type = TRY(entry.Member("type").Text());
    for (const Column& known : documented) {
      if (AsciiLower(known.name) != AsciiLower(column.name)) continue;
      // Tests name columns as they are documented.
      column.name = known.name;
      column.description = known.description;
      if (!known.type.empty()) column.type = known.type;
    }
    found.emplace_back(entry.json()["index"].AsInteger(), std::move(column));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Column> columns;
  for (auto& [index, column] : found) columns.push_back(std::move(column));
  return columns;
}

}  // namespace

Result<std::vector<std::string>> AddCatalog(std::string_view text, Manifest* manifest) {
  int version = 0;
  Json json = TRY(ReadDocument(text, "catalog", 1, 1, &version));
  Part root(json, "");
  std::vector<std::string> ids;
  for (std::string_view list : {"nodes", "sources"}) {
    for (Node& node : manifest->nodes) {
      Part entry = root.Member(list).Entry(node.unique_id);
      if (entry.json().is_null()) continue;
      auto columns = TRY(ColumnsOf(entry.Member("columns"), node.columns));
      if (columns.empty()) continue;
      node.columns = std::move(columns);
      ids.push_back(node.unique_id);
    }
  }
  return ids;
}

Result<RunResults> ReadRunResults(std::string_view text) {
  int version = 0;
  Json json = TRY(ReadDocument(text, "run-results", 4, 6, &version));
  Part root(json, "");
  RunResults out;
  out.generated_at = TRY(root.Member("metadata").Member("generated_at").Text());
  Part results = root.Member("results");
  const Json::Array* items = TRY(results.List());
  for (size_t i = 0; i < items->size(); ++i) {
    Part item = results.Item(i);
    auto id = TRY(item.Member("unique_id").NeededText());
    RunResult result;
    result.status = TRY(item.Member("status").NeededText());
    result.message = TRY(item.Member("message").Text());
    result.failures = item.json()["failures"].AsInteger();
    out.by_id[id] = std::move(result);
  }
  return out;
}

}  // namespace andon::dbt
