// The arguments of one check, and what it stands among: columns, other tables, the clock, what was
// observed before.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "quality/param.h"
#include "sql/expr.h"
#include "sql/types.h"

namespace andon::quality {

// Columns in order, found by name in constant time: a table may have ten thousand.
class ColumnIndex {
 public:
  ColumnIndex() = default;
  explicit ColumnIndex(std::vector<sql::ColumnInfo> columns);

  const std::vector<sql::ColumnInfo>& columns() const { return columns_; }
  // Null where there is none of that name.
  const sql::ColumnInfo* Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  void Add(sql::ColumnInfo column);

 private:
  std::vector<sql::ColumnInfo> columns_;
  std::map<std::string, size_t, std::less<>> places_;
};

// The value of the row before, in a relation in order.
inline constexpr std::string_view kPreviousColumn = "previous value";

// What a check observed earlier.
struct Observation {
  Timestamp at{};
  Json value;
};

struct Surroundings {
  const ColumnIndex* columns = nullptr;
  std::string table_name = {};
  const std::map<std::string, std::string>* tables = nullptr;
  sql::Dialect dialect = sql::Dialect::kDuckDb;
  std::optional<Timestamp> now = {};
  const std::vector<Observation>* history = nullptr;  // The oldest first.
  std::vector<Json> statistics = {};
  std::optional<Timestamp> written_at = {};  // Somebody wrote into the relation last.
  // The time between two instants that counts; null: all of it.
  const std::function<Duration(Timestamp from, Timestamp to)>* counts = nullptr;

  // How old `t` is now. Requires: now.
  Duration AgeOf(Timestamp t) const {
    return counts != nullptr && t < *now ? (*counts)(t, *now) : *now - t;
  }
};

// Whether a literal can be compared with a column of that type; null can with any.
bool FitsType(const Json& value, std::string_view type);

// After Validate found them good.
class Args {
 public:
  // Lifetime: keeps a reference to `kwargs`, and what `around` points to.
  Args(const Json& kwargs, Surroundings around) : kwargs_(kwargs), around_(std::move(around)) {}
  Args(const Json& kwargs, const ColumnIndex& columns)
      : Args(kwargs, Surroundings{.columns = &columns}) {}

  bool Has(const Param& param) const { return !kwargs_[param.name].is_null(); }
  const Json& Get(const Param& param) const { return kwargs_[param.name]; }
  bool Bool(const Param& param) const { return Get(param).AsBool(); }
  std::string String(const Param& param) const { return Get(param).AsString(); }
  std::vector<std::string> Strings(const Param& param) const;
  std::optional<double> Number(const Param& param) const;

  sql::Expr Column() const { return Column(kColumn); }
  sql::Expr Column(const Param& param) const { return sql::Expr::Column(String(param)); }
  std::vector<sql::Expr> Columns(const Param& param) const;
  // Of an expectation in order: the value of the row before, among those that are not null.
  sql::Expr Previous() const;
  // Andon's name of the type of `column`; "string" where the column is unknown.
  std::string TypeOf(std::string_view column) const;
  std::string Type() const { return TypeOf(String(kColumn)); }
  bool IsFloating() const { return Type() == "double" || Type() == "float"; }
  // The column as text, whatever its type.
  sql::Expr Text() const;
  // The argument as a literal of the column's type.
  sql::Expr Literal(const Param& param) const { return sql::Expr::Literal(Get(param), Type()); }
  // Nulls, and what is of another sort than the column, are left out: no value equals them.
  std::vector<sql::Expr> Literals(const Param& param) const;

  // What stands behind FROM for the table that the argument names.
  std::string From(const Param& param) const;
  // A query of the user's; {batch} is how Great Expectations names the table itself.
  std::string WithBatch(std::string query) const;

  const Surroundings& around() const { return around_; }
  const std::string& table_name() const { return around_.table_name; }
  sql::Dialect dialect() const { return around_.dialect; }
  // Of Expectation::statistics, in their order.
  const std::vector<Json>& statistics() const { return around_.statistics; }

 private:
  const Json& kwargs_;
  Surroundings around_;
};

// What stands behind FROM for a table of another source ("shop.payment" is in a schema), or, where
// `source` is empty, of this one.
std::string OtherTable(const Args& args, const Param& table, std::string_view source);
// Rows with a missing value that a check of several columns looks away from (`ignore_row_if`);
// none: it looks at all rows.
std::optional<sql::Expr> JudgedRows(const Args& args, const std::vector<std::string>& columns,
                                    const Param& ignore_row_if);
// What is wrong with the word in `ignore_row_if`, or nothing.
std::string IgnoreRowMistake(const Args& args, const Param& ignore_row_if);

}  // namespace andon::quality
