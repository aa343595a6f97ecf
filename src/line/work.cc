#include "line/work.h"

#include <algorithm>

#include "base/text.h"
#include "line/columns.h"
#include "line/work_internal.h"

namespace andon::line {
namespace {

constexpr std::pair<ErrorKind, std::string_view> kErrorKinds[] = {
    {ErrorKind::kInvalid, "invalid"},
    {ErrorKind::kNotFound, "not_found"},
    {ErrorKind::kConflict, "conflict"},
    {ErrorKind::kHeld, "held"},
    {ErrorKind::kIo, "io"},
    {ErrorKind::kUnavailable, "unavailable"},
    {ErrorKind::kCorrupt, "corrupt"},
    {ErrorKind::kInterrupted, "interrupted"},
};

}  // namespace

Result<void> Bench::Open(const Limits& limits, const Say& say) {
  engine.emplace(TRY(sql::Engine::Open({.memory_limit_bytes = limits.memory_bytes,
                                        .threads = std::max(1, limits.threads),
                                        .temp_directory = limits.spill_dir})));
  connection.emplace(TRY(engine->Connect()));
  SetOptions(limits, say);
  return {};
}

void Bench::SetOptions(const Limits& limits, const Say& say) {
  options.time_limit = Duration(limits.time_limit_us);
  options.progress = [say](const sql::Progress& p) {
    say(Json::Object({{"progress", p.rows}, {"percent", p.percent}}));
  };
}

Result<SplitOutcome> DoSplit(const SplitTask& task, const Limits& limits, const Say& say) {
  Bench bench;
  TRY(bench.Open(limits, say));
  TRY(quality::RegisterFunctions(*bench.connection, task.checks));
  // A check has one rule for each delivery, and one for the dataset.
  std::map<std::string, std::vector<std::string>> by_check;
  for (const SplitRule& rule : task.rules) {
    std::string where = "(" + rule.where + ")";
    if (rule.delivery_id != 0)
      where = fmt::format("({} = {} AND {})", kDeliveryColumn, rule.delivery_id, where);
    by_check[rule.check].push_back(std::move(where));
  }
  std::vector<std::string> reasons, counts;
  for (const auto& [check, rules] : by_check) {
    const std::string name = sql::QuoteLiteral(check);
    reasons.push_back(fmt::format("CASE WHEN {} THEN {} END", Join(rules, " OR "), name));
    counts.push_back(
        fmt::format("count(*) FILTER (WHERE list_contains({}, {}))", kReasonsColumn, name));
  }
  TRY(bench.connection->Query(
      fmt::format("COPY (SELECT *, list_filter([{}], lambda reason: reason IS NOT NULL) AS {} FROM "
                  "({}) AS checked) TO {} (FORMAT parquet)",
                  Join(reasons, ", "), kReasonsColumn, task.incoming, sql::QuoteLiteral(task.path)),
      {}, bench.options));
  auto counted = TRY(bench.connection->Query(
      fmt::format("SELECT {0}, count(*), count(*) FILTER (WHERE len({1}) > 0), {2} FROM "
                  "read_parquet({3}) GROUP BY 1 ORDER BY 1",
                  kDeliveryColumn, kReasonsColumn, Join(counts, ", "),
                  sql::QuoteLiteral(task.path)),
      {}, bench.options));
  SplitOutcome outcome;
  for (int64_t row = 0; row < counted.row_count(); ++row) {
    SplitCount count{.delivery_id = counted.Integer(row, 0),
                     .rows = counted.Integer(row, 1),
                     .bad = counted.Integer(row, 2)};
    size_t column = 3;
    for (const auto& [check, rules] : by_check)
      count.by_check[check] = counted.Integer(row, column++);
    outcome.deliveries.push_back(std::move(count));
  }
  return outcome;
}

Result<QueryOutcome> DoQuery(const QueryTask& task, const Limits& limits, const Say& say) {
  Bench bench;
  TRY(bench.Open(limits, say));
  for (const NamedRelation& table : task.tables) {
    TRY(bench.connection->Execute(
        fmt::format("CREATE TEMP VIEW {} AS {}", sql::QuoteIdentifier(table.name), table.sql)));
  }
  bench.options.rows_max = task.rows_max;
  auto rows = TRY(bench.connection->Query(task.sql, {}, bench.options));
  QueryOutcome outcome{.truncated = rows.truncated()};
  for (const sql::ResultColumn& c : rows.columns()) outcome.columns.push_back({c.name, c.type});
  for (int64_t i = 0; i < rows.row_count(); ++i) {
    std::vector<std::string> texts;
    std::vector<Json> values;
    for (size_t c = 0; c < rows.columns().size(); ++c) {
      texts.push_back(rows.Text(i, c));
      values.push_back(rows.ToJson(i, c));
    }
    outcome.rows.push_back(std::move(texts));
    outcome.values.push_back(std::move(values));
  }
  return outcome;
}

Json ToJson(const Error& error) {
  std::string_view word = "invalid";
  for (const auto& [kind, name] : kErrorKinds) {
    if (kind == error.kind) word = name;
  }
  return Json::Object({{"kind", word}, {"message", error.message}});
}

Error ErrorFromJson(const Json& json) {
  Error error{ErrorKind::kInvalid, json["message"].AsString()};
  for (const auto& [kind, name] : kErrorKinds) {
    if (json["kind"].AsString() == name) error.kind = kind;
  }
  return error;
}

int WorkerMain(std::string_view input, const Say& say) {
  auto answer = [&]() -> Result<Json> {
    auto json = TRY(Json::Parse(input));
    auto task = TRY(TaskFromJson(json));
    if (const auto* load = std::get_if<LoadTask>(&task.work)) {
      auto outcome = TRY(DoLoad(*load, task.limits, say));
      return ToJson(outcome);
    }
    if (const auto* check = std::get_if<CheckTask>(&task.work)) {
      auto outcome = TRY(DoCheck(*check, task.limits, say));
      return ToJson(outcome);
    }
    if (const auto* split = std::get_if<SplitTask>(&task.work)) {
      auto outcome = TRY(DoSplit(*split, task.limits, say));
      return ToJson(outcome);
    }
    auto outcome = TRY(DoQuery(std::get<QueryTask>(task.work), task.limits, say));
    return ToJson(outcome);
  }();
  if (answer.ok()) {
    say(Json::Object({{"ok", std::move(*answer)}}));
  } else {
    say(Json::Object({{"error", ToJson(answer.error())}}));
  }
  return 0;
}

}  // namespace andon::line
