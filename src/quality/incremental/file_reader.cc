#include "quality/incremental/file_reader.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "quality/incremental/key_states.h"
#include "quality/statistics.h"
#include "sql/one_thread.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::QuoteIdentifier;

// Of fewer rows than a few statements cost: one reads all, on one thread.
constexpr int64_t kSmallRows = 100'000;
// A column that has more values after all is read by rows.
constexpr int64_t kCountedValuesMax = 20'000;
constexpr const char* kCounts = "\"counts of values\"";
const sql::Weights kWeights = {.count = "count of value", .upto = "", .total = "", .mean = ""};

// The one column that a state is made of; empty: there are several, none, or the order counts.
std::string OnlyColumn(const Tracked& one) {
  bool all_known = true;
  const std::set<std::string> columns = one.metric.Columns(&all_known);
  const bool is_one = all_known && columns.size() == 1 && !one.in_order;
  return is_one ? *columns.begin() : std::string();
}

// Counts of its column's values give the same state as its rows do.
bool GoesByValues(const Tracked& one) {
  switch (one.kind) {
    case StateKind::kCount:
    case StateKind::kExtreme:
      return one.metric.CanWeigh();
    case StateKind::kValues:
      return true;
    default:
      return false;
  }
}

class FileReader {
 public:
  FileReader(sql::Session& session, const sql::QueryOptions& query, const FileStates& dataset,
             FileState* file)
      : session_(session), query_(query), dataset_(dataset), file_(*file) {}

  // What any number of threads may read. What is left stays in `missing`: of a small file all that
  // one statement can say.
  Result<void> ReadInAnyOrder(std::vector<const Tracked*>* missing) {
    file_.is_changed = true;
    for (const Tracked* one : *missing) {
      if (one->kind == StateKind::kKeys) TRY(ReadKeys(*one));
    }
    std::erase_if(*missing, [](const Tracked* one) { return one->kind == StateKind::kKeys; });
    if (file_.rows_max <= kSmallRows) return {};
    if (file_.rows_max >= kLargeRows) TRY(ReadByValues(missing));
    std::vector<const Tracked*> any_order;
    std::copy_if(missing->begin(), missing->end(), std::back_inserter(any_order),
                 [](const Tracked* one) { return !one->in_order; });
    std::erase_if(*missing, [](const Tracked* one) { return !one->in_order; });
    return ReadAll(any_order);
  }

  Result<void> ReadAll(const std::vector<const Tracked*>& missing) {
    if (missing.empty()) return {};
    Result<void> together = ReadTogether(missing);
    if (together.ok() || together.error().kind == ErrorKind::kInterrupted) return together;
    // One of them broke: that one has no state here, and is told of by a check in full.
    for (const Tracked* one : missing) {
      Result<void> alone = ReadTogether({one});
      if (!alone.ok() && alone.error().kind == ErrorKind::kInterrupted) return alone;
      if (!alone.ok()) Leave(*one, alone.error());
    }
    return {};
  }

 private:
  // A statement that cannot be had of these rows has no state, now and later; what only failed
  // this time (no memory, no disk) is asked for again the next time.
  void Leave(const Tracked& one, const Error& error) {
    if (error.kind == ErrorKind::kInvalid) file_.states.Set(one.name, false);
  }

  Result<void> ReadKeys(const Tracked& one) {
    Result<Json> state =
        MakeKeyState(session_, query_, one.metric, one.type, one.name, file_, dataset_.key_dir);
    if (state.ok()) {
      file_.states.Set(one.name, *std::move(state));
      return {};
    }
    if (state.error().kind == ErrorKind::kInterrupted) return state.error();
    Leave(one, state.error());
    return {};
  }

  // Of a large file, a column of few values is counted by value once, and all its states are made
  // of those counts. What is made leaves `missing`.
  Result<void> ReadByValues(std::vector<const Tracked*>* missing) {
    std::map<std::string, std::vector<const Tracked*>> by_column;
    for (const Tracked* one : *missing) {
      const std::string column = OnlyColumn(*one);
      if (!column.empty() && GoesByValues(*one)) by_column[column].push_back(one);
    }
    if (by_column.empty()) return {};
    std::vector<sql::ColumnInfo> asked;
    for (const sql::TableColumn& column : dataset_.columns) {
      if (by_column.contains(column.name)) asked.push_back({column.name, column.type});
    }
    for (const std::string& column : ColumnsOfFewValues(session_, file_.relation, asked)) {
      const bool is_made = TRY(CountValues(column));
      if (is_made) TRY(ReadOfCounts(by_column[column]));
    }
    std::erase_if(*missing, [&](const Tracked* one) { return file_.states.Has(one->name); });
    return {};
  }

  // False where there are too many of them, or they cannot be counted.
  Result<bool> CountValues(const std::string& column) {
    auto made = session_.Query(
        fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {}, count(*) AS {} FROM {} AS "
                    "checked GROUP BY 1 LIMIT {}",
                    kCounts, QuoteIdentifier(column), QuoteIdentifier(kWeights.count),
                    file_.relation, kCountedValuesMax + 1),
        {}, query_);
    if (!made.ok() && made.error().kind == ErrorKind::kInterrupted) return std::move(made).error();
    auto values = session_.Query(fmt::format("SELECT count(*) FROM {}", kCounts));
    return made.ok() && values.ok() && values->Integer(0, 0) <= kCountedValuesMax;
  }

  // What fails here is left to the rows.
  Result<void> ReadOfCounts(const std::vector<const Tracked*>& wanted) {
    std::vector<std::string> items;
    std::vector<const Tracked*> plain;
    for (const Tracked* one : wanted) {
      if (one->kind == StateKind::kValues) {
        auto rows = session_.Query(ValuesSql(one->metric, kCounts, kWeights.count), {}, query_);
        if (rows.ok()) file_.states.Set(one->name, ReadValues(*rows));
        continue;
      }
      items.push_back(one->metric.PrintWeighted(kWeights));
      plain.push_back(one);
    }
    if (plain.empty()) return {};
    auto row =
        session_.Query(fmt::format("SELECT {} FROM {}", Join(items, ", "), kCounts), {}, query_);
    if (!row.ok() && row.error().kind == ErrorKind::kInterrupted) return std::move(row).error();
    if (!row.ok() || row->row_count() != 1) return {};
    for (size_t i = 0; i < plain.size(); i++)
      file_.states.Set(plain[i]->name, ReadState(plain[i]->kind, *row, i));
    return {};
  }

  Result<void> ReadTogether(const std::vector<const Tracked*>& missing) {
    std::vector<std::string> items;
    std::vector<size_t> first;
    for (const Tracked* one : missing) {
      first.push_back(items.size());
      for (std::string& item : StateItems(one->metric, one->kind)) items.push_back(std::move(item));
    }
    auto row = TRY(session_.Query(
        fmt::format("SELECT {} FROM {} AS checked", Join(items, ", "), file_.relation), {},
        query_));
    if (row.row_count() != 1) return Error::Invalid("The data give no answer.");
    for (size_t i = 0; i < missing.size(); i++) {
      Json state = ReadState(missing[i]->kind, row, first[i]);
      if (missing[i]->kind == StateKind::kValues && state.is_null()) {
        auto rows = TRY(session_.Query(ValuesSql(missing[i]->metric, file_.relation), {}, query_));
        state = ReadValues(rows);
      }
      file_.states.Set(missing[i]->name, std::move(state));
    }
    return {};
  }

  sql::Session& session_;
  const sql::QueryOptions& query_;
  const FileStates& dataset_;
  FileState& file_;
};

}  // namespace

std::vector<const Tracked*> MissingStates(const std::vector<Tracked>& tracked,
                                          const FileState& file) {
  std::vector<const Tracked*> missing;
  for (const Tracked& one : tracked) {
    const bool is_listed = std::any_of(missing.begin(), missing.end(), [&](const Tracked* other) {
      return other->name == one.name;
    });
    if (!is_listed && !file.states.Has(one.name)) missing.push_back(&one);
  }
  return missing;
}

void TakeStatistics(const std::vector<Tracked>& tracked, FileState* file) {
  if (!file->rows) return;
  RunOptions known{.statistics = file->statistics, .rows = file->rows};
  for (const Tracked& one : tracked) {
    if (file->states.Has(one.name)) continue;
    std::optional<Json> value = FromStatistics(one.metric, known);
    if (!value) continue;
    std::optional<Json> state = StateFromValue(one.kind, *value, one.type);
    if (state) file->states.Set(one.name, *std::move(state));
  }
}

Result<void> ReadStates(sql::Session& session, const sql::QueryOptions& query,
                        const FileStates& dataset, std::vector<FileToRead> files) {
  for (FileToRead& one : files)
    TRY(FileReader(session, query, dataset, one.file).ReadInAnyOrder(&one.missing));
  std::erase_if(files, [](const FileToRead& one) { return one.missing.empty(); });
  if (files.empty()) return {};
  // On one thread the rows come as the file has them. An engine that cannot even say how many it
  // has tells why when the checks are run.
  auto one_thread = sql::OneThread::Begin(session);
  if (!one_thread.ok()) return {};
  for (FileToRead& one : files)
    TRY(FileReader(session, query, dataset, one.file).ReadAll(one.missing));
  return {};
}

}  // namespace andon::quality
