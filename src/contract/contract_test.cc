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

TEST(Contract, ValidationFindsWhatCannotBeKept) {
  definition::Project project;
  project.datasets = {Payment()};
  auto contract = Promise();
  contract.promised = {"amont"};
  contract.sla = Json::Object({{"freshness", "1h"}});
  contract.positions =
      Json::Object({{"promised", "payments.andon.hcl:58"}, {"sla", "payments.andon.hcl:59"}});
  project.contracts = {contract};
  auto codes = [&] {
    std::string out;
    Diagnostics all = Validate(project);
    for (const auto& d : all) out += d.code + " ";
    return out;
  };
  EXPECT_EQ(codes(), "AN2101 AN2103 ");
  EXPECT_EQ(Validate(project).list()[0].subject.start.line, 58);
  EXPECT_NE(Validate(project).list()[0].detail.find("Did you mean \"amount\"?"), std::string::npos);
  project.contracts[0].promised = {"amount"};
  project.datasets[0].freshness = definition::Freshness{"2h", "", ""};
  EXPECT_EQ(codes(), "AN2104 ");
  project.datasets[0].freshness->max = "1h";
  EXPECT_EQ(codes(), "");
  project.contracts[0].sla = Json::Object({{"freshness", "soon"}});
  project.contracts[0].notice = "later";
  EXPECT_EQ(codes(), "AN2102 AN2105 ");
}

}  // namespace
}  // namespace andon::contract
