// Strings that should be unique are counted by what costs less, and the answer is exact all the
// same.
#include <gtest/gtest.h>

#include "quality/run.h"
#include "quality/test_engines.h"

namespace andon::quality {
namespace {

struct Case {
  const char* says;
  const char* value;    // SQL over i, from 0.
  const char* asked;    // In the statement over all rows.
  int64_t duplicates;   // Rows whose value stands more than once.
  bool is_asked_again;  // Because the first answer proves nothing.
};

class ProofTest : public testing::TestWithParam<Case> {};

TEST_P(ProofTest, IsExact) {
  auto engine = *sql::Engine::Open({.threads = 2});
  auto connection = *engine.Connect();
  auto made = connection.Execute(std::string("CREATE TABLE t AS SELECT i, (") + GetParam().value +
                                 ") AS ref FROM range(600000) r(i)");
  ASSERT_TRUE(made.ok()) << made.error().message;
  Diagnostics mistakes;
  const std::vector<CheckSpec> checks = {
      ReadCheck("unique", "expect_column_values_to_be_unique", *Json::Parse(R"({"column":"ref"})"),
                {}, &mistakes),
      ReadCheck("different", "expect_column_unique_value_count_to_be_between",
                *Json::Parse(R"({"column":"ref","min_value":1})"), {}, &mistakes)};
  LoggedSession session(connection);
  auto results = RunChecks(session, "t", {}, checks, {});
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ((*results)[0].unexpected_count, GetParam().duplicates);
  auto counted = connection.Query("SELECT count(DISTINCT ref) FROM t");
  EXPECT_EQ((*results)[1].observed_value.AsInteger(), counted->Integer(0, 0));
  bool is_asked = false, is_asked_again = false;
  for (const std::string& sql : session.statements) {
    is_asked = is_asked || sql.find(GetParam().asked) != std::string::npos;
    is_asked_again = is_asked_again || sql.find("count(DISTINCT \"ref\")") != std::string::npos;
  }
  EXPECT_TRUE(is_asked) << Join(session.statements, "\n");
  EXPECT_EQ(is_asked_again, GetParam().is_asked_again) << Join(session.statements, "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Each, ProofTest,
    testing::Values(
        Case{"Numbered", "'PAY-' || lpad(i::VARCHAR, 9, '0')", "bitstring_agg(", 0, false},
        Case{"WithNulls", "CASE WHEN i % 7 > 0 THEN 'n° ' || i END", "bitstring_agg(", 0, false},
        Case{"OneTwice", "'PAY-' || (i - (i = 599999)::INTEGER)", "bitstring_agg(", 2, true},
        Case{"OneIsNoNumber", "CASE WHEN i = 500000 THEN 'PAY-x' ELSE 'PAY-' || i END",
             "bitstring_agg(", 0, true},
        Case{"WrittenInTwoWays", "CASE WHEN i = 500000 THEN 'PAY-05' ELSE 'PAY-' || i END",
             "bitstring_agg(", 0, true},
        Case{"FarApart", "'PAY-' || i * 1000000", "bitstring_agg(", 0, true},
        Case{"Hashed", "md5(i::VARCHAR)", "hash(", 0, false},
        Case{"HashedTwice", "md5((i // 2)::VARCHAR)", "hash(", 600000, true}),
    [](const auto& info) { return info.param.says; });

}  // namespace
}  // namespace andon::quality
