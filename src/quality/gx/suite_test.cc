#include "quality/gx/suite.h"

#include <gtest/gtest.h>

#include "quality/gx/result.h"

namespace andon::quality::gx {
namespace {

std::string Messages(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    out += fmt::format("{} {} {}", ToString(d.subject), d.code, d.detail);
    if (!d.at_caret.empty()) out += " (" + d.at_caret + ")";
    out += "\n";
  }
  return out;
}

Suite Read(std::string_view text, std::string* messages = nullptr,
           std::map<std::string, Json> parameters = {}) {
  Diagnostics diagnostics;
  Suite suite = ReadSuite(text,
                          {.filename = "suite.json",
                           .parameters = std::move(parameters),
                           .now = *ParseTimestamp("2026-11-20T08:42:52Z")},
                          &diagnostics);
  if (messages)
    *messages = Messages(diagnostics);
  else
    EXPECT_EQ(Messages(diagnostics), "");
  return suite;
}

constexpr char kText[] = R"({
  "name": "payment", "id": "3f", "notes": "all of it",
  "meta": {"great_expectations_version": "1.2.0", "owner": "ana"},
  "expectations": [
    {"type": "expect_column_values_to_be_between", "id": "e1", "severity": "warning",
     "kwargs": {"column": "amount", "min_value": {"$PARAMETER": "lo"}, "max_value": null,
                "mostly": 0.9, "batch_id": "x", "result_format": "BASIC",
                "row_condition": "staff_id == 2", "condition_parser": "pandas"},
     "meta": {"k": [1]}, "notes": ["a", "b"]},
    {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "payment_id"}},
    {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "payment_id"}},
    {"type": "expect_table_row_count_to_be_between",
     "kwargs": {"min_value": {"$PARAMETER": "rows * 2"}}},
    {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a", "b"]}}
  ]
})";

TEST(Suite, ReadsWhatTheReferenceWrites) {
  Suite suite = Read(kText, nullptr, {{"lo", 1}, {"rows", 10}});
  ASSERT_EQ(suite.expectations.size(), 5u);
  const SuiteExpectation& between = suite.expectations[0];
  EXPECT_EQ(between.check.name, "amount.values_to_be_between");
  EXPECT_EQ(between.check.severity, CheckSeverity::kWarning);
  EXPECT_EQ(between.check.kwargs.Dump(),
            R"({"column":"amount","min_value":1,"mostly":0.9,"row_condition":"\"staff_id\" = 2"})");
  EXPECT_EQ(between.check.declared.start.line, 5);
  ASSERT_TRUE(between.result_format.has_value());
  EXPECT_EQ(between.result_format->level, ResultFormat::Level::kBasic);
  EXPECT_EQ(between.config["kwargs"]["min_value"], Json(1));
  EXPECT_EQ(suite.expectations[1].check.name, "payment_id.values_to_be_unique");
  EXPECT_EQ(suite.expectations[2].check.name, "payment_id.values_to_be_unique 2");
  EXPECT_EQ(suite.expectations[3].check.name, "table.row_count_to_be_between");
  EXPECT_EQ(suite.expectations[3].check.kwargs["min_value"], Json(20));
  EXPECT_EQ(suite.expectations[4].check.name, "a,b.to_be_unique");
}

TEST(Suite, IsWrittenAgainAsItWasRead) {
  Json json = ToJson(Read(kText, nullptr, {{"lo", 1}, {"rows", 10}}));
  Json original = *Json::Parse(kText);
  EXPECT_EQ(json["name"], original["name"]);
  EXPECT_EQ(json["id"], original["id"]);
  EXPECT_EQ(json["notes"], original["notes"]);
  EXPECT_EQ(json["meta"], original["meta"]);
  ASSERT_EQ(json["expectations"].items().size(), 5u);
  EXPECT_EQ(
      json["expectations"].items()[0].Dump(),
      R"({"type":"expect_column_values_to_be_between","kwargs":{"column":"amount",)"
      R"("min_value":{"$PARAMETER":"lo"},"max_value":null,"mostly":0.9,"batch_id":"x",)"
      R"("result_format":"BASIC","row_condition":"staff_id == 2","condition_parser":"pandas"},)"
      R"("meta":{"k":[1]},"id":"e1","severity":"warning","notes":["a","b"]})");
  EXPECT_EQ(json["expectations"].items()[1].Dump(),
            R"({"type":"expect_column_values_to_be_unique","kwargs":{"column":"payment_id"},)"
            R"("meta":{},"severity":"critical"})");
  std::string messages;
  EXPECT_EQ(ToJson(Read(json.Dump(), nullptr, {{"lo", 1}, {"rows", 10}})), json);
}

TEST(Suite, TellsMistakesAtTheirPlace) {
  std::string messages;
  Suite suite = Read(R"({"expectations": [
  {"type": "expect_column_values_to_be_betwen", "kwargs": {"column": "a"}},
  {"type": "expect_column_values_to_be_between", "severity": "warn",
   "kwargs": {"column": "é", "mosty": 0.5,
              "min_value": {"$PARAMETER": "low"}, "max_value": {"$PARAMETER": "1 +"}}},
  {"kwargs": {}}
]})",
                     &messages, {{"lo", 1}});
  EXPECT_EQ(messages,
            "suite.json:2:12 AN1601 There is no expectation \"expect_column_values_to_be_betwen\". "
            "(did you mean \"expect_column_values_to_be_between\"?)\n"
            "suite.json:5:28 AN1622 The suite takes a parameter \"low\", which was given no value. "
            "(did you mean \"lo\"?)\n"
            "suite.json:5:64 AN1623 \"1 +\": a number or a name is missing at position 4.\n"
            "suite.json:3:62 AN1604 \"severity\" must be \"critical\", \"warning\" or \"info\".\n"
            "suite.json:4:30 AN1602 expect_column_values_to_be_between has no parameter \"mosty\". "
            "(did you mean \"mostly\"?)\n"
            "suite.json:6:3 AN1621 Expectation 3 of the suite has no \"type\".\n");
}

TEST(Suite, TellsWhatIsNoSuite) {
  std::string messages;
  Read("{\"expectations\": [\n  {\"type\": }]}", &messages);
  EXPECT_TRUE(messages.starts_with("suite.json:2:12 AN1620 The suite is not a JSON document"))
      << messages;
  for (std::string_view text : {"[]", "{}", "{\"expectations\": {}}", "null", "3"}) {
    Read(text, &messages);
    EXPECT_EQ(messages,
              "suite.json:1:1 AN1621 A suite is an object with a list \"expectations\".\n")
        << text;
  }
  for (std::string_view text : {"", "\xff", "{\"expectations\": ["}) {
    Read(text, &messages);
    EXPECT_TRUE(messages.find("AN1620") != messages.npos) << text;
  }
  Read(R"({"expectations": [null, 3, "x", [], {"type": 5}]})", &messages);
  EXPECT_EQ(std::count(messages.begin(), messages.end(), '\n'), 5) << messages;
}

TEST(Suite, WhatOnlyBreaksItsOwnExpectationIsNoMistakeOfTheSuite) {
  Suite suite = Read(R"({"expectations": [
    {"type": "expect_column_values_to_be_unique",
     "kwargs": {"column": "a", "row_condition": "b ==", "condition_parser": "pandas"}},
    {"type": "expect_column_values_to_be_unique",
     "kwargs": {"column": "a", "row_condition": "b == 1", "condition_parser": "bad"}},
    {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a", "result_format": "ALL"}},
    {"type": "expect_column_values_to_be_unique",
     "kwargs": {"column": "a", "row_condition": "nope == 1"}}
  ]})");
  EXPECT_EQ(suite.expectations[0].broken, "row_condition: it ends too early.");
  EXPECT_EQ(suite.expectations[1].broken,
            "row_condition: there is no condition_parser \"bad\": write pandas, spark or "
            "great_expectations.");
  EXPECT_TRUE(suite.expectations[2].broken.starts_with("There is no result format \"ALL\""));
  EXPECT_EQ(suite.expectations[3].broken, "");
  Bind(&suite, {.columns = {{"a", "long", "BIGINT"}}});
  EXPECT_EQ(suite.expectations[3].broken, "row_condition: there is no column \"nope\".");
}

TEST(Suite, ReadsPythonsNumbers) {
  Suite suite = Read(R"({"expectations": [{"type": "expect_column_kl_divergence_to_be_less_than",
    "kwargs": {"column": "a", "threshold": 0.1,
               "partition_object": {"bins": [-Infinity, 0, Infinity], "weights": [0.5, 0.5]}}}]})");
  ASSERT_EQ(suite.expectations.size(), 1u);
  EXPECT_EQ(ToJson(suite)["expectations"].items()[0]["kwargs"]["partition_object"].DumpPython(),
            R"({"bins":[-Infinity,0,Infinity],"weights":[0.5,0.5]})");
}

TEST(ResultFormat, IsAWordOrAnObject) {
  auto read = [](std::string_view text) {
    Result<ResultFormat> format = ParseResultFormat(text);
    if (!format.ok()) return format.error().message;
    return fmt::format("{} {} {} {} {}", static_cast<int>(format->level),
                       format->partial_unexpected_count,
                       format->unexpected_index_column_names.size(),
                       format->include_unexpected_rows, format->exclude_unexpected_values);
  };
  EXPECT_EQ(read("BASIC"), "1 20 0 false false");
  EXPECT_EQ(read(R"({"result_format": "COMPLETE", "partial_unexpected_count": 3,
                     "unexpected_index_column_names": ["id"], "include_unexpected_rows": true})"),
            "3 3 1 true false");
  EXPECT_EQ(read("COMPLET"), "There is no result format \"COMPLET\"; did you mean COMPLETE?");
  EXPECT_EQ(read(R"({"result_format": "BASIC", "include_unexpected_row": true})"),
            "A result format has no \"include_unexpected_row\"; did you mean "
            "\"include_unexpected_rows\"?");
  EXPECT_EQ(read(R"({"partial_unexpected_count": 3})"),
            "A result format is a word, or an object with \"result_format\".");
  EXPECT_EQ(read(R"({"result_format": "BASIC", "partial_unexpected_count": -1})"),
            "\"partial_unexpected_count\" is a whole number from 0 to 1000000, not -1.");
}

// --- Results.

SuiteExpectation Expectation(const std::string& type) {
  SuiteExpectation e;
  e.check.type = type;
  e.config = Json::Object({{"type", type},
                           {"kwargs", Json::Object({{"column", "a"}})},
                           {"meta", Json::Object()},
                           {"severity", "critical"}});
  return e;
}

std::vector<std::string> Keys(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.members()) keys.push_back(key);
  return keys;
}

CheckResult BadRows() {
  CheckResult result;
  result.state = CheckState::kFailed;
  result.element_count = 6;
  result.missing_count = 1;
  result.unexpected_count = 4;
  result.unexpected_list = {4, 4, 5, 100};
  result.unexpected_index_list = {1, 2, 3, 4};
  result.unexpected_index_query = "SELECT 1";
  return result;
}

TEST(GxResult, EachFormatHasTheReferencesKeys) {
  SuiteExpectation e = Expectation("expect_column_values_to_be_between");
  CheckResult result = BadRows();
  ResultFormat format;
  auto keys = [&] { return Keys(ToJson(e, result, format, {})["result"]); };
  using Level = ResultFormat::Level;
  using List = std::vector<std::string>;
  format.level = Level::kBooleanOnly;
  EXPECT_EQ(keys(), List());
  format.level = Level::kBasic;
  List basic = {"element_count",
                "unexpected_count",
                "unexpected_percent",
                "partial_unexpected_list",
                "missing_count",
                "missing_percent",
                "unexpected_percent_total",
                "unexpected_percent_nonmissing"};
  EXPECT_EQ(keys(), basic);
  format.level = Level::kSummary;
  List summary = basic;
  summary.insert(summary.end(), {"partial_unexpected_counts", "partial_unexpected_index_list"});
  EXPECT_EQ(keys(), summary);
  format.level = Level::kComplete;
  List complete = summary;
  complete.insert(complete.end(),
                  {"unexpected_list", "unexpected_index_list", "unexpected_index_query"});
  EXPECT_EQ(keys(), complete);
  format.exclude_unexpected_values = true;
  format.return_unexpected_index_query = false;
  List without = complete;
  for (const char* key : {"partial_unexpected_list", "partial_unexpected_counts", "unexpected_list",
                          "unexpected_index_query"})
    std::erase(without, key);
  EXPECT_EQ(keys(), without);
  format = {.level = Level::kBooleanOnly, .return_unexpected_index_query = true};
  EXPECT_EQ(keys(), List({"unexpected_index_query"}));
  format = {.level = Level::kBasic, .partial_unexpected_count = 1, .include_unexpected_rows = true};
  EXPECT_EQ(ToJson(e, result, format, {})["result"]["partial_unexpected_list"].Dump(), "[4]");
  EXPECT_TRUE(ToJson(e, result, format, {})["result"].Has("unexpected_rows"));
}

TEST(GxResult, NumbersAreTheReferences) {
  ResultFormat format;
  Json json = ToJson(Expectation("expect_column_values_to_be_between"), BadRows(), format,
                     {.batch_id = "p-payment"});
  EXPECT_EQ(json["result"].Dump(),
            R"({"element_count":6,"unexpected_count":4,"unexpected_percent":80.0,)"
            R"("partial_unexpected_list":[4,4,5,100],"missing_count":1,)"
            R"("missing_percent":16.666666666666664,"unexpected_percent_total":66.66666666666666,)"
            R"("unexpected_percent_nonmissing":80.0,)"
            R"("partial_unexpected_counts":[{"value":4,"count":2},{"value":5,"count":1},)"
            R"({"value":100,"count":1}],"partial_unexpected_index_list":[1,2,3,4]})");
  EXPECT_EQ(json["expectation_config"].Dump(),
            R"({"type":"expect_column_values_to_be_between",)"
            R"("kwargs":{"column":"a","batch_id":"p-payment"},"meta":{},"severity":"critical"})");
  EXPECT_EQ(json["exception_info"].Dump(),
            R"({"raised_exception":false,"exception_traceback":null,"exception_message":null})");
}

TEST(GxResult, ListsEndWhereTheReferencesDo) {
  CheckResult result = BadRows();
  result.unexpected_list.clear();
  result.unexpected_index_list.clear();
  for (int i = 0; i < 500; i++) {
    result.unexpected_list.push_back(i % 250);
    result.unexpected_index_list.push_back(i);
  }
  SuiteExpectation e = Expectation("expect_column_values_to_be_between");
  Json complete = ToJson(e, result, {.level = ResultFormat::Level::kComplete}, {})["result"];
  EXPECT_EQ(complete["unexpected_list"].size(), 200u);
  EXPECT_EQ(complete["unexpected_index_list"].size(), 500u);
  EXPECT_EQ(complete["partial_unexpected_list"].size(), 20u);
  EXPECT_EQ(complete["partial_unexpected_counts"].items()[0].Dump(), R"({"value":0,"count":1})");
}

TEST(GxResult, ChecksOnNullsHaveNoMissing) {
  CheckResult result = BadRows();
  result.unexpected_list = {Json(), Json(), Json(), Json()};
  Json json = ToJson(Expectation("expect_column_values_to_not_be_null"), result, {}, {});
  EXPECT_FALSE(json["result"].Has("missing_count"));
  EXPECT_EQ(json["result"]["unexpected_percent"].Dump(), "66.66666666666666");
  EXPECT_EQ(json["result"]["partial_unexpected_counts"].Dump(), R"([{"value":null,"count":4}])");
}

TEST(GxResult, NothingToDivideByIsNull) {
  CheckResult result;
  result.element_count = 0;
  result.missing_count = 0;
  result.unexpected_count = 0;
  Json json = ToJson(Expectation("expect_column_values_to_be_between"), result, {}, {});
  EXPECT_TRUE(json["result"]["unexpected_percent"].is_null());
  EXPECT_TRUE(json["result"]["missing_percent"].is_null());
  EXPECT_EQ(json["result"]["partial_unexpected_index_list"].Dump(), "[]");
  json = ToJson(Expectation("expect_column_values_to_be_between"), result, {},
                {.has_row_numbers = false});
  EXPECT_FALSE(json["result"].Has("partial_unexpected_index_list"));
}

TEST(GxResult, Aggregates) {
  CheckResult result;
  result.observed_value = 5.0;
  EXPECT_EQ(ToJson(Expectation("expect_column_max_to_be_between"), result, {}, {})["result"].Dump(),
            R"({"observed_value":5.0})");
  EXPECT_EQ(ToJson(Expectation("expect_column_to_exist"), {}, {}, {})["result"].Dump(), "{}");
  result = {};
  result.unexpected_count = 1;
  result.missing_count = 1;
  result.partial_unexpected_list = {"x"};
  result.details = Json::Object({{"partial_missing_list", Json::List({"y"})}});
  EXPECT_EQ(
      ToJson(Expectation("expect_column_distinct_values_to_equal_set"), result, {}, {})["result"]
          .Dump(),
      R"({"observed_value":null,"unexpected_count":1,"missing_count":1,)"
      R"("partial_unexpected_list":["x"],"partial_missing_list":["y"]})");
}

TEST(GxResult, RowsOfAStatementAreShownWithCompleteAlone) {
  CheckResult result;
  result.state = CheckState::kFailed;
  result.observed_value = 1;
  result.unexpected_count = 1;
  result.details = Json::Object({{"unexpected_rows", Json::List({Json::Object({{"a", 1}})})}});
  SuiteExpectation e = Expectation("unexpected_rows_expectation");
  EXPECT_EQ(ToJson(e, result, {}, {})["result"].Dump(), R"({"observed_value":1})");
  ResultFormat complete{.level = ResultFormat::Level::kComplete};
  EXPECT_EQ(ToJson(e, result, complete, {})["result"].Dump(),
            R"({"observed_value":1,"details":{"unexpected_rows":[{"a":1}]}})");
  EXPECT_EQ(ToJson(e, {}, complete, {})["result"].Dump(),
            R"({"observed_value":null,"details":{"unexpected_rows":[]}})");
}

TEST(GxResult, DecimalsAreTheReferencesNumbers) {
  CheckResult result = BadRows();
  result.unexpected_list = {"-2.99", "7"};
  result.unexpected_index_list = {Json::Object({{"a", "-2.99"}, {"s", "1.5"}})};
  SuiteExpectation e = Expectation("expect_column_values_to_be_between");
  e.check.kwargs = Json::Object({{"column", "a"}});
  ValidationMeta meta{.number_columns = {"a"}};
  Json json = ToJson(e, result, {.level = ResultFormat::Level::kComplete}, meta)["result"];
  EXPECT_EQ(json["unexpected_list"].Dump(), "[-2.99,7.0]");
  EXPECT_EQ(json["unexpected_index_list"].Dump(), R"([{"a":-2.99,"s":"1.5"}])");
  e.check.kwargs = Json::Object({{"column", "s"}});
  EXPECT_EQ(ToJson(e, result, {.level = ResultFormat::Level::kComplete},
                   meta)["result"]["unexpected_list"]
                .Dump(),
            R"(["-2.99","7"])");
  e.check.kwargs = Json::Object({{"column_A", "s"}, {"column_B", "a"}});
  result.unexpected_list = {Json::List({"1", "2"})};
  EXPECT_EQ(ToJson(e, result, {}, meta)["result"]["partial_unexpected_list"].Dump(),
            R"([["1",2.0]])");
}

TEST(GxResult, ABrokenCheckIsAnExceptionAndLosesNothing) {
  Suite suite;
  suite.name = "s";
  suite.expectations = {Expectation("expect_column_max_to_be_between"),
                        Expectation("expect_column_max_to_be_between")};
  std::vector<CheckResult> results(2);
  results[1].state = CheckState::kError;
  results[1].message = "There is no column \"a\".";
  Json json = ToJson(suite, results, {}, {.run_time = *ParseTimestamp("2026-11-20T08:42:52Z")});
  EXPECT_EQ(json["success"], Json(false));
  EXPECT_EQ(json["statistics"].Dump(), R"({"evaluated_expectations":2,"successful_expectations":1,)"
                                       R"("unsuccessful_expectations":1,"success_percent":50.0})");
  EXPECT_EQ(json["results"].items()[1]["result"].Dump(), "{}");
  EXPECT_EQ(json["results"].items()[1]["exception_info"]["exception_message"].AsString(),
            "There is no column \"a\".");
  EXPECT_EQ(Keys(json), std::vector<std::string>({"success", "results", "suite_name",
                                                  "suite_parameters", "statistics", "meta", "id"}));
  EXPECT_EQ(json["meta"]["run_id"]["run_time"].AsString(), "2026-11-20T08:42:52+00:00");
  EXPECT_EQ(json["meta"]["batch_markers"]["ge_load_time"].AsString(), "20261120T084252Z");
  EXPECT_TRUE(ToJson(Suite{}, {}, {}, {})["statistics"]["success_percent"].is_null());
  Json checkpoint = ToCheckpointJson({json});
  EXPECT_EQ(checkpoint["statistics"].Dump(),
            R"({"evaluated_validations":1,"success_percent":0.0,"successful_validations":0,)"
            R"("unsuccessful_validations":1})");
}

}  // namespace
}  // namespace andon::quality::gx
