#include "validation/mask.h"

#include <gtest/gtest.h>

#include "validation/test_validation.h"

namespace andon::validation {
namespace {

definition::Project People() {
  definition::Project project;
  definition::Dataset customer{.address = "dataset.customer", .name = "customer"};
  customer.columns = {{.name = "customer_id", .type = "long"},
                      {.name = "email", .type = "string", .pii = true}};
  definition::Dataset mail{.address = "dataset.mail", .name = "mail", .sql = "SELECT …"};
  mail.columns = {{.name = "customer_id", .type = "long"},
                  {.name = "address", .type = "string"},
                  {.name = "domain", .type = "string", .pii = false}};
  mail.lineage = {{"customer_id", {"dataset.customer.customer_id"}},
                  {"address", {"dataset.customer.email"}},
                  {"domain", {"dataset.customer.email"}}};
  project.datasets = {customer, mail};
  return project;
}

TEST(Mask, AModelsColumnIsWhatItIsMadeOf) {
  const definition::Project project = People();
  EXPECT_EQ(PiiColumnsOf(project, project.datasets[0]).masked, std::set<std::string>{"email"});
  EXPECT_EQ(PiiColumnsOf(project, project.datasets[1]).masked, std::set<std::string>{"address"});
  EXPECT_EQ(PiiColumnsOf(project, project.datasets[1], {"dataset.customer"}).masked,
            (std::set<std::string>{"address", "email"}));
}

TEST(Mask, ACircleOfModelsEnds) {
  definition::Project project = People();
  project.datasets[0].columns[1].pii.reset();
  project.datasets[0].lineage = {{"email", {"dataset.mail.address"}}};
  EXPECT_TRUE(PiiColumnsOf(project, project.datasets[1]).empty());
}

TEST(Mask, ValuesGoAndCountsStay) {
  CheckedCheck c = Made("email_form", "email", 37);
  c.result.partial_unexpected_counts = {Json::Object({{"value", "a@b"}, {"count", 2}})};
  Mask({.masked = {"email"}, .shown = {"payment_id"}}, c.check, &c.result);
  EXPECT_EQ(c.result.message, "37 of 1,157 values of email are unexpected (3.2 %)");
  EXPECT_EQ(c.result.unexpected_count, 37);
  EXPECT_EQ(c.result.sample.rows[0], (std::vector<Json>{1, kMasked}));
  EXPECT_EQ(c.result.sample.rows[1], (std::vector<Json>{2, nullptr})) << "null is no value";
  EXPECT_EQ(c.result.partial_unexpected_list, (std::vector<Json>{kMasked, kMasked}));
  EXPECT_EQ(c.result.partial_unexpected_counts[0]["value"].AsString(), kMasked);
  EXPECT_EQ(c.result.partial_unexpected_counts[0]["count"].AsInteger(), 2);
}

TEST(Mask, AnotherColumnsCheckLosesOnlyTheColumn) {
  CheckedCheck c = Made("amount_in_range", "amount", 37);
  c.result.sample.columns.push_back({"email", "string"});
  c.result.sample.rows[0].push_back("a@b");
  Mask({.masked = {"email"}, .shown = {"amount", "payment_id"}}, c.check, &c.result);
  EXPECT_EQ(c.result.sample.rows[0], (std::vector<Json>{1, "a@b", kMasked}));
  EXPECT_NE(c.result.message.find("-4.99"), std::string::npos);
}

TEST(Mask, WhatAnAggregateObservedIsAValue) {
  CheckedCheck c = Made("longest", "email");
  c.check.type = c.result.type = "expect_column_max_to_be_between";
  c.result.element_count.reset();
  c.result.observed_value = "zoe@example.org";
  c.result.details = Json::Object({{"value_counts", "zoe@example.org"}});
  Mask({.masked = {"email"}}, c.check, &c.result);
  EXPECT_EQ(c.result.observed_value.AsString(), kMasked);
  EXPECT_TRUE(c.result.details.is_null());
  c.check.type = c.result.type = "expect_column_unique_value_count_to_be_between";
  c.result.observed_value = 12;
  Mask({.masked = {"email"}}, c.check, &c.result);
  EXPECT_EQ(c.result.observed_value.AsInteger(), 12);
}

TEST(Mask, AStatementsUnknownColumnsAreMasked) {
  CheckedCheck c = Made("orphans", "x", 1);
  c.check.type = c.result.type = "expect_sql";
  c.check.kwargs = Json::Object({{"sql", "SELECT payment_id, lower(email) AS e FROM customer"}});
  ASSERT_FALSE(quality::SqlOf(c.check).empty());
  c.result.columns.clear();
  c.result.sample.columns = {{"payment_id", "long"}, {"e", "string"}};
  c.result.sample.rows = {{1, "a@b"}};
  c.result.partial_unexpected_list = {Json::Object({{"payment_id", 1}, {"e", "a@b"}})};
  c.result.message = "1 row returned: {\"payment_id\":1,\"e\":\"a@b\"}";
  Mask({.masked = {"email"}, .shown = {"payment_id"}}, c.check, &c.result);
  EXPECT_EQ(c.result.sample.rows[0], (std::vector<Json>{1, kMasked}));
  EXPECT_EQ(c.result.partial_unexpected_list[0]["e"].AsString(), kMasked);
  EXPECT_EQ(c.result.message, "1 row returned");
}

TEST(Mask, AnEnginesMessageLosesWhatItQuotes) {
  CheckedCheck c = Broken("email_form", "email", "Could not convert string 'a@b' to INT32");
  Mask({.masked = {"email"}}, c.check, &c.result);
  EXPECT_EQ(c.result.message, "Could not convert string '•••' to INT32");
}

}  // namespace
}  // namespace andon::validation
