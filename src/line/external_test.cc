// Tables of a dbt project, checked in the DuckDB file that dbt builds.
#include "line/external.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "io/local_file_system.h"
#include "line/check_specs.h"
#include "sql/engine.h"

namespace andon::line {
namespace {

class ExternalTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("andon-external-" + RandomUuid());
    std::filesystem::create_directories(dir_ / "dbt");
    Write("dbt/dbt_project.yml", "name: shop\nprofile: shop\n");
    Write("dbt/profiles.yml",
          "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n"
          "    cloud: {type: snowflake}\n");
    auto opened = store::OpenSqlite((dir_ / "andon.db").string(), {.create = true});
    ASSERT_TRUE(opened.ok());
    db_ = std::move(*opened);
    auto engine = sql::Engine::Open({.path = (dir_ / "dbt/shop.duckdb").string()});
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    auto connection = engine->Connect();
    ASSERT_TRUE(
        connection
            ->Execute("CREATE SCHEMA marts; CREATE TABLE marts.customers (id INTEGER); INSERT "
                      "INTO marts.customers VALUES (1), (2); CREATE TABLE marts.orders (id "
                      "INTEGER, customer_id INTEGER); INSERT INTO marts.orders VALUES (1, 1), "
                      "(2, 2), (2, 3)")
            .ok());
    project_.sources.push_back(
        {.address = "dbt.shop", .name = "shop", .type = "dbt", .path = "dbt"});
    for (const char* name : {"orders", "customers"}) {
      definition::Dataset dataset{.address = std::string("dataset.") + name, .name = name};
      dataset.external_source = "dbt.shop";
      dataset.external_table = std::string("marts.") + name;
      project_.datasets.push_back(std::move(dataset));
    }
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(files_.Write((dir_ / name).string(), text).ok());
  }

  World TheWorld() {
    return {.db = *db_,
            .project = project_,
            .lake = {},
            .files = files_,
            .clock = clock_,
            .project_dir = dir_.string()};
  }

  std::filesystem::path dir_;
  io::LocalFileSystem files_;
  SystemClock clock_;
  std::unique_ptr<store::Database> db_;
  definition::Project project_;
};

TEST_F(ExternalTest, IsCheckedInPlace) {
  std::vector<quality::CheckSpec> checks = {
      {.name = "unique",
       .type = "expect_column_values_to_be_unique",
       .kwargs = Json::Object({{"column", "id"}})},
      {.name = "known",
       .type = "expect_column_values_to_exist_in_table",
       .kwargs = Json::Object(
           {{"column", "customer_id"}, {"other_table_name", "customers"}, {"other_column", "id"}})},
      {.name = "there",
       .type = "expect_column_values_to_not_be_null",
       .kwargs = Json::Object({{"column", "id"}})}};
  auto checked = CheckExternal(TheWorld(), project_.datasets[0], checks, {"dataset.customers"}, {});
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  ASSERT_EQ((*checked)[0].verdicts.size(), 3u);
  EXPECT_EQ((*checked)[0].verdicts[0].result.unexpected_count, 2);
  EXPECT_EQ((*checked)[0].verdicts[1].result.unexpected_count, 1);
  EXPECT_TRUE((*checked)[0].verdicts[2].result.success());
}

TEST_F(ExternalTest, AFileOfDuckDbIsASource) {
  project_.sources.push_back({.address = "source.marts",
                              .name = "marts",
                              .type = "duckdb",
                              .path = "dbt/shop.duckdb",
                              .options = Json::Object({{"schema", "marts"}})});
  definition::Dataset& orders = project_.datasets[0];
  orders.external_source = "source.marts";
  orders.external_table = "orders";
  // The other dataset is one of another source: compared by a session of its own.
  std::vector<quality::CheckSpec> checks = {
      {.name = "same",
       .type = "expect_table_row_count_to_equal_other_table",
       .kwargs = Json::Object({{"other_table_name", "customers"}})}};
  auto checked = CheckExternal(TheWorld(), orders, checks, {"dataset.customers"}, {});
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_EQ((*checked)[0].verdicts[0].result.observed_value.Dump(), R"({"self":3,"other":2})");
  orders.external_table = "ordrs";
  auto missing = CheckExternal(TheWorld(), orders, checks, {}, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(missing.error().message.find("Did you mean \"marts.orders\"?"), std::string::npos)
      << missing.error().message;
}

TEST_F(ExternalTest, ATaskCarriesSecretsByReference) {
  project_.sources.push_back(
      {.address = "source.rental",
       .name = "rental",
       .type = "postgres",
       .options = Json::Object(
           {{"host", "db.shop"},
            {"password", Json::Object({{"secret", "env://ANDON_EXTERNAL_TEST_ABSENT"}})}})});
  definition::Dataset& orders = project_.datasets[0];
  orders.external_source = "source.rental";
  CheckTask task{.table = "orders"};
  ASSERT_TRUE(AddPlaces(TheWorld(), orders, {}, &task).ok());
  Task whole{.work = task};
  auto read = TaskFromJson(ToJson(whole));
  ASSERT_TRUE(read.ok());
  const CheckTask& copy = std::get<CheckTask>(read->work);
  ASSERT_EQ(copy.sources.size(), 1u);
  EXPECT_EQ(copy.place, "rental");
  EXPECT_EQ(copy.sources[0].options["password"]["secret"].AsString(),
            "env://ANDON_EXTERNAL_TEST_ABSENT");
  auto opened = OpenExternal(TheWorld(), orders);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message,
            "dataset.orders: source.rental: The environment variable "
            "ANDON_EXTERNAL_TEST_ABSENT of a secret is not set");
}

TEST_F(ExternalTest, WhatCannotBeOpenedIsNamed) {
  auto message = [&] {
    auto opened = OpenExternal(TheWorld(), project_.datasets[0]);
    return opened.ok() ? "" : opened.error().message;
  };
  EXPECT_EQ(message(), "");
  project_.sources[0].options = Json::Object({{"target", "cloud"}});
  EXPECT_NE(message().find("of the type \"snowflake\""), std::string::npos) << message();
  project_.sources[0].options = Json::Object({{"target", "deev"}});
  EXPECT_NE(message().find("did you mean \"dev\"?"), std::string::npos) << message();
  project_.sources[0].options = Json::Object({{"profiles_dir", "elsewhere"}});
  EXPECT_NE(message().find("no profiles.yml"), std::string::npos) << message();
  project_.sources[0].options = Json::Object();
  project_.datasets[0].external_table = "marts.ordrs";
  EXPECT_NE(message().find("ordrs"), std::string::npos) << message();
}

}  // namespace
}  // namespace andon::line
