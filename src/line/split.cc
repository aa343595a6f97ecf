#include "line/split.h"

#include <fmt/format.h>

#include "line/task.h"
#include "sql/quote.h"

namespace andon::line {

int64_t SplitOutcome::bad() const {
  int64_t sum = 0;
  for (const SplitCount& d : deliveries) sum += d.bad;
  return sum;
}

int64_t SplitOutcome::BadBy(const std::string& check) const {
  int64_t sum = 0;
  for (const SplitCount& d : deliveries) {
    if (auto found = d.by_check.find(check); found != d.by_check.end()) sum += found->second;
  }
  return sum;
}

std::string RestOf(const std::string& path) {
  return fmt::format("SELECT * EXCLUDE ({0}) FROM read_parquet({1}) WHERE len({0}) = 0",
                     kReasonsColumn, sql::QuoteLiteral(path));
}

std::string BadOf(const std::string& path) {
  return fmt::format("SELECT * FROM read_parquet({}) WHERE len({}) > 0", sql::QuoteLiteral(path),
                     kReasonsColumn);
}

Json ToJson(const SplitTask& task) {
  Json rules = Json::List(), checks = Json::List();
  for (const SplitRule& r : task.rules) {
    rules.Push(
        Json::Object({{"check", r.check}, {"where", r.where}, {"delivery_id", r.delivery_id}}));
  }
  for (const quality::CheckSpec& c : task.checks) checks.Push(ToJson(c));
  return Json::Object({{"kind", "split"},
                       {"incoming", task.incoming},
                       {"path", task.path},
                       {"rules", std::move(rules)},
                       {"checks", std::move(checks)}});
}

SplitTask SplitTaskFromJson(const Json& json) {
  SplitTask task{.incoming = json["incoming"].AsString(), .path = json["path"].AsString()};
  for (const Json& r : json["rules"].items()) {
    task.rules.push_back(
        {r["check"].AsString(), r["where"].AsString(), r["delivery_id"].AsInteger()});
  }
  for (const Json& c : json["checks"].items()) task.checks.push_back(CheckSpecFromJson(c));
  return task;
}

Json ToJson(const SplitOutcome& outcome) {
  Json deliveries = Json::List();
  for (const SplitCount& d : outcome.deliveries) {
    Json by_check = Json::Object();
    for (const auto& [check, rows] : d.by_check) by_check.Set(check, rows);
    deliveries.Push(Json::Object({{"id", d.delivery_id},
                                  {"rows", d.rows},
                                  {"bad", d.bad},
                                  {"by_check", std::move(by_check)}}));
  }
  return Json::Object({{"deliveries", std::move(deliveries)}});
}

SplitOutcome SplitOutcomeFromJson(const Json& json) {
  SplitOutcome outcome;
  for (const Json& d : json["deliveries"].items()) {
    SplitCount count{.delivery_id = d["id"].AsInteger(),
                     .rows = d["rows"].AsInteger(),
                     .bad = d["bad"].AsInteger()};
    for (const auto& [check, rows] : d["by_check"].members())
      count.by_check[check] = rows.AsInteger();
    outcome.deliveries.push_back(std::move(count));
  }
  return outcome;
}

}  // namespace andon::line
