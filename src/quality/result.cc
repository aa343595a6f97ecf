#include "quality/result.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "quality/range.h"

namespace andon::quality {
namespace {

// Values quoted in a message.
constexpr size_t kQuotedMax = 5;

std::string_view StateName(CheckState state) {
  switch (state) {
    case CheckState::kPassed:
      return "passed";
    case CheckState::kFailed:
      return "failed";
    case CheckState::kError:
      return "error";
  }
  return "";
}

std::string Quote(const Json& value) {
  constexpr size_t kLengthMax = 60;
  std::string text = value.Dump();
  if (text.size() > kLengthMax) {
    size_t end = kLengthMax;
    while (end > 0 && (text[end] & 0xC0) == 0x80) end--;  // Not inside a character.
    text = text.substr(0, end) + "…";
  }
  return text;
}

// ": -4.99, -2.99, …": each different value once.
std::string Quoted(const std::vector<Json>& values) {
  std::vector<std::string> texts;
  for (const Json& value : values) {
    std::string text = Quote(value);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  if (texts.empty()) return {};
  bool more = texts.size() > kQuotedMax;
  if (more) texts.resize(kQuotedMax);
  return ": " + Join(texts, ", ") + (more ? ", …" : "");
}

std::string Subject(const CheckResult& result) { return Join(result.columns, ", "); }

std::string Percent(double percent) {
  if (percent > 0 && percent < 0.01) return "under 0.01 %";
  return fmt::format("{:.{}f} %", percent, percent < 1 ? 2 : 1);
}

Json OptionalNumber(const std::optional<int64_t>& number) {
  return number ? Json(*number) : Json();
}

std::optional<int64_t> ReadInteger(const Json& json) {
  if (!json.is_number()) return {};
  return json.AsInteger();
}

// GX's `result` of an expectation on values; of all others it is observed_value alone.
Json GxDetail(const CheckResult& result) {
  if (!result.element_count) return Json::Object({{"observed_value", result.observed_value}});
  int64_t rows = *result.element_count, missing = result.missing_count.value_or(0),
          bad = result.unexpected_count.value_or(0);
  auto percent = [](int64_t part, int64_t whole) {
    return whole > 0 ? Json(100.0 * double(part) / double(whole)) : Json(0.0);
  };
  return Json::Object({
      {"element_count", rows},
      {"unexpected_count", bad},
      {"unexpected_percent", percent(bad, rows - missing)},
      {"partial_unexpected_list", Json(Json::Array(result.partial_unexpected_list))},
      {"missing_count", missing},
      {"missing_percent", percent(missing, rows)},
      {"unexpected_percent_total", percent(bad, rows)},
      {"unexpected_percent_nonmissing", percent(bad, rows - missing)},
      {"partial_unexpected_counts",
       Json(CountValues(result.partial_unexpected_list, result.partial_unexpected_list.size()))},
  });
}

}  // namespace

CheckResult NewResult(const CheckSpec& check) {
  CheckResult result;
  result.name = check.name;
  result.type = check.type;
  result.severity = check.severity;
  const Expectation* expectation = FindExpectation(check.type);
  if (expectation) result.columns = ColumnsOf(*expectation, check.kwargs);
  return result;
}

namespace {

// A row's values without their names, as Great Expectations counts them.
Json Flat(const Json& value) {
  if (!value.is_object()) return value;
  Json values = Json::List();
  for (const auto& [name, item] : value.members()) values.Push(item);
  return values;
}

}  // namespace

std::vector<Json> CountValues(const std::vector<Json>& values, size_t most) {
  // By their text: equal values have the same one.
  std::map<std::string, std::pair<size_t, int64_t>> counts;
  for (size_t i = 0; i < values.size(); i++) {
    auto [entry, is_new] = counts.try_emplace(values[i].Dump(), i, 0);
    entry->second.second++;
  }
  std::vector<std::pair<size_t, int64_t>> order;
  for (const auto& [text, count] : counts) order.push_back(count);
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    if (a.second != b.second) return a.second > b.second;
    return IsSmaller(values[a.first], values[b.first]);
  });
  if (order.size() > most) order.resize(most);
  std::vector<Json> list;
  for (const auto& [first, count] : order)
    list.push_back(Json::Object({{"value", Flat(values[first])}, {"count", count}}));
  return list;
}

void SetCounts(const PlannedCheck& check, int64_t rows, int64_t judged, int64_t bad,
               CheckResult* result) {
  result->element_count = rows;
  result->missing_count = rows - judged;
  result->unexpected_count = bad;
  result->unexpected_percent = judged > 0 ? 100.0 * double(bad) / double(judged) : 0.0;
  if (result->observed_value.is_null()) result->observed_value = bad;
  const Json& mostly = check.check->kwargs[kMostly.name];
  double wanted = mostly.is_number() ? mostly.AsDouble() : 1.0;
  bool success = bad == 0 || (judged > 0 && double(judged - bad) / double(judged) >= wanted);
  result->state = success ? CheckState::kPassed : CheckState::kFailed;
}

void SetVerdict(const PlannedCheck& check, Verdict verdict, CheckResult* result) {
  result->observed_value = std::move(verdict.observed);
  result->details = std::move(verdict.details);
  result->unexpected_count = verdict.unexpected_count;
  result->missing_count = verdict.missing_count;
  result->unexpected_percent = verdict.unexpected_percent;
  result->partial_unexpected_list = std::move(verdict.partial_unexpected_list);
  if (!verdict.partial_missing_list.empty() || verdict.missing_count)
    result->details.Set("partial_missing_list", Json(std::move(verdict.partial_missing_list)));
  result->state = verdict.success ? CheckState::kPassed : CheckState::kFailed;
  SetMessage(check, result);
}

void SetError(std::string message, CheckResult* result) {
  result->state = CheckState::kError;
  result->message = std::move(message);
}

namespace {

// "2 values of method are unexpected: "gold", …; 1 is missing: "card"".
std::string SetMessageOf(const CheckResult& result) {
  std::vector<std::string> parts;
  int64_t strange = result.unexpected_count.value_or(0), missing = result.missing_count.value_or(0);
  std::string rows = Subject(result).empty() ? "row" : "value";
  std::string of = Subject(result).empty() ? "" : " of " + Subject(result);
  if (strange > 0)
    parts.push_back(fmt::format("{}{} {} unexpected{}", Count(strange, rows), of,
                                strange == 1 ? "is" : "are",
                                Quoted(result.partial_unexpected_list)));
  if (missing > 0)
    parts.push_back(fmt::format("{} {} missing{}", WithThousands(missing),
                                missing == 1 ? "is" : "are",
                                Quoted(result.details["partial_missing_list"].items())));
  return Join(parts, "; ");
}

}  // namespace

void SetMessage(const PlannedCheck& planned, CheckResult* result) {
  const CheckSpec& check = *planned.check;
  int64_t bad = result->unexpected_count.value_or(0);
  if (planned.by == AnsweredBy::kStatement) {
    result->message =
        bad == 0 ? "" : Count(bad, "row") + " returned" + Quoted(result->partial_unexpected_list);
  } else if (const Json& values = result->observed_value["duplicate_values"];
             bad > 0 && values.is_number()) {
    result->message =
        fmt::format("{} of {} {} more than once, in {}{}", Count(values.AsInteger(), "value"),
                    Subject(*result), values.AsInteger() == 1 ? "stands" : "stand",
                    Count(bad, "row"), Quoted(result->partial_unexpected_list));
  } else if (result->element_count) {
    int64_t judged = *result->element_count - result->missing_count.value_or(0);
    if (bad == 0) return;
    result->message = fmt::format("{} of {} of {} {} unexpected ({}){}", WithThousands(bad),
                                  Count(judged, "value"), Subject(*result), bad == 1 ? "is" : "are",
                                  Percent(result->unexpected_percent.value_or(0)),
                                  Quoted(result->partial_unexpected_list));
  } else if (!result->success() && (bad > 0 || result->missing_count.value_or(0) > 0)) {
    result->message = SetMessageOf(*result);
  } else if (!result->success()) {
    std::string observed =
        result->observed_value.is_null() ? "nothing" : result->observed_value.Dump();
    result->message = fmt::format("{} Observed: {}", Describe(check), observed);
  }
}

Json ToGxResult(const CheckSpec& check, const CheckResult& result) {
  bool is_broken = result.state == CheckState::kError;
  Json meta = check.kwargs["meta"].is_object() ? check.kwargs["meta"] : Json::Object();
  if (!check.name.empty()) meta.Set("andon_check", check.name);
  Json kwargs = check.kwargs;
  kwargs.Remove("meta");
  return Json::Object({
      {"success", result.success()},
      {"expectation_config", Json::Object({{"type", check.type},
                                           {"kwargs", std::move(kwargs)},
                                           {"meta", std::move(meta)},
                                           {"severity", GxSeverity(check.severity)}})},
      {"result", is_broken ? Json::Object() : GxDetail(result)},
      {"meta", Json::Object()},
      {"exception_info",
       Json::Object({{"raised_exception", is_broken},
                     {"exception_traceback", nullptr},
                     {"exception_message", is_broken ? Json(result.message) : Json()}})},
  });
}

Json ToGxValidation(std::string_view suite, const std::vector<CheckSpec>& checks,
                    const std::vector<CheckResult>& results) {
  Json list = Json::List();
  int64_t good = 0;
  bool success = true;
  for (size_t i = 0; i < results.size() && i < checks.size(); i++) {
    list.Push(ToGxResult(checks[i], results[i]));
    good += results[i].success() ? 1 : 0;
    success = success && results[i].success();
  }
  auto all = static_cast<int64_t>(results.size());
  return Json::Object({
      {"success", success},
      {"results", std::move(list)},
      {"suite_name", suite},
      {"suite_parameters", Json::Object()},
      {"statistics", Json::Object({{"evaluated_expectations", all},
                                   {"successful_expectations", good},
                                   {"unsuccessful_expectations", all - good},
                                   {"success_percent",
                                    all > 0 ? Json(100.0 * double(good) / double(all)) : Json()}})},
      {"meta", Json::Object()},
  });
}

namespace {

constexpr std::pair<const char*, std::vector<Json> CheckResult::*> kLists[] = {
    {"partial_unexpected_counts", &CheckResult::partial_unexpected_counts},
    {"partial_unexpected_index_list", &CheckResult::partial_unexpected_index_list},
    {"unexpected_list", &CheckResult::unexpected_list},
    {"unexpected_index_list", &CheckResult::unexpected_index_list},
    {"unexpected_rows", &CheckResult::unexpected_rows},
};

}  // namespace

Json ToJson(const CheckResult& result) {
  Json sample_columns = Json::List(), sample_rows = Json::List(), columns = Json::List();
  for (const sql::ColumnInfo& column : result.sample.columns) {
    sample_columns.Push(Json::Object({{"name", column.name}, {"type", column.type}}));
  }
  for (const std::vector<Json>& row : result.sample.rows) sample_rows.Push(Json(Json::Array(row)));
  for (const std::string& column : result.columns) columns.Push(column);
  Json json = Json::Object({
      {"name", result.name},
      {"type", result.type},
      {"state", StateName(result.state)},
      {"severity", ToString(result.severity)},
      {"message", result.message},
      {"observed_value", result.observed_value},
      {"element_count", OptionalNumber(result.element_count)},
      {"unexpected_count", OptionalNumber(result.unexpected_count)},
      {"missing_count", OptionalNumber(result.missing_count)},
      {"unexpected_percent", result.unexpected_percent ? Json(*result.unexpected_percent) : Json()},
      {"partial_unexpected_list", Json(Json::Array(result.partial_unexpected_list))},
      {"sample",
       Json::Object({{"columns", std::move(sample_columns)}, {"rows", std::move(sample_rows)}})},
      {"bad_rows_sql", result.bad_rows_sql},
      {"columns", std::move(columns)},
      {"duration_us", static_cast<int64_t>(result.duration.count())},
  });
  // What few results have is left out of the others.
  if (!result.details.is_null()) json.Set("details", result.details);
  if (!result.first_bad.empty()) json.Set("first_bad", result.first_bad);
  if (result.quarantined_count) json.Set("quarantined_count", *result.quarantined_count);
  for (const auto& [name, list] : kLists) {
    if (!(result.*list).empty()) json.Set(name, Json(Json::Array(result.*list)));
  }
  if (!result.unexpected_index_query.empty())
    json.Set("unexpected_index_query", result.unexpected_index_query);
  return json;
}

Result<CheckResult> CheckResultFromJson(const Json& json) {
  CheckResult result;
  result.name = json["name"].AsString();
  result.type = json["type"].AsString();
  const std::string& state = json["state"].AsString();
  if (state != "passed" && state != "failed" && state != "error") {
    return Error::Corrupt("A check's result has the unknown state \"{}\".", state);
  }
  result.state = state == "passed"   ? CheckState::kPassed
                 : state == "failed" ? CheckState::kFailed
                                     : CheckState::kError;
  result.severity = SeverityFromString(json["severity"].AsString());
  result.message = json["message"].AsString();
  result.observed_value = json["observed_value"];
  result.element_count = ReadInteger(json["element_count"]);
  result.unexpected_count = ReadInteger(json["unexpected_count"]);
  result.missing_count = ReadInteger(json["missing_count"]);
  if (json["unexpected_percent"].is_number())
    result.unexpected_percent = json["unexpected_percent"].AsDouble();
  result.partial_unexpected_list = json["partial_unexpected_list"].items();
  for (const Json& column : json["sample"]["columns"].items()) {
    result.sample.columns.push_back({column["name"].AsString(), column["type"].AsString()});
  }
  for (const Json& row : json["sample"]["rows"].items()) result.sample.rows.push_back(row.items());
  result.bad_rows_sql = json["bad_rows_sql"].AsString();
  for (const Json& column : json["columns"].items()) result.columns.push_back(column.AsString());
  result.duration = Duration(json["duration_us"].AsInteger());
  result.details = json["details"];
  result.first_bad = json["first_bad"].AsString();
  result.quarantined_count = ReadInteger(json["quarantined_count"]);
  for (const auto& [name, list] : kLists) result.*list = json[name].items();
  result.unexpected_index_query = json["unexpected_index_query"].AsString();
  return result;
}

}  // namespace andon::quality
