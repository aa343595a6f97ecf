#include "contract/contract.h"

#include <gtest/gtest.h>

namespace andon::contract {
namespace {

definition::Dataset Payment() {
  definition::Dataset d;
  d.address = "dataset.payment";
  d.name = "payment";
  d.positions = Json::Object({{"columns.amount", "payments.andon.hcl:20"}});
  d.columns = {{.name = "payment_id", .type = "long"},
               {.name = "customer_id", .type = "int"},
               {.name = "amount", .type = "decimal(5,2)"},
               {.name = "payment_date", .type = "timestamp"}};
  return d;
}

definition::Contract Promise() {
  definition::Contract c;
  c.address = "contract.payment";
  c.dataset = "dataset.payment";
  c.status = "active";
  c.promised = {"amount"};
  c.consumers = {"team.finance"};
  return c;
}

std::vector<ActualColumn> Csv(std::initializer_list<const char*> names) {
  std::vector<ActualColumn> columns;
  for (const char* name : names) columns.push_back({name, ""});
  return columns;
}

struct Case {
  const char* says;
  std::vector<ActualColumn> actual;
  const char* summary;
  bool is_breaking;
};

TEST(Contract, WhatCameIsComparedWithWhatIsDeclared) {
  const Case cases[] = {
      {"same", Csv({"payment_id", "customer_id", "amount", "payment_date"}), "", false},
      {"another order", Csv({"amount", "payment_date", "payment_id", "customer_id"}), "", false},
      {"renamed, and one more",
       Csv({"payment_id", "customer_id", "payment_amount", "payment_date", "currency"}),
       "amount is missing (renamed to payment_amount?), currency came in addition", true},
      {"a typing mistake", Csv({"payment_id", "customer_id", "ammount", "payment_date"}),
       "amount is missing (renamed to ammount?)", true},
      {"two candidates: no guess",
       Csv({"payment_id", "customer_id", "amount_usd", "amount_eur", "payment_date"}),
       "amount is missing, amount_usd came in addition, amount_eur came in addition", true},
      {"missing", Csv({"payment_id", "amount", "payment_date"}), "customer_id is missing", true},
      {"types",
       {{"payment_id", "int"},
        {"customer_id", "string"},
        {"amount", "decimal(9,2)"},
        {"payment_date", "timestamp"}},
       "customer_id is string, not int, amount is decimal(9,2), not decimal(5,2), payment_id is "
       "int, not long",
       true},
      {"widening only",
       {{"payment_id", "int"},
        {"customer_id", "int"},
        {"amount", "decimal(4,1)"},
        {"payment_date", "date"}},
       "payment_id is int, not long, amount is decimal(4,1), not decimal(5,2), payment_date is "
       "date, not timestamp",
       false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    auto breaks = CompareColumns(Payment(), {Promise()}, c.actual);
    EXPECT_EQ(Summarize(breaks), c.summary);
    EXPECT_EQ(HasBreaking(breaks), c.is_breaking);
    for (const Break& b : breaks)
      EXPECT_EQ(ToJson(BreakFromJson(ToJson(b))).Dump(), ToJson(b).Dump());
  }
}

TEST(Contract, ABreakNamesThePromiseAndItsConsumers) {
  auto breaks = CompareColumns(
      Payment(), {Promise()}, Csv({"payment_id", "customer_id", "payment_amount", "payment_date"}));
  ASSERT_EQ(breaks.size(), 1u);
  EXPECT_EQ(breaks[0].sentence,
            "Column \"amount\" is missing; \"payment_amount\" came instead: renamed? "
            "contract.payment promises it to team.finance.");
  EXPECT_EQ(breaks[0].position, "payments.andon.hcl:20");
  auto retired = Promise();
  retired.status = "retired";
  EXPECT_TRUE(CompareColumns(Payment(), {retired}, Csv({"payment_id"}))[1].contracts.empty());
}

TEST(Contract, Widening) {
  const struct {
    const char* from;
    const char* to;
    bool widens;
  } cases[] = {
      {"int", "long", true},
      {"long", "int", false},
      {"int", "double", true},
      {"long", "double", false},
      {"decimal(5,2)", "decimal(9,2)", true},
      {"decimal(5,2)", "decimal(5,3)", false},
      {"decimal(5,2)", "decimal(6, 3)", true},
      {"int", "decimal(10,0)", true},
      {"long", "decimal(10,0)", false},
      {"string", "long", false},
      {"decimal(x,2)", "decimal(9,2)", false},
  };
  for (const auto& c : cases) EXPECT_EQ(Widens(c.from, c.to), c.widens) << c.from << " -> " << c.to;
}

TEST(Contract, AFreshnessIsPromisedNoTighterThanItIsWatched) {
  const struct {
    const char* promised;
    const char* own;
    const char* problem;  // "" for none.
  } cases[] = {
      {"1h", "1h", ""},
      {"2h", "60m", ""},
      {"1h", "2h", "a freshness of 1h, but dataset.payment only has 2h"},
      {"1h", "", "dataset.payment says none"},
      {"soon", "1h", ""},
      {"1h", "soon", ""},
  };
  for (const auto& c : cases) {
    auto problem = CheckFreshness({c.promised, "dataset.payment", c.own});
    if (!*c.problem) {
      EXPECT_FALSE(problem) << c.promised << " of " << c.own;
      continue;
    }
    ASSERT_TRUE(problem) << c.promised << " of " << c.own;
    EXPECT_NE(problem->sentence.find(c.problem), std::string::npos) << problem->sentence;
    EXPECT_EQ(problem->is_error, *c.own != '\0');
    EXPECT_EQ(problem->help.empty(), problem->is_error);
  }
}

}  // namespace
}  // namespace andon::contract
