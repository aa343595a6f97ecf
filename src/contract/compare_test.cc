#include "contract/compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "yaml/json.h"

namespace andon::contract {
namespace {

constexpr std::string_view kContract = R"(
apiVersion: v3.1.0
kind: DataContract
id: payment
name: payment
version: 1.2.3
status: active
servers:
  - server: prod
    type: postgres
    host: db1
slaProperties:
  - property: latency
    value: 4
    unit: h
  - property: availability
    value: 99.9
    unit: "%"
customProperties:
  - property: noticePeriod
    value: 90d
schema:
  - name: payment
    description: Payments
    properties:
      - name: payment_id
        physicalType: BIGINT
        logicalType: integer
        primaryKey: true
        required: true
      - name: amount
        physicalType: DECIMAL(5,2)
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0, maximum: 12}
        customProperties:
          - property: unit
            value: USD
      - name: method
        logicalType: string
        physicalType: VARCHAR(10)
        logicalTypeOptions: {pattern: "^[a-z]+$"}
        quality:
          - type: library
            metric: invalidValues
            arguments: {validValues: [cash, card]}
            mustBe: 0
      - name: customer_id
        physicalType: INT
        logicalType: integer
        unique: true
        relationships:
          - to: customer.customer_id
    quality:
      - name: enough
        type: library
        metric: rowCount
        mustBeGreaterThan: 100
      - name: fresh
        type: sql
        query: select 1
        mustBe: 1
        severity: warning
)";

Document Read(std::string text) {
  auto json = yaml::ParseJson(text);
  EXPECT_TRUE(json.ok()) << text;
  return DocumentOf(json.ok() ? *std::move(json) : Json::Object());
}

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kContract);
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

// "kind path direction[!] demands", where ! says breaking.
std::string Told(const Comparison& c) {
  std::string out;
  for (const Change& change : c.changes)
    out += fmt::format("{} {} {}{} {}\n", change.kind, change.path, ToString(change.direction),
                       change.is_breaking ? "!" : "", ToString(change.demands));
  return out;
}

TEST(Compare, EachKindOfChange) {
  const struct {
    const char* from;
    const char* to;
    const char* told;
  } cases[] = {
      {"x: 1", "", ""},
      // Columns.
      {"      - name: customer_id\n        physicalType: INT\n        logicalType: integer\n"
       "        unique: true\n        relationships:\n          - to: customer.customer_id\n",
       "", "column_removed payment.customer_id loosens! major\n"},
      {"- name: amount", "- name: payment_amount",
       "column_renamed payment.amount loosens! major\n"},
      {"    quality:\n      - name: enough",
       "      - name: currency\n        logicalType: string\n    quality:\n      - name: enough",
       "column_added payment.currency neutral minor\n"},
      // Types.
      {"DECIMAL(5,2)", "DECIMAL(9,2)", "type_widened payment.amount loosens minor\n"},
      {"DECIMAL(5,2)", "DECIMAL(4,2)", "type_narrowed payment.amount tightens! major\n"},
      {"DECIMAL(5,2)", "TEXT", "type_changed payment.amount loosens! major\n"},
      {"physicalType: INT\n", "physicalType: INTEGER\n", ""},
      {"VARCHAR(10)", "VARCHAR(20)", "length_widened payment.method loosens minor\n"},
      {"VARCHAR(10)", "VARCHAR(5)", "length_narrowed payment.method tightens minor\n"},
      // Promises about values.
      {"required: true\n        logicalTypeOptions", "logicalTypeOptions",
       "required_dropped payment.amount loosens! major\n"},
      {"unique: true", "required: true",
       "required_added payment.customer_id tightens minor\nunique_dropped payment.customer_id "
       "loosens! major\n"},
      {"minimum: 0", "minimum: -5", "minimum_loosened payment.amount loosens! major\n"},
      {"minimum: 0", "minimum: 1", "minimum_tightened payment.amount tightens minor\n"},
      {"maximum: 12", "maximum: 20", "maximum_loosened payment.amount loosens! major\n"},
      {"maximum: 12", "maximum: 10", "maximum_tightened payment.amount tightens minor\n"},
      {", maximum: 12", "", "maximum_loosened payment.amount loosens! major\n"},
      {"^[a-z]+$", "^[a-z ]+$", "pattern_changed payment.method loosens! major\n"},
      {"value: USD", "value: cents", "unit_changed payment.amount loosens! major\n"},
      {"primaryKey: true", "unique: true",
       "unique_added payment.payment_id tightens minor\nprimary_key_dropped payment loosens! "
       "major\n"},
      {"        relationships:\n          - to: customer.customer_id\n", "",
       "reference_dropped payment.customer_id loosens! major\n"},
      // Rules.
      {"[cash, card]", "[cash, card, crypto]", "rule_loosened payment.method loosens! major\n"},
      {"[cash, card]", "[cash]", "rule_tightened payment.method tightens minor\n"},
      {"[cash, card]", "[cash, cheque]", "rule_changed payment.method loosens! major\n"},
      {"mustBeGreaterThan: 100", "mustBeGreaterThan: 10", "rule_loosened payment loosens! major\n"},
      {"mustBeGreaterThan: 100", "mustBeBetween: [200, 300]",
       "rule_tightened payment tightens minor\n"},
      {"mustBeGreaterThan: 100", "mustBeLessThan: 5", "rule_changed payment loosens! major\n"},
      {"metric: rowCount\n        mustBeGreaterThan: 100\n",
       "metric: rowCount\n        mustBeGreaterThan: 100\n        severity: info\n",
       "rule_loosened payment loosens! major\n"},
      {"      - name: fresh\n        type: sql\n        query: select 1\n        mustBe: 1\n"
       "        severity: warning\n",
       "", "rule_removed payment loosens minor\n"},
      {"- name: fresh", "- name: newer",
       "rule_added payment tightens minor\nrule_removed payment loosens minor\n"},
      // Words.
      {"description: Payments", "description: All payments",
       "description_changed payment neutral patch\n"},
      // Terms.
      {"value: 4\n", "value: 5\n", "sla_loosened sla.latency loosens! major\n"},
      {"value: 4\n    unit: h", "value: 30\n    unit: minutes",
       "sla_tightened sla.latency tightens minor\n"},
      {"value: 4\n    unit: h", "value: 240\n    unit: min", ""},
      {"value: 99.9\n", "value: 99\n", "sla_loosened sla.availability loosens! major\n"},
      {"property: latency", "property: throughput",
       "sla_removed sla.latency loosens! major\nsla_added sla.throughput tightens minor\n"},
      {"value: 90d", "value: 30d", "notice_shortened notice loosens! major\n"},
      {"host: db1", "host: db2", "server_moved servers.prod loosens! major\n"},
      {"status: active", "status: deprecated", "status_changed status neutral minor\n"},
      {"status: active", "status: retired", "status_changed status loosens! major\n"},
      {"name: payment\nversion", "name: payments\nversion", "name_changed name neutral patch\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(fmt::format("{} -> {}", c.from, c.to));
    bool same = std::string_view(c.from) == "x: 1";
    Comparison found = Compare(Read(std::string(kContract)),
                               Read(same ? std::string(kContract) : Replaced(c.from, c.to)));
    std::vector<std::string> want, have;
    for (auto [text, into] : {std::pair{std::string(c.told), &want}, {Told(found), &have}}) {
      size_t at = 0;
      for (size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        into->push_back(text.substr(at, end - at));
    }
    std::sort(want.begin(), want.end());
    std::sort(have.begin(), have.end());
    EXPECT_EQ(have, want);
  }
}

TEST(Compare, TheVersionMustGoUpByWhatIsDemanded) {
  const struct {
    const char* from;
    const char* to;
    const char* version;
    const char* wanted;
    bool fits;
  } cases[] = {
      {"DECIMAL(5,2)", "TEXT", "1.2.3", "2.0.0", false},
      {"DECIMAL(5,2)", "TEXT", "1.3.0", "2.0.0", false},
      {"DECIMAL(5,2)", "TEXT", "2.0.0", "2.0.0", true},
      {"DECIMAL(5,2)", "DECIMAL(9,2)", "1.2.4", "1.3.0", false},
      {"DECIMAL(5,2)", "DECIMAL(9,2)", "1.3.0", "1.3.0", true},
      {"description: Payments", "description: Paid", "1.2.4", "1.2.4", true},
      {"description: Payments", "description: Paid", "1.2.2", "1.2.4", false},
      {"x", "x", "1.2.3", "1.2.3", true},
  };
  for (const auto& c : cases) {
    std::string text =
        std::string_view(c.from) == "x" ? std::string(kContract) : Replaced(c.from, c.to);
    size_t at = text.find("version: 1.2.3");
    text.replace(at, 14, fmt::format("version: {}", c.version));
    Comparison found = Compare(Read(std::string(kContract)), Read(text));
    EXPECT_EQ(found.version_wanted, c.wanted) << c.to << " " << c.version;
    EXPECT_EQ(found.version_fits, c.fits) << c.to << " " << c.version;
  }
}

TEST(Compare, OnlyWhatWasPromisedCanBreak) {
  std::string gone = Replaced("- name: amount", "- name: other_thing");
  std::string draft(kContract);
  draft.replace(draft.find("status: active"), 14, "status: draft");
  EXPECT_FALSE(Compare(Read(draft), Read(gone)).is_breaking());
  std::string part = Replaced("    description: Payments\n",
                              "    description: Payments\n    customProperties:\n      - property: "
                              "promised\n        value: [payment_id]\n");
  std::string without = part;
  size_t at = without.find("- name: method");
  without.replace(at, 14, "- name: way_to_pay");
  EXPECT_FALSE(Compare(Read(part), Read(without)).is_breaking());
  Comparison withdrawn = Compare(Read(std::string(kContract)), Read(gone));
  EXPECT_TRUE(withdrawn.is_breaking());
  EXPECT_EQ(withdrawn.changes[0].compatible,
            "keep the column, and mark it deprecated in its description");
  EXPECT_EQ(ToText(withdrawn).substr(0, 8), "BREAKING");
}

}  // namespace
}  // namespace andon::contract
