#include "contract/checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "contract/lint.h"
#include "contract/needs.h"
#include "yaml/json.h"

namespace andon::contract {
namespace {

Document Read(std::string_view text) {
  auto json = yaml::ParseJson(text);
  EXPECT_TRUE(json.ok()) << (json.ok() ? "" : json.error().message) << text;
  return DocumentOf(json.ok() ? *std::move(json) : Json::Object());
}

// A table "t" with a column "c" that has these lines.
Document Column(const std::string& lines) {
  std::string text = "version: 1.0.0\nschema:\n  - name: t\n    properties:\n      - name: c\n";
  std::string line;
  for (char ch : lines) {
    line += ch;
    if (ch != '\n') continue;
    text += "        " + line;
    line.clear();
  }
  return Read(text);
}

std::string Told(const Document& d) {
  std::string out;
  DerivedChecks derived = ChecksOf(d.tables[0]);
  for (const DerivedCheck& c : derived.checks)
    out += fmt::format("{} {} {}{}\n", c.check.name, c.check.type, c.check.kwargs.Dump(),
                       c.check.severity == "critical" ? "" : " " + c.check.severity);
  for (const UnprovenRule& rule : derived.unproven)
    out += fmt::format("not {}: {}\n", rule.name, rule.why);
  return out;
}

TEST(DerivedChecks, EachPromiseAboutAColumn) {
  const struct {
    const char* lines;
    const char* told;
  } cases[] = {
      {"required: true\nunique: true\n",
       "c.required expect_column_values_to_not_be_null {\"column\":\"c\"}\n"
       "c.unique expect_column_values_to_be_unique {\"column\":\"c\"}\n"},
      {"primaryKey: true\n",
       "c.required expect_column_values_to_not_be_null {\"column\":\"c\"}\n"
       "c.unique expect_column_values_to_be_unique {\"column\":\"c\"}\n"},
      {"logicalTypeOptions: {minimum: 0, exclusiveMaximum: 12}\n",
       "c.range expect_column_values_to_be_between "
       "{\"column\":\"c\",\"min_value\":0,\"max_value\":12,\"strict_max\":true}\n"},
      {"logicalTypeOptions: {minimum: 0, exclusiveMinimum: true}\n",
       "c.range expect_column_values_to_be_between "
       "{\"column\":\"c\",\"min_value\":0,\"strict_min\":true}\n"},
      {"logicalTypeOptions: {minLength: 2, pattern: '^x'}\n",
       "c.length expect_column_value_lengths_to_be_between {\"column\":\"c\",\"min_value\":2}\n"
       "c.pattern expect_column_values_to_match_regex {\"column\":\"c\",\"regex\":\"^x\"}\n"},
      {"relationships:\n  - to: customer.id\n",
       "c.references expect_column_values_to_exist_in_table "
       "{\"column\":\"c\",\"other_table_name\":\"customer\",\"other_column\":\"id\"}\n"},
      {"quality:\n  - metric: nullValues\n    mustBe: 0\n    severity: warning\n",
       "c.nullValues expect_column_values_to_not_be_null {\"column\":\"c\"} warning\n"},
      {"quality:\n  - metric: nullValues\n    mustBeLessOrEqualTo: 5\n    unit: percent\n",
       "c.nullValues expect_column_values_to_not_be_null {\"column\":\"c\",\"mostly\":0.95}\n"},
      {"quality:\n  - metric: nullValues\n    mustBeLessThan: 5\n",
       "c.nullValues unexpected_rows_expectation {\"unexpected_rows_query\":\"SELECT v FROM "
       "(SELECT "
       "count(CASE WHEN \\\"c\\\" IS NULL THEN 1 END) AS v FROM {batch}) AS result WHERE v >= "
       "5\"}\n"},
      {"quality:\n  - metric: invalidValues\n    arguments: {validValues: [a, b]}\n    mustBe: 0\n",
       "c.invalidValues expect_column_values_to_be_in_set "
       "{\"column\":\"c\",\"value_set\":[\"a\",\"b\"]}\n"},
      {"quality:\n  - metric: duplicateValues\n    mustBe: 0\n    name: once\n",
       "once expect_column_values_to_be_unique {\"column\":\"c\"}\n"},
      {"quality:\n  - metric: missingValues\n    arguments: {missingValues: [null, '', N/A]}\n    "
       "mustBe: 0\n",
       "c.missingValues unexpected_rows_expectation {\"unexpected_rows_query\":\"SELECT * FROM "
       "{batch} WHERE (\\\"c\\\" IS NULL OR CAST(\\\"c\\\" AS VARCHAR) IN ('', 'N/A'))\"}\n"},
      {"quality:\n  - type: sql\n    query: SELECT MAX(${property}) FROM ${object};\n    "
       "mustBeBetween: [1, 5]\n",
       "c.sql unexpected_rows_expectation {\"unexpected_rows_query\":\"SELECT v FROM (SELECT "
       "(SELECT "
       "MAX(\\\"c\\\") FROM {batch}) AS v) AS result WHERE v IS NULL OR NOT (v BETWEEN 1 AND "
       "5)\"}\n"},
      {"quality:\n  - type: custom\n    engine: greatExpectations\n    implementation:\n      "
       "type: "
       "expect_column_values_to_be_in_set\n      kwargs: {value_set: [1]}\n",
       "c.custom expect_column_values_to_be_in_set {\"value_set\":[1],\"column\":\"c\"}\n"},
      {"quality:\n  - type: custom\n    engine: soda\n    implementation: x\n  - type: text\n    "
       "description: nice\n",
       "not c.custom: it is soda's\nnot c.text: it is said for people\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(Told(Column(c.lines)), c.told) << c.lines;
}

TEST(DerivedChecks, PromisesAboutTheTable) {
  Document d = Read(R"(
schema:
  - name: t
    properties:
      - {name: b, primaryKey: true, primaryKeyPosition: 2}
      - {name: a, primaryKey: true, primaryKeyPosition: 1}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 5}
      - {metric: rowCount, mustBe: 7, name: seven}
      - {metric: duplicateValues, arguments: {properties: [a, b]}, mustBeLessThan: 1, unit: percent}
)");
  EXPECT_EQ(
      Told(d),
      "b.required expect_column_values_to_not_be_null {\"column\":\"b\"}\n"
      "a.required expect_column_values_to_not_be_null {\"column\":\"a\"}\n"
      "primary_key expect_compound_columns_to_be_unique {\"column_list\":[\"a\",\"b\"]}\n"
      "rowCount expect_table_row_count_to_be_between {\"min_value\":5,\"strict_min\":true}\n"
      "seven expect_table_row_count_to_equal {\"value\":7}\n"
      "duplicateValues unexpected_rows_expectation {\"unexpected_rows_query\":\"SELECT v FROM "
      "(SELECT 100.0 * COALESCE(SUM(n - 1), 0) / NULLIF(SUM(n), 0) AS v FROM (SELECT count(*) "
      "AS n FROM {batch} GROUP BY \\\"a\\\", \\\"b\\\") AS groups) AS result WHERE v >= 1\"}\n");
}

TEST(DerivedChecks, ADeclaredCheckIsARuleAndBack) {
  const definition::Check checks[] = {
      {.name = "a",
       .type = "expect_column_values_to_not_be_null",
       .kwargs = Json::Object({{"column", "c"}, {"mostly", 0.95}})},
      {.name = "b",
       .type = "expect_column_values_to_be_in_set",
       .kwargs = Json::Object({{"column", "c"}, {"value_set", Json::List({1, 2})}}),
       .severity = "warning"},
      {.name = "d",
       .type = "expect_column_values_to_be_between",
       .kwargs = Json::Object({{"column", "c"}, {"min_value", 0}, {"row_condition", "x > 1"}}),
       .severity = "info"},
      {.name = "e",
       .type = "expect_table_row_count_to_equal",
       .kwargs = Json::Object({{"value", 3}})},
      {.name = "f",
       .type = "expect_column_values_to_match_regex",
       .kwargs = Json::Object({{"column", "c"}, {"regex", "^a"}})},
  };
  for (definition::Check check : checks) {
    if (check.severity.empty()) check.severity = "critical";
    std::string column;
    Json rule = RuleOf(check, &column);
    Json property = Json::Object({{"name", "c"}, {"logicalType", "string"}});
    Json table = Json::Object({{"name", "t"}});
    if (!column.empty()) property.Set("quality", Json::List({rule}));
    if (column.empty()) table.Set("quality", Json::List({rule}));
    table.Set("properties", Json::List({property}));
    DerivedChecks derived =
        ChecksOf(DocumentOf(Json::Object({{"schema", Json::List({table})}})).tables[0]);
    ASSERT_EQ(derived.checks.size(), 1u) << rule.Dump();
    EXPECT_EQ(derived.checks[0].check.name, check.name);
    EXPECT_EQ(derived.checks[0].check.type, check.type);
    EXPECT_EQ(derived.checks[0].check.kwargs, check.kwargs);
    EXPECT_EQ(derived.checks[0].check.severity, check.severity);
  }
}

TEST(Lint, WhatTheSchemaCannotSee) {
  const struct {
    const char* text;
    const char* told;
  } cases[] = {
      {"version: one\n", "E /version \"one\" is no version: write one like 1.0.0.\n"},
      {"version: 1.0.0\nschema:\n  - name: t\n    properties:\n      - {name: a, logicalType: "
       "string}\n"
       "      - {name: a, logicalType: string}\n",
       "E /schema/0/properties/1/name There are two columns \"a\".\n"},
      {"version: 1.0.0\nschema:\n  - name: t\n    properties:\n      - {name: a, logicalType: "
       "integer, logicalTypeOptions: {minimum: 5, maximum: 1}}\n",
       "E /schema/0/properties/0/logicalTypeOptions/minimum \"a\" can have no value: minimum 5 is "
       "more than maximum 1.\n"},
      {"version: 1.0.0\nschema:\n  - name: t\n    properties:\n      - {name: a, logicalType: "
       "integer, relationships: [{to: t.aa}]}\n",
       "E /schema/0/properties/0/relationships/0/to It leads to \"t.aa\", and t has no such "
       "column; "
       "did you mean \"a\"?\n"},
      {"version: 1.0.0\nschema:\n  - name: t\n    properties:\n      - {name: a, logicalType: "
       "string, "
       "logicalTypeOptions: {pattern: '('}}\n",
       "E /schema/0/properties/0/logicalTypeOptions/pattern The pattern \"(\" cannot be checked: "
       "missing ): (.\n"},
      {"version: 1.0.0\nschema:\n  - name: t\n    properties:\n      - {name: a, physicalType: "
       "geometry}\n      - {name: b}\n",
       "W /schema/0/properties/0/physicalType The type \"geometry\" is not known, and is not "
       "checked.\nW /schema/0/properties/1 The column \"b\" has no type.\n"},
      {"version: 1.0.0\nstatus: deprecated\nslaProperties:\n  - {property: latency, value: 4}\n",
       "W /slaProperties/0 latency is a duration: give it a unit, such as h or d.\nW /status It is "
       "deprecated and does not say until when: add the SLA property endOfLife.\n"},
      {"version: 1.0.0\ncustomProperties:\n  - property: needs\n    value:\n      - {who: finance, "
       "latency: soon}\n",
       "E /customProperties/0/value/0 A need says which decision is made by the data.\nW "
       "/customProperties/0/value/0 Nobody has confirmed the need of finance.\nE "
       "/customProperties/0/value/0/latency The latency \"soon\" is no duration: write one like "
       "1h.\n"},
  };
  for (const auto& c : cases) {
    std::string told;
    for (const Finding& f : Lint(Read(c.text)))
      told += fmt::format("{} {} {}\n", f.is_error ? "E" : "W", f.path, f.message);
    EXPECT_EQ(told, c.told) << c.text;
  }
}

TEST(Needs, ChecksAndServiceLevelsProveThem) {
  Document d = Read(R"(
slaProperties:
  - {property: freshness, value: 1, unit: h}
customProperties:
  - property: needs
    value:
      - {who: finance, decision: close the day, latency: 2h, columns: [amount], confirmedBy: ana}
      - {who: support, decision: refund, latency: 10m, checks: [known, gone]}
      - {who: audit, decision: sample, columns: [nothing]}
)");
  std::vector<CheckOfColumns> checks = {{"amount.required", {"amount"}},
                                        {"in_range", {"amount", "currency"}},
                                        {"known", {"customer_id"}},
                                        {"other", {"staff_id"}}};
  NeedsReport report = ReportNeeds(d, checks);
  ASSERT_EQ(report.needs.size(), 3u);
  EXPECT_EQ(report.needs[0].checks, (std::vector<std::string>{"amount.required", "in_range"}));
  EXPECT_TRUE(report.needs[0].is_proven());
  EXPECT_TRUE(report.needs[0].is_confirmed);
  EXPECT_EQ(report.needs[0].service_level, "freshness 1h");
  EXPECT_EQ(report.needs[1].checks, (std::vector<std::string>{"known"}));
  EXPECT_EQ(report.needs[1].checks_unknown, (std::vector<std::string>{"gone"}));
  EXPECT_EQ(report.needs[1].service_level, "freshness 1h, more than 10m");
  EXPECT_FALSE(report.needs[1].is_proven());
  EXPECT_FALSE(report.needs[2].is_proven());
  EXPECT_EQ(report.checks_without_need, (std::vector<std::string>{"other"}));
}

}  // namespace
}  // namespace andon::contract
