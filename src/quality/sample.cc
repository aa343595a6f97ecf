#include "quality/sample.h"

#include <algorithm>

#include "base/text.h"
#include "quality/result.h"
#include "sql/one_thread.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::QuoteIdentifier;

// Wide tables: a sample shows this many columns at most.
constexpr size_t kColumnsMax = 30;
constexpr std::string_view kFile = "filename";
constexpr std::string_view kFileRow = "file_row_number";

std::vector<std::string> Quoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(QuoteIdentifier(name));
  return quoted;
}

std::string Positioned(std::string_view relation) {
  return fmt::format("(SELECT *, row_number() OVER () - 1 AS {} FROM {} AS checked)",
                     QuoteIdentifier(kRowPosition), relation);
}

// The columns that tell a row's place.
std::vector<std::string> PlaceColumns(const Profile& profile, const ResultFormat& format) {
  if (format.level == ResultFormat::Level::kBasic) return {};
  if (!format.unexpected_index_column_names.empty()) return format.unexpected_index_column_names;
  if (profile.Has(kFileRow)) return {std::string(kFileRow)};
  if (profile.has_order) return {std::string(kRowPosition)};
  return {};
}

// A key's duplicates are those that stand more than once among the rows that count.
std::string DuplicatesSql(const PlannedCheck& check, std::string_view relation,
                          sql::Dialect dialect) {
  std::vector<std::string> columns = Quoted(check.key);
  std::string rows = check.keyed ? check.keyed->Print(dialect) : "TRUE";
  if (check.filter) rows += " AND " + check.filter->Print(dialect);
  std::string tuple = columns.size() == 1 ? columns[0] : "(" + Join(columns, ", ") + ")";
  if (columns.size() > 1 && dialect == sql::Dialect::kDuckDb) {
    // A struct compares nulls as equal, as GROUP BY does.
    std::vector<std::string> fields;
    for (size_t i = 0; i < columns.size(); i++)
      fields.push_back(fmt::format("k{} := {}", i, columns[i]));
    tuple = "struct_pack(" + Join(fields, ", ") + ")";
  }
  bool is_list = dialect != sql::Dialect::kDuckDb && columns.size() > 1;
  return fmt::format(
      "{} AND {} IN (SELECT {} FROM {} AS keys WHERE {} GROUP BY {} HAVING count(*) > 1)", rows,
      tuple, is_list ? Join(columns, ", ") : tuple, relation, rows, Join(columns, ", "));
}

// Rows by the columns that were asked for: of a statement of their own, or some of one that several
// checks share.
class Fetched {
 public:
  explicit Fetched(sql::ResultSet own) : own_(std::move(own)) {}
  Fetched(const FoundRows& found, const std::vector<std::string>& columns, int64_t limit)
      : found_(&found) {
    for (const std::string& name : columns)
      places_.push_back(static_cast<size_t>(found.set->Find(name)));
    count_ = std::min(limit, static_cast<int64_t>(found.rows.size()));
  }

  int64_t row_count() const { return found_ ? count_ : own_.row_count(); }
  const sql::ResultColumn& column(size_t i) const {
    return found_ ? found_->set->columns()[places_[i]] : own_.columns()[i];
  }
  Json ToJson(int64_t row, size_t i) const {
    return found_ ? found_->set->ToJson(RowOf(row), places_[i]) : own_.ToJson(row, i);
  }
  int64_t Integer(int64_t row, size_t i) const {
    return found_ ? found_->set->Integer(RowOf(row), places_[i]) : own_.Integer(row, i);
  }

 private:
  int64_t RowOf(int64_t row) const { return found_->rows[static_cast<size_t>(row)]; }

  sql::ResultSet own_;
  const FoundRows* found_ = nullptr;
  std::vector<size_t> places_;
  int64_t count_ = 0;
};

// One asking for bad rows: from where, which, and in which columns their place stands.
class BadRows {
 public:
  BadRows(sql::Session& session, std::string_view relation, const Profile& profile,
          const RunOptions& options, const Shown& shown, const FoundRows* found = nullptr)
      : session_(session),
        holding_(shown.holding),
        relation_(relation),
        profile_(profile),
        check_(*shown.check),
        options_(options),
        format_(options.result_format),
        found_(found),
        result_(*shown.result) {}

  // Of a plain predicate, whose rows all come in one order.
  WantedRows Wanted() {
    SetPlace();
    WantedRows wanted;
    if (Sampled() > 0) wanted.columns = SampleColumns();
    AddMissing(place_, &wanted.columns);
    AddMissing(check_.columns, &wanted.columns);
    if (format_.include_unexpected_rows) AddMissing(AllColumns(), &wanted.columns);
    wanted.limit = std::max(Sampled(), Listed());
    if (format_.include_unexpected_rows) wanted.limit = std::max(wanted.limit, Partial());
    return wanted;
  }

  Result<void> Add() {
    if (format_.level == ResultFormat::Level::kBooleanOnly) return AddQuery();
    for (const std::string& name : format_.unexpected_index_column_names) {
      if (!profile_.Has(name))
        return Error::Invalid("The data has no column \"{}\" (unexpected_index_column_names).",
                              name);
    }
    SetPlace();
    SetWhere();
    // A key's sample shows equal keys together, its values come in the order of the rows.
    bool apart = IsComplete() || (!check_.key.empty() && HasPlace());
    if (apart) {
      TRY(FetchSample(Sampled(), 0));
      TRY(FetchValues(Listed()));
    } else {
      TRY(FetchSample(Sampled(), Listed()));
    }
    if (format_.include_unexpected_rows) TRY(FetchRows());
    if (format_.level != ResultFormat::Level::kBasic) SetCounts();
    return AddQuery();
  }

 private:
  bool IsComplete() const { return format_.level == ResultFormat::Level::kComplete; }
  bool HasPlace() const { return !place_.empty(); }
  int64_t Listed() const {
    if (format_.exclude_unexpected_values) return 0;
    return IsComplete() ? kUnexpectedListMax : Partial();
  }
  // Rows as a whole are for those who mend them: of a check that passes (by `mostly`) none.
  int64_t Sampled() const { return result_.success() ? 0 : std::max(0, options_.sample_rows); }
  int64_t Partial() const { return std::max(0, format_.partial_unexpected_count); }

  void SetPlace() { place_ = PlaceColumns(profile_, format_); }

  void SetWhere() {
    if (check_.by == AnsweredBy::kOrder) {
      has_window_ = true;
      from_ = InOrderSql(check_, relation_, profile_) + " AS checked";
      where_ = check_.unexpected->Print(profile_.dialect);
      return;
    }
    std::string from = PlacedRelation(relation_, profile_, options_);
    has_window_ = holding_.empty() && from != relation_;
    from_ = (holding_.empty() ? from : holding_) + " AS checked";
    where_ = BadRowsSql(check_, relation_, profile_.dialect);
  }

  std::vector<std::string> SampleColumns() const {
    std::vector<std::string> columns;
    auto add = [&](std::string_view name) {
      bool is_new = std::find(columns.begin(), columns.end(), name) == columns.end();
      if (is_new && profile_.Has(name) && columns.size() < kColumnsMax) columns.emplace_back(name);
    };
    for (const std::string& name : options_.key_columns) add(name);
    for (const std::string& name : check_.columns) add(name);
    for (const sql::TableColumn& column : profile_.table_columns) {
      if (columns.size() == kColumnsMax) break;
      if (column.name != kFile && column.name != kFileRow) add(column.name);
    }
    for (std::string_view name : {kFile, kFileRow}) {
      if (profile_.Has(name)) columns.emplace_back(name);
    }
    return columns;
  }

  std::vector<std::string> AllColumns() const {
    std::vector<std::string> columns;
    for (const sql::TableColumn& column : profile_.table_columns) {
      if (column.name != kFile && column.name != kFileRow) columns.push_back(column.name);
    }
    return columns;
  }

  Result<Fetched> Fetch(const std::vector<std::string>& columns, int64_t limit,
                        const std::vector<std::string>& order) {
    if (found_) return Fetched(*found_, columns, limit);
    std::string by = order.empty() ? "" : " ORDER BY " + Join(Quoted(order), ", ");
    std::string sql = fmt::format("SELECT {} FROM {} WHERE {}{} LIMIT {}",
                                  Join(Quoted(columns), ", "), from_, where_, by, limit);
    sql::ResultSet rows = TRY(has_window_ ? QueryWindow(session_, profile_, sql, options_.query)
                                          : session_.Query(sql, {}, options_.query));
    return Fetched(std::move(rows));
  }

  // A plain scan with a LIMIT gives the first rows, and ends there; a join or a window may not.
  std::vector<std::string> Order() const {
    bool is_plain = check_.key.empty() && check_.by != AnsweredBy::kOrder;
    bool by_column = !format_.unexpected_index_column_names.empty();
    return is_plain || by_column ? std::vector<std::string>{} : place_;
  }

  // A sample of `sampled` rows, and the values of the first `listed`, from one statement.
  Result<void> FetchSample(int64_t sampled, int64_t listed) {
    if (sampled == 0 && listed == 0) return {};
    std::vector<std::string> shown;
    if (sampled > 0) shown = SampleColumns();
    std::vector<std::string> columns = shown;
    if (listed > 0) AddMissing(place_, &columns);
    if (listed > 0) AddMissing(check_.columns, &columns);
    std::vector<std::string> order = check_.key.empty() ? Order() : check_.key;
    Fetched rows = TRY(Fetch(columns, std::max(sampled, listed), order));
    for (size_t i = 0; i < shown.size(); i++)
      result_.sample.columns.push_back({rows.column(i).name, rows.column(i).type});
    for (int64_t row = 0; row < std::min(sampled, rows.row_count()); row++) {
      std::vector<Json> cells;
      for (size_t i = 0; i < shown.size(); i++) cells.push_back(rows.ToJson(row, i));
      result_.sample.rows.push_back(std::move(cells));
    }
    TakeValues(rows, columns, listed);
    return {};
  }

  Result<void> FetchValues(int64_t listed) {
    if (listed == 0) return {};
    std::vector<std::string> columns = check_.columns;
    AddMissing(place_, &columns);
    Fetched rows = TRY(Fetch(columns, listed, Order()));
    TakeValues(rows, columns, listed);
    return {};
  }

  Result<void> FetchRows() {
    std::vector<std::string> columns = AllColumns();
    Fetched rows = TRY(Fetch(columns, Partial(), Order()));
    for (int64_t row = 0; row < rows.row_count(); row++)
      result_.unexpected_rows.push_back(ObjectOf(rows, row, columns, columns));
    return {};
  }

  static void AddMissing(const std::vector<std::string>& names, std::vector<std::string>* columns) {
    for (const std::string& name : names) {
      if (std::find(columns->begin(), columns->end(), name) == columns->end())
        columns->push_back(name);
    }
  }

  static size_t PlaceOf(const std::string& name, const std::vector<std::string>& columns) {
    return static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  }

  static Json ObjectOf(const Fetched& rows, int64_t row, const std::vector<std::string>& names,
                       const std::vector<std::string>& columns) {
    Json object = Json::Object();
    for (const std::string& name : names)
      object.Set(name, rows.ToJson(row, PlaceOf(name, columns)));
    return object;
  }

  // One value for one column, a list for a pair, an object for a list of columns.
  Json ValueOf(const Fetched& rows, int64_t row, const std::vector<std::string>& columns) const {
    std::vector<std::string> names = check_.columns;
    if (check_.by == AnsweredBy::kOrder) names.resize(1);
    if (names.size() == 1 && check_.check->kwargs[kColumnList.name].is_null())
      return rows.ToJson(row, PlaceOf(names[0], columns));
    if (check_.check->kwargs[kColumnA.name].is_null()) return ObjectOf(rows, row, names, columns);
    Json pair = Json::List();
    for (const Param& side : {kColumnA, kColumnB})
      pair.Push(rows.ToJson(row, PlaceOf(check_.check->kwargs[side.name].AsString(), columns)));
    return pair;
  }

  void TakeValues(const Fetched& rows, const std::vector<std::string>& columns, int64_t listed) {
    std::vector<Json> values, places;
    for (int64_t row = 0; row < std::min(listed, rows.row_count()); row++) {
      values.push_back(ValueOf(rows, row, columns));
      if (!HasPlace()) continue;
      if (format_.unexpected_index_column_names.empty()) {
        places.push_back(rows.Integer(row, PlaceOf(place_[0], columns)));
        continue;
      }
      std::vector<std::string> names = check_.columns;
      AddMissing(place_, &names);
      places.push_back(ObjectOf(rows, row, names, columns));
    }
    auto first = [&](const std::vector<Json>& all) {
      auto count = std::min<size_t>(all.size(), static_cast<size_t>(Partial()));
      return std::vector<Json>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    };
    result_.partial_unexpected_list = first(values);
    result_.partial_unexpected_index_list = first(places);
    if (!IsComplete()) return;
    result_.unexpected_list = std::move(values);
    result_.unexpected_index_list = std::move(places);
  }

  void SetCounts() {
    result_.partial_unexpected_counts =
        CountValues(IsComplete() ? result_.unexpected_list : result_.partial_unexpected_list,
                    static_cast<size_t>(Partial()));
  }

  Result<void> AddQuery() {
    if (!format_.return_unexpected_index_query.value_or(IsComplete())) return {};
    holding_.clear();  // The query is for the reader, who knows the whole.
    SetWhere();
    std::vector<std::string> columns = check_.columns;
    for (const std::string& name : format_.unexpected_index_column_names) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end())
        columns.insert(columns.begin(), name);
    }
    result_.unexpected_index_query =
        fmt::format("SELECT {} FROM {} WHERE {}", Join(Quoted(columns), ", "), from_, where_);
    return {};
  }

  sql::Session& session_;
  std::string holding_;
  std::string_view relation_;
  const Profile& profile_;
  const PlannedCheck& check_;
  const RunOptions& options_;
  const ResultFormat& format_;
  const FoundRows* found_;  // None: the session is asked.
  CheckResult& result_;
  std::vector<std::string> place_;  // The columns that tell a row's place.
  std::string from_, where_;
  bool has_window_ = false;  // In `from_`, over the relation.
};

}  // namespace

std::string BadRowsSql(const PlannedCheck& check, std::string_view relation, sql::Dialect dialect) {
  if (!check.key.empty()) return DuplicatesSql(check, relation, dialect);
  if (!check.unexpected || check.by == AnsweredBy::kOrder) return {};
  std::vector<sql::Expr> parts;
  if (check.filter) parts.push_back(*check.filter);
  if (check.judged && check.expectation->judged) parts.push_back(*check.judged);
  parts.push_back(*check.unexpected);
  return sql::And(std::move(parts)).Print(dialect);
}

std::string InOrderSql(const PlannedCheck& check, std::string_view relation,
                       const Profile& profile) {
  std::vector<std::string> order;
  for (const Json& name : check.check->kwargs["order_by"].items())
    order.push_back(QuoteIdentifier(name.AsString()));
  std::string from(relation);
  if (profile.has_order) {
    from = Positioned(relation);
    order.push_back(QuoteIdentifier(kRowPosition));  // Equal rows keep their order.
  }
  std::string column = QuoteIdentifier(check.columns[0]);
  std::string where = column + " IS NOT NULL";
  if (check.filter) where += " AND " + check.filter->Print(profile.dialect);
  return fmt::format("(SELECT *, lag({}) OVER (ORDER BY {}) AS {} FROM {} AS placed WHERE {})",
                     column, Join(order, ", "), QuoteIdentifier(kPreviousColumn), from, where);
}

Result<sql::ResultSet> QueryWindow(sql::Session& session, const Profile& profile,
                                   const std::string& sql, const sql::QueryOptions& query) {
  if (profile.is_chain) return session.Query(sql, {}, query);
  const auto one_thread = TRY(sql::OneThread::Begin(session));
  return session.Query(sql, {}, query);
}

std::string PlacedRelation(std::string_view relation, const Profile& profile,
                           const RunOptions& options) {
  bool needs_position =
      PlaceColumns(profile, options.result_format) == std::vector{std::string(kRowPosition)};
  return needs_position ? Positioned(relation) : std::string(relation);
}

WantedRows RowsWanted(sql::Session& session, const Profile& profile, const RunOptions& options,
                      const Shown& shown) {
  return BadRows(session, "", profile, options, shown).Wanted();
}

Result<void> AddBadRowsOf(sql::Session& session, std::string_view relation, const Profile& profile,
                          const RunOptions& options, Shown& shown, const FoundRows* found) {
  return BadRows(session, relation, profile, options, shown, found).Add();
}

Result<void> AddReturnedRows(sql::Session& session, const std::string& sql,
                             const RunOptions& options, CheckResult* result) {
  const ResultFormat& format = options.result_format;
  bool is_complete = format.level == ResultFormat::Level::kComplete;
  int64_t limit = is_complete ? kUnexpectedListMax
                              : std::max(options.sample_rows, format.partial_unexpected_count);
  if (format.level == ResultFormat::Level::kBooleanOnly || limit <= 0) return {};
  sql::ResultSet rows =
      TRY(session.Query(fmt::format("{} LIMIT {}", sql, limit), options.parameters, options.query));
  for (const sql::ResultColumn& column : rows.columns())
    result->sample.columns.push_back({column.name, column.type});
  Json returned = Json::List();
  for (int64_t row = 0; row < rows.row_count(); row++) {
    std::vector<Json> cells;
    Json object = Json::Object();
    for (size_t i = 0; i < rows.columns().size(); i++) {
      cells.push_back(rows.ToJson(row, i));
      object.Set(rows.columns()[i].name, cells.back());
    }
    if (row < format.partial_unexpected_count) result->partial_unexpected_list.push_back(object);
    if (is_complete || row < format.partial_unexpected_count) returned.Push(std::move(object));
    if (row < options.sample_rows) result->sample.rows.push_back(std::move(cells));
  }
  result->details = Json::Object({{"unexpected_rows", std::move(returned)}});
  return {};
}

std::string StatementSql(const std::string& statement, std::string_view select,
                         std::string_view relation, const RunOptions& options) {
  std::vector<std::string> named;
  auto name = [&](const std::string& table, std::string_view from) {
    std::string quoted = QuoteIdentifier(table);
    if (!table.empty() && from != quoted && from != table) {
      named.push_back(quoted + " AS (SELECT * FROM " + std::string(from) + " AS named)");
    }
  };
  std::string checked = options.table_name.empty() ? "batch" : options.table_name;
  name(checked, relation);
  for (const auto& [table, from] : options.tables) {
    if (table != checked) name(table, from);
  }
  std::string_view text = Trim(statement);
  while (text.ends_with(';')) text = Trim(text.substr(0, text.size() - 1));
  std::string with = named.empty() ? "" : "WITH " + Join(named, ", ") + " ";
  return fmt::format("{}{} FROM (\n{}\n) AS returned", with, select, text);
}

}  // namespace andon::quality
