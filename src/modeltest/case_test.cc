#include "modeltest/case.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace andon::modeltest {
namespace {

// "a,b" and "1,x" … ; an empty field is null.
Rows RowsOf(const std::vector<std::string>& lines) {
  Rows rows;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> fields = Split(lines[i], ',');
    if (i == 0) {
      rows.columns = fields;
      continue;
    }
    Row row{.place = {"t.andontest.hcl", {int32_t(i), 1, 0}, {int32_t(i), 2, 0}}};
    for (const std::string& field : fields)
      row.cells.push_back(field.empty() ? Cell() : Cell(field));
    rows.rows.push_back(std::move(row));
  }
  return rows;
}

class CaseTest : public testing::Test {
 protected:
  Outcome RunCase(const Case& test) {
    auto engine = sql::Engine::Open({.threads = 1});
    EXPECT_TRUE(engine.ok());
    auto connection = engine->Connect();
    EXPECT_TRUE(connection.ok());
    return modeltest::Run(*connection, test, clock_);
  }

  Case Sum() {
    return {.tables = {{"payment",
                        {{"id", "long"}, {"day", "date"}, {"amount", "decimal(5,2)"}},
                        RowsOf({"id,amount,day", "1,4.99,2026-01-01", "2,0.01,2026-01-01",
                                "3,1.00,2026-01-02"})}},
            .target = {"daily",
                       "select day, sum(amount) as usd, count(*) as n from payment group by day;",
                       {{"day", "date"}, {"usd", "decimal(12,2)"}, {"n", "long"}}},
            .expect = RowsOf({"day,usd", "2026-01-02,1", "2026-01-01,5.00"})};
  }

  SystemClock clock_;
};

TEST_F(CaseTest, OnlyColumnsThatAreExpectedAreCompared) {
  Outcome outcome = RunCase(Sum());
  EXPECT_EQ(outcome.state, State::kPassed) << outcome.error;
  EXPECT_EQ(outcome.columns, (std::vector<std::string>{"day", "usd"}));
}

TEST_F(CaseTest, WhatIsNotGivenIsNullOrEmpty) {
  Case test = Sum();
  test.tables[0].given = {};
  test.expect = {};
  EXPECT_EQ(RunCase(test).state, State::kPassed);
  test.tables[0].given = RowsOf({"id", "1"});
  test.expect = RowsOf({"day,usd,n", ",,1"});
  EXPECT_EQ(RunCase(test).state, State::kPassed);
}

TEST_F(CaseTest, AModelInBetweenIsBuilt) {
  Case test = Sum();
  test.models = {{"big", "select * from payment where amount > 0.50", test.tables[0].columns}};
  test.target.sql = "select day, sum(amount) as usd, count(*) as n from big group by day";
  test.expect = RowsOf({"day,n", "2026-01-01,1", "2026-01-02,1"});
  EXPECT_EQ(RunCase(test).state, State::kPassed);
}

TEST_F(CaseTest, IntervalIsBound) {
  Case test = Sum();
  test.target.sql =
      "select day, amount as usd, 1 as n from payment where day >= $start and day < $end";
  test.start = "2026-01-02";
  test.end = "2026-01-03T00:00:00";
  test.expect = RowsOf({"usd", "1"});
  EXPECT_EQ(RunCase(test).state, State::kPassed);
}

TEST_F(CaseTest, TheOrderCountsWhereItIsSaid) {
  Case test = Sum();
  test.target.sql = "select day, amount as usd, 1 as n from payment order by amount desc";
  test.expect = RowsOf({"usd", "4.99", "1", "0.01"});
  test.ordered = true;
  EXPECT_EQ(RunCase(test).state, State::kPassed);
  test.expect = RowsOf({"usd", "1", "4.99", "0.01"});
  Outcome outcome = RunCase(test);
  ASSERT_EQ(outcome.state, State::kFailed);
  EXPECT_EQ(outcome.differences[0].kind, Difference::kMoved);
}

TEST_F(CaseTest, DoublesAreComparedToTwelveDigits) {
  Case test = Sum();
  test.tables[0].columns[2].type = "double";
  test.tables[0].given = RowsOf({"day,amount", "2026-01-01,0.1", "2026-01-01,0.2"});
  test.target.columns[1].type = "double";
  test.expect = RowsOf({"usd", "0.3"});
  EXPECT_EQ(RunCase(test).state, State::kPassed);
}

// What a column cannot hold is an error at its row, never rounded.
TEST_F(CaseTest, BadCellsAreNamed) {
  struct {
    std::vector<std::string> given;
    const char* says;
    int line;
  } kCases[] = {
      {{"id,amount", "1,4.99", "2,abc"},
       "given.payment, row 2, column \"amount\": \"abc\" is no decimal(5,2).",
       2},
      {{"amount", "4.999"},
       "given.payment, row 1, column \"amount\": 4.999 would not be kept whole as decimal(5,2).",
       1},
      {{"id", "1.5"},
       "given.payment, row 1, column \"id\": 1.5 would not be kept whole as long.",
       1},
      {{"amount", "1234.5"},
       "given.payment, row 1, column \"amount\": \"1234.5\" is no decimal(5,2).",
       1},
      {{"day", "2026-02-30"},
       "given.payment, row 1, column \"day\": \"2026-02-30\" is no date.",
       1},
      {{"day", "2026-01-01 10:00:00"},
       "given.payment, row 1, column \"day\": 2026-01-01 10:00:00 would not be kept whole as date.",
       1},
  };
  for (const auto& c : kCases) {
    Case test = Sum();
    test.tables[0].given = RowsOf(c.given);
    Outcome outcome = RunCase(test);
    EXPECT_EQ(outcome.state, State::kError);
    EXPECT_EQ(outcome.error, c.says);
    EXPECT_EQ(outcome.place.start.line, c.line);
  }
}

TEST_F(CaseTest, AStatementThatFailsIsAnError) {
  Case test = Sum();
  test.target.sql = "select day, cast('x' || id as integer) as usd, 1 as n from payment";
  Outcome outcome = RunCase(test);
  EXPECT_EQ(outcome.state, State::kError);
  EXPECT_NE(outcome.error.find("The SQL of daily cannot run"), std::string::npos) << outcome.error;
}

TEST_F(CaseTest, NestedTypesAreJson) {
  Case test = Sum();
  test.tables[0].columns = {{"tags", "list<string>"}};
  Row row;
  row.cells = {Cell("[\"a\", \"b\"]")};
  test.tables[0].given.columns = {"tags"};
  test.tables[0].given.rows = {row};
  test.target = {"t", "select unnest(tags) as tag from payment", {{"tag", "string"}}};
  test.expect = RowsOf({"tag", "a", "b"});
  Outcome outcome = RunCase(test);
  EXPECT_EQ(outcome.state, State::kPassed) << outcome.error;
}

TEST_F(CaseTest, ACrossJoinThatGoesWrongEnds) {
  Case test = Sum();
  test.target.sql =
      "select day, amount as usd, 1 as n from payment, range(1000) a(i), range(1000) b(j)";
  Outcome outcome = RunCase(test);
  EXPECT_EQ(outcome.state, State::kError);
  EXPECT_NE(outcome.error.find("100,000 rows"), std::string::npos) << outcome.error;
}

}  // namespace
}  // namespace andon::modeltest
