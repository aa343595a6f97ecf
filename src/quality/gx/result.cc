#include "quality/gx/result.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "quality/gx/version.h"

namespace andon::quality::gx {
namespace {

using Level = ResultFormat::Level;

// The reference shows no more values than that, even with kComplete, and counts those it has at
// hand: these with kComplete, else the first partial_unexpected_count. Places have no such bound.
constexpr int kValuesMax = 200;

constexpr char kRows[] = "unexpected_rows_expectation";
constexpr char kComparison[] = "expect_query_results_to_match_comparison";

// As the reference computes it, so that the last digit is the same.
Json Percent(int64_t part, int64_t whole) {
  return whole > 0 ? Json(double(part) / double(whole) * 100) : Json();
}

Json First(const std::vector<Json>& list, int n) {
  size_t count = std::min(list.size(), static_cast<size_t>(std::max(0, n)));
  return Json::List({list.begin(), list.begin() + static_cast<int64_t>(count)});
}

// The values of a row of several columns, without names.
Json Bare(const Json& value) {
  if (!value.is_object()) return value;
  Json list = Json::List();
  for (const auto& [name, item] : value.members()) list.Push(item);
  return list;
}

bool IsLess(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_integer() && b.is_integer()) return a.AsInteger() < b.AsInteger();
    return a.AsDouble() < b.AsDouble();
  }
  if (a.is_array() && b.is_array()) {
    return std::lexicographical_compare(a.items().begin(), a.items().end(), b.items().begin(),
                                        b.items().end(), IsLess);
  }
  if (a.is_bool() && b.is_bool()) return !a.AsBool() && b.AsBool();
  return a.AsString() < b.AsString();
}

// A decimal's text as the nearest number; everything else as it is.
Json ToNumber(const Json& value) {
  if (value.is_array()) {
    Json list = Json::List();
    for (const Json& item : value.items()) list.Push(ToNumber(item));
    return list;
  }
  if (!value.is_string()) return value;
  const std::string& text = value.AsString();
  double number = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool is_all = status == std::errc() && end == text.data() + text.size();
  return is_all && std::isfinite(number) ? Json(number) : value;
}

// Values of a check's columns with their decimals as numbers.
class Numbers {
 public:
  Numbers(const CheckSpec& check, const std::set<std::string>& number_columns)
      : columns_(number_columns) {
    for (const char* name : {"column_A", "column_B"}) {
      if (check.kwargs.Has(name)) pair_.push_back(check.kwargs[name].AsString());
    }
    is_number_ = columns_.contains(check.kwargs["column"].AsString());
  }

  Json Of(const Json& value) const {
    if (value.is_object()) {
      Json object = Json::Object();
      for (const auto& [name, item] : value.members())
        object.Set(name, columns_.contains(name) ? ToNumber(item) : item);
      return object;
    }
    if (value.is_array() && pair_.size() == value.size()) {
      Json list = Json::List();
      for (size_t i = 0; i < value.size(); i++)
        list.Push(columns_.contains(pair_[i]) ? ToNumber(value.items()[i]) : value.items()[i]);
      return list;
    }
    return is_number_ ? ToNumber(value) : value;
  }

  std::vector<Json> Of(const std::vector<Json>& values) const {
    std::vector<Json> out;
    for (const Json& value : values) out.push_back(Of(value));
    return out;
  }

  // Of an aggregate: also within {"quantiles": […], "values": […]}.
  Json Observed(const Json& value) const {
    if (!is_number_ || !value.is_object()) return Of(value);
    Json object = Json::Object();
    for (const auto& [name, item] : value.members()) object.Set(name, ToNumber(item));
    return object;
  }

 private:
  const std::set<std::string>& columns_;
  std::vector<std::string> pair_;
  bool is_number_ = false;
};

// The result as the reference would have its values.
CheckResult WithNumbers(const CheckSpec& check, CheckResult result, const ValidationMeta& meta) {
  Numbers numbers(check, meta.number_columns);
  result.observed_value = numbers.Observed(result.observed_value);
  for (std::vector<Json>* list :
       {&result.partial_unexpected_list, &result.unexpected_list, &result.unexpected_index_list,
        &result.partial_unexpected_index_list, &result.unexpected_rows})
    *list = numbers.Of(*list);
  return result;
}

// [{"value": v, "count": n}]: the most frequent, then by value.
Json CountValues(const std::vector<Json>& values, int most) {
  std::map<std::string, std::pair<Json, int64_t>> by_text;
  std::vector<std::string> order;
  for (const Json& value : values) {
    Json bare = Bare(value);
    std::string text = bare.Dump();
    auto [entry, is_new] = by_text.try_emplace(text, bare, 0);
    if (is_new) order.push_back(text);
    entry->second.second++;
  }
  std::vector<std::pair<Json, int64_t>> counts;
  for (const std::string& text : order) counts.push_back(by_text[text]);
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (counts.size() > static_cast<size_t>(std::max(0, most)))
    counts.resize(static_cast<size_t>(std::max(0, most)));
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : IsLess(a.first, b.first);
  });
  Json list = Json::List();
  for (auto& [value, count] : counts)
    list.Push(Json::Object({{"value", std::move(value)}, {"count", count}}));
  return list;
}

bool LooksAtNulls(const std::string& type) {
  return type == "expect_column_values_to_be_null" || type == "expect_column_values_to_not_be_null";
}

void AddQuery(const CheckResult& result, const ResultFormat& format, Json* json) {
  bool is_complete = format.level == Level::kComplete;
  if (result.unexpected_index_query.empty()) return;
  if (!format.return_unexpected_index_query.value_or(is_complete)) return;
  json->Set("unexpected_index_query", result.unexpected_index_query);
  if (!format.unexpected_index_column_names.empty() &&
      !json->Has("unexpected_index_column_names")) {
    Json names = Json::List();
    for (const std::string& name : format.unexpected_index_column_names) names.Push(name);
    json->Set("unexpected_index_column_names", std::move(names));
  }
}

// Of an expectation on rows: the reference's keys in its order.
class MapResult {
 public:
  MapResult(const std::string& type, const CheckResult& result, const ResultFormat& format,
            const ValidationMeta& meta)
      : type_(type), result_(result), format_(format), meta_(meta) {}

  Json Make() {
    AddCounts();
    if (format_.level != Level::kBasic) AddPartial();
    if (format_.level == Level::kComplete) AddWhole();
    AddQuery(result_, format_, &json_);
    return std::move(json_);
  }

 private:
  const std::vector<Json>& AllValues() const {
    return result_.unexpected_list.empty() ? result_.partial_unexpected_list
                                           : result_.unexpected_list;
  }
  int ValuesMax() const {
    if (format_.level == Level::kComplete) return kValuesMax;
    return std::min(kValuesMax, format_.partial_unexpected_count);
  }
  const std::vector<Json>& Indexes() const {
    return result_.unexpected_index_list.empty() ? result_.partial_unexpected_index_list
                                                 : result_.unexpected_index_list;
  }
  bool HasIndexes() const { return meta_.has_row_numbers || !Indexes().empty(); }

  void AddCounts() {
    int64_t rows = *result_.element_count, bad = result_.unexpected_count.value_or(0),
            missing = result_.missing_count.value_or(0);
    bool has_missing = !LooksAtNulls(type_) && result_.missing_count.has_value();
    Json of_filled = Percent(bad, has_missing ? rows - missing : rows);
    json_.Set("element_count", rows);
    json_.Set("unexpected_count", bad);
    json_.Set("unexpected_percent", of_filled);
    if (!format_.exclude_unexpected_values)
      json_.Set("partial_unexpected_list",
                First(AllValues(), std::min(kValuesMax, format_.partial_unexpected_count)));
    if (!format_.unexpected_index_column_names.empty()) {
      Json names = Json::List();
      for (const std::string& name : format_.unexpected_index_column_names) names.Push(name);
      json_.Set("unexpected_index_column_names", std::move(names));
    }
    if (has_missing) {
      json_.Set("missing_count", missing);
      json_.Set("missing_percent", Percent(missing, rows));
      json_.Set("unexpected_percent_total", Percent(bad, rows));
      json_.Set("unexpected_percent_nonmissing", of_filled);
    }
    if (format_.include_unexpected_rows)
      json_.Set("unexpected_rows",
                First(result_.unexpected_rows, format_.partial_unexpected_count));
  }

  void AddPartial() {
    if (format_.partial_unexpected_count <= 0) return;
    if (!format_.exclude_unexpected_values) {
      json_.Set("partial_unexpected_counts", CountValues(First(AllValues(), ValuesMax()).items(),
                                                         format_.partial_unexpected_count));
    }
    if (HasIndexes())
      json_.Set("partial_unexpected_index_list",
                First(Indexes(), format_.partial_unexpected_count));
  }

  void AddWhole() {
    if (!format_.exclude_unexpected_values)
      json_.Set("unexpected_list", First(AllValues(), kValuesMax));
    if (HasIndexes()) json_.Set("unexpected_index_list", Json::List(Indexes()));
  }

  const std::string& type_;
  const CheckResult& result_;
  const ResultFormat& format_;
  const ValidationMeta& meta_;
  Json json_ = Json::Object();
};

bool IsEmpty(const Json& details) {
  return details.is_null() || (details.is_object() && details.members().empty());
}

// Of sets of distinct values: as many as the reference shows, whatever the format's own number.
Json SetResult(const std::string& type, const CheckResult& result, const ResultFormat& format) {
  constexpr int kDistinctMax = 20;
  bool has_unexpected = !type.ends_with("contain_set");
  bool has_missing = !type.ends_with("be_in_set");
  Json json = Json::Object({{"observed_value", Json()}});
  if (has_unexpected) json.Set("unexpected_count", result.unexpected_count.value_or(0));
  if (has_missing) json.Set("missing_count", result.missing_count.value_or(0));
  if (format.partial_unexpected_count <= 0) return json;
  if (has_unexpected)
    json.Set("partial_unexpected_list", First(result.partial_unexpected_list, kDistinctMax));
  if (has_missing)
    json.Set("partial_missing_list",
             First(result.details["partial_missing_list"].items(), kDistinctMax));
  return json;
}

// Of statements: rows are shown with kComplete alone.
Json RowsResult(const std::string& type, const CheckResult& result, const ResultFormat& format) {
  Json json = Json::Object();
  bool is_comparison = type == kComparison;
  if (is_comparison) {
    json.Set("unexpected_count", result.unexpected_count.value_or(0));
    json.Set("unexpected_percent", result.unexpected_percent.value_or(0.0));
  } else {
    json.Set("observed_value", result.observed_value);
  }
  if (format.level != Level::kComplete) return json;
  Json details = Json::Object();
  if (is_comparison)
    details.Set("missing_rows", Json::List(result.details["missing_rows"].items()));
  details.Set("unexpected_rows", Json::List(result.details["unexpected_rows"].items()));
  json.Set("details", std::move(details));
  return json;
}

// Of an aggregate or the schema.
Json AggregateResult(const std::string& type, const CheckResult& result,
                     const ResultFormat& format) {
  if (type.starts_with("expect_column_distinct_values_to_")) return SetResult(type, result, format);
  if (type == kRows || type == kComparison) return RowsResult(type, result, format);
  Json json = Json::Object();
  if (type != "expect_column_to_exist") json.Set("observed_value", result.observed_value);
  if (!IsEmpty(result.details)) json.Set("details", result.details);
  return json;
}

Json ResultOf(const std::string& type, const CheckResult& result, const ResultFormat& format,
              const ValidationMeta& meta) {
  if (result.state == CheckState::kError) return Json::Object();
  if (format.level == Level::kBooleanOnly) {
    Json json = Json::Object();
    if (result.element_count && format.return_unexpected_index_query.value_or(false))
      AddQuery(result, format, &json);
    return json;
  }
  if (result.element_count) return MapResult(type, result, format, meta).Make();
  return AggregateResult(type, result, format);
}

Json ExceptionInfo(const CheckResult& result) {
  bool is_broken = result.state == CheckState::kError;
  return Json::Object({{"raised_exception", is_broken},
                       {"exception_traceback", is_broken ? Json(result.message) : Json()},
                       {"exception_message", is_broken ? Json(result.message) : Json()}});
}

// "2026-11-20T08:42:52.123456+00:00"
std::string IsoTime(Timestamp time) {
  std::string text = ToRfc3339(time);
  if (text.ends_with('Z')) text.pop_back();
  return text + "+00:00";
}

// "20261120T084252.123456Z"
std::string LoadTime(Timestamp time) {
  std::string text = ToRfc3339(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json MetaOf(const ValidationMeta& meta) {
  return Json::Object(
      {{"great_expectations_version", kVersion},
       {"batch_spec", Json::Object()},
       {"batch_markers", Json::Object({{"ge_load_time", LoadTime(meta.run_time)}})},
       {"active_batch_definition", Json::Object({{"datasource_name", meta.datasource_name},
                                                 {"data_connector_name", "fluent"},
                                                 {"data_asset_name", meta.data_asset_name},
                                                 {"batch_identifiers", meta.batch_identifiers}})},
       {"validation_id", TextOrNull(meta.validation_id)},
       {"checkpoint_id", TextOrNull(meta.checkpoint_id)},
       {"run_id", Json::Object({{"run_name", TextOrNull(meta.run_name)},
                                {"run_time", IsoTime(meta.run_time)}})},
       {"validation_time", IsoTime(meta.run_time)},
       {"batch_parameters", meta.batch_parameters}});
}

}  // namespace

Json ToJson(const SuiteExpectation& expectation, const CheckResult& result,
            const ResultFormat& format, const ValidationMeta& meta) {
  Json config = expectation.config;
  Json kwargs = config["kwargs"];
  if (!meta.batch_id.empty()) kwargs.Set("batch_id", meta.batch_id);
  config.Set("kwargs", std::move(kwargs));
  return Json::Object(
      {{"success", result.success()},
       {"expectation_config", std::move(config)},
       {"result", ResultOf(expectation.check.type, WithNumbers(expectation.check, result, meta),
                           format, meta)},
       {"meta", Json::Object()},
       {"exception_info", ExceptionInfo(result)}});
}

Json ToJson(const Suite& suite, const std::vector<CheckResult>& results, const ResultFormat& format,
            const ValidationMeta& meta) {
  Json list = Json::List();
  int64_t passed = 0;
  for (size_t i = 0; i < results.size(); i++) {
    list.Push(ToJson(suite.expectations[i], results[i], format, meta));
    passed += results[i].success() ? 1 : 0;
  }
  auto all = static_cast<int64_t>(results.size());
  Json parameters = Json::Object();
  for (const auto& [name, value] : meta.suite_parameters) parameters.Set(name, value);
  return Json::Object({{"success", passed == all},
                       {"results", std::move(list)},
                       {"suite_name", suite.name},
                       {"suite_parameters", std::move(parameters)},
                       {"statistics", Json::Object({{"evaluated_expectations", all},
                                                    {"successful_expectations", passed},
                                                    {"unsuccessful_expectations", all - passed},
                                                    {"success_percent", Percent(passed, all)}})},
                       {"meta", MetaOf(meta)},
                       {"id", Json()}});
}

Json ToCheckpointJson(const std::vector<Json>& validations) {
  Json list = Json::List();
  int64_t passed = 0;
  for (const Json& validation : validations) {
    passed += validation["success"].AsBool() ? 1 : 0;
    Json expectations = Json::List();
    for (const Json& result : validation["results"].items()) {
      Json one = Json::Object({{"expectation_type", result["expectation_config"]["type"]},
                               {"success", result["success"]},
                               {"kwargs", result["expectation_config"]["kwargs"]},
                               {"result", result["result"]}});
      if (result["exception_info"]["raised_exception"].AsBool())
        one.Set("exception_info", result["exception_info"]);
      expectations.Push(std::move(one));
    }
    list.Push(Json::Object({{"success", validation["success"]},
                            {"statistics", validation["statistics"]},
                            {"expectations", std::move(expectations)},
                            {"result_url", Json()}}));
  }
  auto all = static_cast<int64_t>(validations.size());
  return Json::Object({{"success", passed == all},
                       {"statistics", Json::Object({{"evaluated_validations", all},
                                                    {"success_percent", Percent(passed, all)},
                                                    {"successful_validations", passed},
                                                    {"unsuccessful_validations", all - passed}})},
                       {"validation_results", std::move(list)}});
}

}  // namespace andon::quality::gx
