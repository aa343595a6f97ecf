#include "modeltest/case.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::modeltest {
namespace {

// A model that returns more rows than this on a few given ones is a cross join gone wrong.
constexpr int64_t kRowsMax = 100'000;
constexpr const char* kExpected = "andon_expected";
constexpr const char* kActual = "andon_actual";

class Runner {
 public:
  Runner(sql::Connection& connection, const Case& test) : connection_(connection), test_(test) {}

  Outcome Run() {
    auto done = Steps();
    if (!done.ok()) Fail(done.error().message, {});
    return std::move(out_);
  }

 private:
  void Fail(std::string says, const SourceRange& place) {
    out_.state = State::kError;
    out_.error = std::move(says);
    out_.place = place;
  }

  Result<void> Steps() {
    for (const Table& table : test_.tables) {
      const bool is_made = TRY(Fill(table.name, table.columns, table.given, "given." + table.name));
      if (!is_made) return {};
    }
    TRY(ReadBounds());
    for (const Model& model : test_.models) TRY(Build(model, model.name));
    TRY(Build(test_.target, kActual));
    std::vector<sql::ColumnInfo> compared = Compared();
    const bool is_made = TRY(Fill(kExpected, compared, test_.expect, "expect"));
    if (!is_made) return {};
    out_.expected = TRY(Texts(kExpected, compared));
    out_.actual = TRY(Texts(kActual, compared));
    out_.differences = Compare(out_.expected, out_.actual, test_.ordered);
    if (!out_.differences.empty()) out_.state = State::kFailed;
    return {};
  }

  // False where a cell is wrong, which is the outcome then.
  Result<bool> Fill(std::string_view name, const std::vector<sql::ColumnInfo>& columns,
                    const Rows& rows, const std::string& part) {
    auto bad = TRY(MakeTable(connection_, name, columns, rows));
    if (!bad) return true;
    Fail(fmt::format("{}, row {}, column \"{}\": {}.", part, bad->row + 1, bad->column, bad->says),
         bad->place);
    return false;
  }

  Result<void> ReadBounds() {
    for (const auto& [name, text] : {std::pair("start", &test_.start), {"end", &test_.end}}) {
      if (text->empty()) continue;
      auto time = ParseTimestamp(*text);
      if (!time.ok()) return Error::Invalid("{}: \"{}\" is no time.", name, *text);
      parameters_.push_back({name, *time});
    }
    return {};
  }

  // The model's rows as a table, in the types that its dataset declares.
  Result<void> Build(const Model& model, const std::string& table) {
    std::string text(Trim(model.sql));
    while (!text.empty() && (text.back() == ';' || text.back() == ' ' || text.back() == '\n'))
      text.pop_back();
    std::vector<std::string> items;
    for (const sql::ColumnInfo& column : model.columns) {
      std::string type = TRY(sql::ToDuckDbType(column.type));
      items.push_back(
          fmt::format("CAST({0} AS {1}) AS {0}", sql::QuoteIdentifier(column.name), type));
    }
    // The newline: the text may end in a comment.
    std::string statement = fmt::format(
        "CREATE TEMP TABLE {} AS SELECT {} FROM ({}\n) LIMIT {}", sql::QuoteIdentifier(table),
        items.empty() ? "*" : Join(items, ", "), text, kRowsMax + 1);
    auto made = connection_.Execute(statement, parameters_);
    if (!made.ok())
      return std::move(made).error().In(fmt::format("The SQL of {} cannot run", model.name));
    auto count = TRY(connection_.Query("SELECT count(*) FROM " + sql::QuoteIdentifier(table)));
    if (count.Integer(0, 0) > kRowsMax) {
      return Error::Invalid("The SQL of {} returns more than {} rows of what is given.", model.name,
                            WithThousands(kRowsMax));
    }
    return {};
  }

  // What the expected rows name, in the order in which the model returns it.
  std::vector<sql::ColumnInfo> Compared() {
    std::vector<sql::ColumnInfo> columns;
    for (const sql::ColumnInfo& column : test_.target.columns) {
      bool is_named = test_.expect.Find(column.name) >= 0;
      if (is_named || test_.expect.columns.empty()) columns.push_back(column);
    }
    for (const sql::ColumnInfo& column : columns) out_.columns.push_back(column.name);
    return columns;
  }

  Result<std::vector<TextRow>> Texts(const std::string& table,
                                     const std::vector<sql::ColumnInfo>& columns) {
    std::vector<std::string> items;
    for (const sql::ColumnInfo& column : columns)
      items.push_back(sql::QuoteIdentifier(column.name));
    auto found = TRY(connection_.Query(
        fmt::format("SELECT {} FROM {}", Join(items, ", "), sql::QuoteIdentifier(table))));
    std::vector<TextRow> rows(size_t(found.row_count()));
    for (size_t c = 0; c < columns.size(); ++c) {
      bool is_real = columns[c].type == "double" || columns[c].type == "float";
      for (int64_t r = 0; r < found.row_count(); ++r) {
        std::optional<std::string> text;
        if (!found.IsNull(r, c)) {
          // Twelve digits: sums of doubles depend on the order of their rows.
          text = is_real ? fmt::format("{:.12g}", found.Double(r, c)) : found.Text(r, c);
        }
        rows[size_t(r)].push_back(std::move(text));
      }
    }
    return rows;
  }

  sql::Connection& connection_;
  const Case& test_;
  std::vector<sql::Parameter> parameters_;
  Outcome out_;
};

}  // namespace

std::string_view ToString(State state) {
  return state == State::kPassed ? "pass" : state == State::kFailed ? "fail" : "error";
}

Outcome Run(sql::Connection& connection, const Case& test, const Clock& clock) {
  Timestamp started = clock.Now();
  Outcome outcome = Runner(connection, test).Run();
  outcome.duration = clock.Now() - started;
  return outcome;
}

}  // namespace andon::modeltest
