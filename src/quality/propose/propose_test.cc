#include "quality/propose/propose.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/text.h"
#include "quality/propose/text_shape.h"
#include "quality/run.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

class ProposeTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = sql::Engine::Open({.threads = 1});
    ASSERT_TRUE(engine.ok());
    auto connection = engine->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(std::move(*connection));
  }

  void Make(const std::string& table, const std::string& select) {
    auto made = connection_->Execute("CREATE OR REPLACE TABLE " + table + " AS " + select);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  // Name of the check to its arguments and evidence, as one line.
  std::map<std::string, std::string> Propose(const std::string& table,
                                             const ProposeOptions& options = {}) {
    auto columns = connection_->Columns(table);
    EXPECT_TRUE(columns.ok());
    auto proposals = ProposeChecks(*connection_, table, *columns, options);
    EXPECT_TRUE(proposals.ok()) << proposals.error().message;
    std::map<std::string, std::string> out;
    for (const Proposal& p : *proposals)
      out[p.check.name] = p.check.kwargs.Dump() + " # " + p.evidence;
    AllPass(table, *columns, *proposals, options);
    return out;
  }

  // Nothing is claimed that the data do not show.
  void AllPass(const std::string& table, const std::vector<sql::TableColumn>& columns,
               const std::vector<Proposal>& proposals, const ProposeOptions& options) {
    std::vector<sql::ColumnInfo> infos;
    for (const sql::TableColumn& column : columns) infos.push_back({column.name, column.type});
    std::vector<CheckSpec> checks;
    std::vector<std::string> tables;
    RunOptions run{.table_name = table};
    for (const KnownKey& key : options.keys) {
      run.tables[key.table] = key.relation;
      tables.push_back(key.table);
    }
    for (const Proposal& p : proposals) {
      Diagnostics found = Validate(p.check, infos, tables);
      for (const Diagnostic& d : found) ADD_FAILURE() << p.check.name << ": " << d.detail;
      checks.push_back(p.check);
    }
    auto results = RunChecks(*connection_, table, infos, checks, run);
    ASSERT_TRUE(results.ok());
    for (const CheckResult& result : *results)
      EXPECT_TRUE(result.success()) << result.name << ": " << result.message;
  }

  std::optional<sql::Connection> connection_;
};

TEST_F(ProposeTest, SaysWhatWasSeen) {
  Make("customer", "SELECT range AS customer_id FROM range(100)");
  Make("payment", R"(
    SELECT i AS payment_id, i % 100 AS customer_id, 1 + i % 2 AS staff_id,
           CAST(i % 1200 AS DECIMAL(9,2)) / 100 AS amount,
           TIMESTAMP '2005-05-24 10:00:00' + to_minutes(CAST(i AS INTEGER)) AS paid_at,
           'user' || i || '@example.com' AS email,
           'AB-' || lpad(CAST(i AS VARCHAR), 5, '0') AS code,
           CASE WHEN i % 100 = 0 THEN NULL ELSE 'x' || i || ' y' END AS note
    FROM range(2000) t(i))");
  ProposeOptions options{.keys = {{"customer", "customer", "customer_id", "long"}}};
  auto seen = Propose("payment", options);
  EXPECT_EQ(seen["payment_id_unique"], R"({"column":"payment_id"} # 2,000 values, no two alike)");
  EXPECT_EQ(
      seen["customer_id_in_customer"],
      R"({"column":"customer_id","other_table_name":"customer"} # every value is in customer.customer_id)");
  EXPECT_EQ(seen["staff_id_is_known"],
            R"({"column":"staff_id","value_set":[1,2]} # 2 values: 1 (1,000), 2 (1,000))");
  EXPECT_EQ(seen["paid_at_not_before_2005"].substr(0, 46),
            R"({"column":"paid_at","min_value":"2005-01-01"} )");
  EXPECT_NE(seen["email_is_email"].find("2,000 values, each an e-mail address"), std::string::npos);
  EXPECT_NE(seen["code_has_form"].find("^[A-Z]{2}-[0-9]{5}$"), std::string::npos);
  EXPECT_EQ(
      seen["note_mostly_there"],
      R"({"column":"note","mostly":0.98} # 20 of 2,000 rows are null; room for twice as many)");
  EXPECT_EQ(seen["enough_rows"], R"({"min_value":1000} # 2,000 rows now; half of it at least)");
  EXPECT_EQ(seen.count("payment_id_in_range"), 0u);  // It grows.
}

TEST_F(ProposeTest, RangesHaveRoomAndKeepTheirSign) {
  struct {
    const char* expression;
    const char* range;
  } kCases[] = {
      {"CAST(i % 1200 AS DECIMAL(9,2)) / 100", R"("min_value":0,"max_value":14)"},
      {"i", R"("min_value":0,"max_value":2200)"},
      {"i + 10000", R"("min_value":9800,"max_value":12200)"},
      {"-i - 5", R"("min_value":-2300,"max_value":0)"},
      {"i - 1000", R"("min_value":-1200,"max_value":1200)"},
      {"i / 2000.0", R"("min_value":0,"max_value":1.1)"},
      {"i % 15", R"("min_value":0,"max_value":16)"},
  };
  for (const auto& c : kCases) {
    Make("t", std::string("SELECT ") + c.expression + " AS x FROM range(2000) t(i)");
    auto seen = Propose("t", {.grows = false});
    EXPECT_NE(seen["x_in_range"].find(c.range), std::string::npos)
        << c.expression << ": " << seen["x_in_range"];
  }
}

TEST_F(ProposeTest, FewRowsAreNoEvidence) {
  Make(
      "t",
      "SELECT i AS id, 'a' AS word, i * 1.5 AS x, 'a' || i || '@b.de' AS mail FROM range(20) t(i)");
  auto seen = Propose("t");
  EXPECT_EQ(seen.count("word_is_known") + seen.count("x_in_range") + seen.count("mail_is_email"),
            0u);
  EXPECT_EQ(seen.count("id_unique"), 1u);
  EXPECT_EQ(seen.count("mail_unique"), 0u);
  Make("t", "SELECT 1 AS id WHERE false");
  EXPECT_TRUE(Propose("t").empty());
}

TEST_F(ProposeTest, TwoColumnsTogetherAreAKey) {
  Make("t",
       "SELECT DATE '2026-01-01' + CAST(i // 3 AS INTEGER) AS day, i % 3 AS store_id, 0.5 + i "
       "AS x FROM range(300) t(i)");
  auto seen = Propose("t");
  EXPECT_EQ(seen.count("day_and_store_id_unique"), 1u);
}

TEST_F(ProposeTest, AForeignKeyNeedsItsNameAndAllItsValues) {
  Make("customer", "SELECT range AS id FROM range(100)");
  Make(
      "t",
      "SELECT i % 100 AS customer_id, i % 100 AS n, i % 101 AS customers_id FROM range(1000) t(i)");
  auto seen = Propose("t", {.keys = {{"customer", "customer", "id", "long"}}});
  EXPECT_EQ(seen.count("customer_id_in_customer"), 1u);
  EXPECT_EQ(seen.count("n_in_customer") + seen.count("customers_id_in_customer"), 0u);
}

TEST_F(ProposeTest, NearlyAllIsSaidSo) {
  Make("t",
       "SELECT CASE WHEN i % 100 = 0 THEN 'unknown' ELSE 'u' || i || '@b.de' END AS mail FROM "
       "range(1000) t(i)");
  EXPECT_NE(Propose("t")["mail_is_email"].find("\"mostly\":0.98"), std::string::npos);
}

// Whatever the data: what is proposed passes on them.
TEST_F(ProposeTest, AllProposalsPassOnRandomData) {
  std::mt19937 random(7);
  const std::vector<std::string> kColumns = {
      "CASE WHEN random() < {n} THEN NULL ELSE CAST(random() * 1000 AS INTEGER) END",
      "CASE WHEN random() < {n} THEN NULL ELSE random() * 1e-7 - 3e-8 END",
      "CAST(random() * 99 - 50 AS DECIMAL(5,2))",
      "CASE WHEN random() < {n} THEN NULL ELSE chr(97 + CAST(random() * 20 AS INTEGER)) END",
      "CAST(i AS VARCHAR)",
      "DATE '1960-06-01' + CAST(random() * 9999 AS INTEGER)",
      "random() < 0.5",
      "uuid()",
      "[i, i + 1]",
      "CASE WHEN random() < 0.01 THEN 'NaN'::DOUBLE ELSE random() END",
      "CAST(random() * 5 AS INTEGER) * 1e17",
      "'é-' || CAST(i AS VARCHAR)",
      "NULL::VARCHAR",
      "''",
  };
  for (int round = 0; round < 12; ++round) {
    std::string items;
    for (size_t c = 0; c < kColumns.size(); ++c) {
      std::string item = kColumns[c];
      if (size_t at = item.find("{n}"); at != std::string::npos)
        item.replace(at, 3, round % 3 == 0 ? "0" : round % 3 == 1 ? "0.02" : "0.5");
      items += fmt::format("{}{} AS c{}", c ? ", " : "", item, c);
    }
    Make("t", fmt::format("SELECT {} FROM range({}) t(i)", items, random() % 3000 + 1));
    Propose("t", {.grows = round % 2 == 0, .has_types = true});
  }
}

TEST(TextShapeTest, FindsWhatTextsHaveInCommon) {
  struct {
    std::vector<std::string> texts;
    const char* regex;
  } kCases[] = {
      {{"AB-12", "CD-345"}, "^[A-Z]{2}-[0-9]{2,3}$"},
      {{"2026/1", "2025/12"}, "^[0-9]{4}[/][0-9]{1,2}$"},
      {{"12345", "54321"}, "^[0-9]{5}$"},
      {{"123", "1234"}, ""},  // Any number.
      {{"DE", "GB"}, "^[A-Z]{2}$"},
      {{"hello", "world"}, ""},
      {{"a b", "c d"}, ""},
      {{"AB-12", "CD_12"}, ""},
      {{"a@b.de", "c@d.org"}, "^[^@ ]+@[^@ ]+[.][^@ .]+$"},
      {{"2026-01-31", "2025-12-01"}, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
      {{"ä1", "ö2"}, ""},
      {{""}, ""},
  };
  for (const auto& c : kCases) {
    auto shape = ShapeOf(c.texts, 1);
    EXPECT_EQ(shape ? shape->regex : "", c.regex) << c.texts[0];
  }
  EXPECT_FALSE(ShapeOf({"AB-12"}, 2));
}

}  // namespace
}  // namespace andon::quality
