// The pages of Data Docs: functions from what the store holds to HTML. The frame around them is
// the caller's: a file's own (docs/site.h), or the server's.
//
// Each page has a bound: of a grid the newest validations and the first checks, of a validation the
// rows that its samples hold; the rest is told in a number and is one click away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/embedded_file.h"
#include "base/result.h"
#include "definition/definition.h"
#include "docs/links.h"
#include "html/html.h"
#include "lineage/lineage.h"
#include "store/database.h"
#include "validation/history.h"
#include "validation/record.h"

namespace andon::docs {

inline constexpr int64_t kGridColumns = 30;  // Validations side by side.
inline constexpr size_t kGridRowsMax = 500;  // Checks one below the other.
inline constexpr int64_t kRecentMax = 50;    // Validations on the first page.
inline constexpr size_t kStripMax = 20;      // States in a row of the first page.

struct Page {
  std::string title;
  std::vector<html::Html> main;
};

// One dataset on the first page.
struct IndexRow {
  std::string dataset;  // Address, or the name outside of a project.
  std::string name;
  std::string owner;
  int64_t validations = 0;
  std::optional<validation::Summary> last;  // Nothing: never validated.
  std::string strip;                        // States of the last ones, oldest first: "PPWF".
  std::vector<std::string> words;           // To be found by: columns, checks, tags.
};
struct Index {
  std::string project;
  std::vector<IndexRow> rows;               // Red first, then by name.
  std::vector<validation::Summary> recent;  // Newest first.
};
Result<Index> ReadIndex(store::Transaction& tx, const definition::Project& project);
Page IndexPage(const Index& index, const Links& links);

// What a key (KeyOf) names, or a declared name or address. kNotFound.
Result<std::string> DatasetOfKey(store::Transaction& tx, const definition::Project& project,
                                 std::string_view key);

struct DatasetView {
  std::string dataset;
  std::string name;
  const definition::Dataset* definition = nullptr;  // Null where the project does not declare it.
  int64_t validations = 0;
  std::optional<validation::Validation> last;
  validation::Grid grid;        // The newest kGridColumns.
  std::vector<int64_t> chunks;  // That have validations of it, ascending.
  std::vector<lineage::Reached> upstream, downstream;
};
// kNotFound where there is neither a definition nor a validation. `key`: as KeyOf has it.
Result<DatasetView> ReadDataset(store::Transaction& tx, const definition::Project& project,
                                const lineage::Graph& graph, std::string_view key);
Page DatasetPage(const DatasetView& view, const Links& links);

// `before`: the one before it, for the difference; may be null.
Page ValidationPage(const validation::Validation& validation, const validation::Validation* before,
                    const Links& links);

// Two validations side by side.
Page ComparePage(const validation::Validation& before, const validation::Validation& after,
                 const Links& links);

// "docs.js"; null where there is no such file.
const EmbeddedFile* FindAsset(std::string_view path);

// The grid's data for the script, as a program that hands them over: "andonDocs({…});".
std::string ChunkScript(const validation::Grid& grid, std::string_view dataset, int64_t chunk);

}  // namespace andon::docs
