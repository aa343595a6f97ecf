// What one SELECT statement of a user reads and returns, without running it.
//
// The parser and binder are DuckDB's: the tables come from the serialised syntax tree with
// the scopes of common table expressions resolved here; the columns from binding against
// empty tables made from the datasets' columns. No file is touched, no regular expression
// looks at SQL.
//
//   Analyzer analyzer = TRY(Analyzer::Open());
//   Analysis a = analyzer.Analyze(text, "daily_revenue.sql", {{"payment", {{"amount",
//   "decimal(5,2)"}}}}); a.tables[0].name;     // "payment", a.tables[0].range ->
//   daily_revenue.sql:3:6 a.columns[0].inputs;  // {{"payment", "amount"}}
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "sql/types.h"

namespace andon::sql {

struct KnownTable {
  std::string name;
  std::vector<ColumnInfo> columns;
};

// A table where the statement names it; one for each mention, in order of the text.
struct TableUse {
  std::string name;  // As written, without quotes; "schema.name" where it is qualified.
  SourceRange range;
};

struct ColumnUse {
  std::string table;
  std::string column;

  bool operator==(const ColumnUse&) const = default;
  auto operator<=>(const ColumnUse&) const = default;
};

struct OutputColumn {
  std::string name;
  std::string type;  // One of Andon's names; empty where there is none for it.
  // The columns that its values are computed from (not those that only filter or join).
  // Empty with is_exact: a constant, or count(*).
  std::vector<ColumnUse> inputs;
  // False: the expression was beyond the lineage; then `inputs` is empty and each table
  // of the statement may be its input.
  bool is_exact = false;
};

struct Analysis {
  std::vector<TableUse> tables;       // Known even when binding failed.
  std::vector<OutputColumn> columns;  // Empty when there are errors.
  Diagnostics diagnostics;            // Unknown tables, columns, functions; wrong types.

  // Each table once, in order of first mention.
  std::vector<std::string> TableNames() const;
};

// Holds an empty database of its own. Thread: one at a time.
class Analyzer {
 public:
  static Result<Analyzer> Open();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;
  ~Analyzer();

  // Only the tables, and errors of syntax: all that the graph needs. The text must be one
  // SELECT (WITH, VALUES, FROM-first included). Table functions that touch files
  // (read_csv …) are errors: such data comes from a source.
  Analysis Parse(std::string_view text, const std::string& filename);

  // The whole. `$start` and `$end` are known as TIMESTAMP; any other parameter is an error.
  Analysis Analyze(std::string_view text, const std::string& filename,
                   const std::vector<KnownTable>& tables);

  // Whether `text` is one boolean expression over the columns, as a row_condition must be.
  // `place` is where it was written; the message names the place inside the text itself.
  Diagnostics CheckExpression(std::string_view text, const SourceRange& place,
                              const std::vector<ColumnInfo>& columns);

  // Why a regular expression does not compile, or nothing.
  std::optional<std::string> CheckRegex(std::string_view regex);

 private:
  struct Impl;
  explicit Analyzer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace andon::sql
