// Expectation: one kind of check. A kind is ONE of these, and everything else (the fused scan,
// nulls, `mostly`, counts, samples, texts, results, the reference page, its test) is derived from
// it and nowhere written again:
//
//   unexpected   a predicate over a row; `statistics` of the whole may stand in it as numbers, and
//                in order of the rows the value before
//   aggregates   with their judgement
//   key          columns that are unique together
//   schema       a look at the columns
//   host         a question about one value that no SQL can say
//   rows         a query of its own, with a judgement of what it returns
//   statement    the user's query, which returns the bad rows
//   compare      two places against each other
//
// Each stands in a file of expectations/, families that differ in one statistic in one file;
// expectations.inc lists them all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "quality/args.h"
#include "quality/check.h"
#include "quality/param.h"
#include "sql/aggregate.h"
#include "sql/expr.h"
#include "sql/host_function.h"
#include "sql/session.h"

namespace andon::quality {

struct Verdict {
  bool success = false;
  Json observed;
  Json details = {};  // What Great Expectations shows beside it.
  // Of sets: how many values are too many or too few, and the first of them.
  std::optional<int64_t> unexpected_count = {};
  std::optional<int64_t> missing_count = {};
  std::optional<double> unexpected_percent = {};
  std::vector<Json> partial_unexpected_list = {};
  std::vector<Json> partial_missing_list = {};
};

// Rows as values; a row has the columns of the query in order.
using Rows = std::vector<std::vector<Json>>;

// Where a query of an expectation's own looks.
struct Place {
  sql::Dialect dialect = sql::Dialect::kDuckDb;
  std::string from;   // What stands behind FROM, with an alias.
  std::string where;  // The row condition, in parentheses; TRUE without one.
};

// What a comparison works with.
class Sides {
 public:
  virtual ~Sides() = default;
  // The rows of a query on the checked side, or on the named other source ("" is the same).
  // kInvalid names an unknown source, and a result that is too large to compare.
  virtual Result<Rows> Query(std::string_view source, const std::string& sql,
                             std::vector<std::string>* columns) = 0;
  virtual sql::Dialect DialectOf(std::string_view source) = 0;
  virtual std::string Checked() = 0;  // The checked relation; stands behind FROM.
  // A statement of the user's on the checked side, where datasets stand under their names.
  virtual std::string Written(const std::string& statement) = 0;
};

struct Expectation {
  const char* name;
  const char* says;  // {param} is replaced; {range} is "between a and b", "at least a", ….
  std::vector<Param> params;
  // The sides it is judged on where the check does not say (`on`).
  bool on_delivery = false;

  // True for a bad row, false for a good one, null for one that is not judged.
  sql::Expr (*unexpected)(const Args&) = nullptr;
  // Which rows are judged; by default those whose column is not null.
  std::optional<sql::Expr> (*judged)(const Args&) = nullptr;
  bool judges_nulls = false;  // A null is a bad value, not a missing one: every row is judged.
  // Numbers of the whole column that `unexpected` finds in Args::statistics.
  std::vector<sql::Aggregate> (*statistics)(const Args&) = nullptr;
  // `unexpected` compares with Args::Previous(), in the order of the rows.
  bool in_order = false;

  std::vector<sql::Aggregate> (*aggregates)(const Args&) = nullptr;
  Verdict (*judge)(const Args&, const std::vector<Json>& values) = nullptr;
  // Asked only when `judge` said no: queries, and what their rows add to the verdict.
  std::vector<std::string> (*looks)(const Args&, const Place&) = nullptr;
  void (*see)(const Args&, const std::vector<Rows>& seen, Verdict*) = nullptr;

  std::vector<std::string> (*key)(const Args&) = nullptr;

  Verdict (*schema)(const Args&, const std::vector<sql::TableColumn>&) = nullptr;

  // True for a good value; `argument` is what the question needs to know, as text.
  const sql::HostFunction* host = nullptr;
  std::string (*argument)(const Args&) = nullptr;

  std::string (*rows)(const Args&, const Place&) = nullptr;
  Result<Verdict> (*judge_rows)(const Args&, const Rows&) = nullptr;
  // Of a kind that has aggregates as well as rows: whether these arguments take the rows.
  bool (*takes_rows)(const Args&) = nullptr;

  std::string (*statement)(const Args&) = nullptr;

  Result<Verdict> (*compare)(const Args&, const Place&, Sides&) = nullptr;
  bool (*takes_compare)(const Args&) = nullptr;  // As takes_rows.

  bool needs_now = false;         // An error where the caller did not say what time it is.
  bool needs_written_at = false;  // … when somebody wrote last.

  // What can be wrong beyond each parameter's own kind; a sentence, or empty.
  std::string (*mistake)(const Args&) = nullptr;
  // The classes of type that the columns may have; empty: all.
  std::vector<sql::TypeClass> column_classes = {};

  // Cases, separated by empty lines: arguments; one line for each column (`name: values`,
  // `name (type): values`, `table.name: values`); the verdict with what was observed.
  const char* example;
};

// The expectation of that name, or null.
const Expectation* FindExpectation(std::string_view name);
// All, by name.
const std::vector<const Expectation*>& AllExpectations();
// The columns that a check names, in the order of its parameters.
std::vector<std::string> ColumnsOf(const Expectation& expectation, const Json& kwargs);

}  // namespace andon::quality
