#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "dbt/expectation.h"
#include "dbt/manifest.h"
#include "dbt/profile.h"

namespace andon::dbt {
namespace {

std::string FileText(const std::string& name) {
  std::ifstream file(std::string(ANDON_SOURCE_DIR) + "/examples/dbt-shop/dbt/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Manifest Shop() {
  auto manifest = ReadManifest(FileText("target/manifest.json"));
  EXPECT_TRUE(manifest.ok()) << manifest.error().message;
  return *manifest;
}

TEST(ManifestTest, SaysWhatTheProjectBuilds) {
  Manifest manifest = Shop();
  EXPECT_EQ(manifest.version, 12);
  EXPECT_EQ(manifest.project, "shop");
  EXPECT_EQ(manifest.nodes.size(), 8u);
  EXPECT_EQ(manifest.tests.size(), 11u);
  const Node* customers = manifest.Find("model.shop.customers");
  ASSERT_NE(customers, nullptr);
  EXPECT_EQ(customers->owner, "ana@example.com");
  EXPECT_EQ(customers->schema_and_table(), "main.customers");
  EXPECT_EQ(customers->tags, (std::vector<std::string>{"marts"}));
  // The ephemeral order_totals is no table: what it reads is read.
  EXPECT_EQ(customers->depends_on,
            (std::vector<std::string>{"model.shop.stg_customers", "model.shop.stg_orders"}));
  const Node* orders = manifest.Find("source.shop.raw.orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->type, ResourceType::kSource);
  EXPECT_EQ(orders->schema_and_table(), "raw.orders");
  EXPECT_EQ(orders->freshness_max, "24h");
  EXPECT_EQ(orders->freshness_column, "ordered_at");
  EXPECT_EQ(manifest.Find("model.shop.nothing"), nullptr);
}

TEST(ManifestTest, TheCatalogKnowsAllColumns) {
  Manifest manifest = Shop();
  auto ids = AddCatalog(FileText("target/catalog.json"), &manifest);
  ASSERT_TRUE(ids.ok()) << ids.error().message;
  EXPECT_EQ(ids->size(), 2u);
  const Node* customers = manifest.Find("model.shop.customers");
  ASSERT_EQ(customers->columns.size(), 4u);
  EXPECT_EQ(customers->columns[0].name, "customer_id");
  EXPECT_EQ(customers->columns[0].type, "INTEGER");
  EXPECT_EQ(customers->columns[0].description, "Key");
}

TEST(ManifestTest, RunResultsAreRead) {
  auto results = ReadRunResults(FileText("target/run_results.json"));
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(results->by_id["model.shop.orders"].status, "success");
  EXPECT_EQ(results->by_id["test.shop.email_looks_right.0123456789"].failures, 2);
}

// What is broken is named by its path; nothing crashes.
TEST(ManifestTest, BrokenOnesAreNamed) {
  auto with = [](std::string_view nodes) {
    return R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json"},)"
           R"("nodes":)" +
           std::string(nodes) + "}";
  };
  struct {
    std::string text;
    const char* says;
  } kCases[] = {
      {"", "it is no JSON"},
      {"[1]", "it is a list, not an object."},
      {"{}", "metadata.dbt_schema_version is missing"},
      {R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/catalog/v1.json"}})",
       "so it is no manifest"},
      {R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v4.json"}})",
       "is v4, and this version of Andon reads v9 to v12"},
      {R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json"}})",
       "nodes is missing."},
      {with("[]"), "nodes must be an object, but it is a list."},
      {with(R"({"model.a.b":3})"), "nodes[\"model.a.b\"] must be an object, but it is a number."},
      {with(R"({"model.a.b":{}})"), "nodes[\"model.a.b\"].resource_type is missing."},
      {with(R"({"model.a.b":{"resource_type":"model"}})"), "nodes[\"model.a.b\"].name is missing."},
      {with(R"({"m":{"resource_type":"model","name":"b","columns":[]}})"),
       "nodes[\"m\"].columns must be an object, but it is a list."},
      {with(R"({"m":{"resource_type":"model","name":"b","depends_on":{"nodes":[1]}}})"),
       "nodes[\"m\"].depends_on.nodes[0] must be a text, but it is a number."},
      {with(R"({"m":{"resource_type":"test","name":"b","test_metadata":"x"}})"),
       "nodes[\"m\"].test_metadata must be an object, but it is a text."},
  };
  for (const auto& c : kCases) {
    auto manifest = ReadManifest(c.text);
    ASSERT_FALSE(manifest.ok()) << c.says;
    EXPECT_NE(manifest.error().message.find(c.says), std::string::npos) << manifest.error().message;
  }
}

// Every cut and many changed bytes of a real one: an answer, or an error.
TEST(ManifestTest, DamagedOnesAreNoCrash) {
  std::string text = FileText("target/manifest.json");
  for (size_t at = 0; at < text.size(); at += 97) {
    (void)ReadManifest(std::string_view(text).substr(0, at)).ok();
    std::string changed = text;
    changed[at] = changed[at] == '{' ? '[' : '"';
    (void)ReadManifest(changed).ok();
  }
}

TEST(ManifestTest, CirclesOfEphemeralModelsEnd) {
  std::string text =
      R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v9.json"},"nodes":{)"
      R"("m.a":{"resource_type":"model","name":"a","config":{"materialized":"ephemeral"},"depends_on":{"nodes":["m.b"]}},)"
      R"("m.b":{"resource_type":"model","name":"b","config":{"materialized":"ephemeral"},"depends_on":{"nodes":["m.a"]}},)"
      R"("m.c":{"resource_type":"model","name":"c","depends_on":{"nodes":["m.a"]}}}})";
  auto manifest = ReadManifest(text);
  ASSERT_TRUE(manifest.ok());
  EXPECT_TRUE(manifest->Find("m.c")->depends_on.empty());
}

MappedTest Map(const Manifest& manifest, std::string_view name) {
  auto name_of = [&](std::string_view id) -> std::optional<std::string> {
    const Node* node = manifest.Find(id);
    return node == nullptr ? std::nullopt : std::optional(node->name);
  };
  for (const dbt::Test& test : manifest.tests) {
    if (test.name == name) return MapTest(test, name_of);
  }
  ADD_FAILURE() << "no test " << name;
  return {};
}

TEST(ExpectationTest, TestsOfTheShop) {
  Manifest manifest = Shop();
  struct {
    const char* test;
    const char* expectation;
  } kCases[] = {
      {"unique_customers_customer_id",
       R"(expect_column_values_to_be_unique {"column":"customer_id"})"},
      {"not_null_orders_order_id", R"(expect_column_values_to_not_be_null {"column":"order_id"})"},
      {"accepted_values_orders_status__placed__shipped__returned",
       R"(expect_column_values_to_be_in_set {"column":"status","value_set":["placed","shipped","returned"]})"},
      {"relationships_orders_customer_id__customer_id__ref_customers_",
       R"(expect_column_values_to_exist_in_table {"column":"customer_id","other_table_name":"customers"})"},
      {"amount_is_not_negative",
       R"(expect_column_values_to_be_between {"column":"amount","min_value":0,"row_condition":"status <> 'returned'"})"},
      {"email_looks_right",
       R"(expect_column_values_to_match_regex {"column":"email","regex":"^[^@ ]+@[^@ ]+$"})"},
      {"customers_are_recent",
       R"(expect_column_newest_value_to_be_younger_than {"column":"last_order","max_age":"1d"})"},
      {"no_order_before_opening", " {}"},
  };
  for (const auto& c : kCases) {
    MappedTest mapped = Map(manifest, c.test);
    EXPECT_EQ(mapped.type + " " + mapped.kwargs.Dump(), c.expectation);
    EXPECT_EQ(mapped.reason.empty(), !mapped.type.empty()) << mapped.reason;
  }
  EXPECT_TRUE(Map(manifest, "email_looks_right").is_warning);
}

TEST(ExpectationTest, PackagesAndWhatHasNoEqual) {
  struct {
    const char* kind;
    const char* column;
    const char* arguments;
    const char* expectation;
  } kCases[] = {
      {"dbt_utils.unique_combination_of_columns", "", R"({"combination_of_columns":["a","b"]})",
       R"(expect_compound_columns_to_be_unique {"column_list":["a","b"]})"},
      {"dbt_utils.accepted_range", "x", R"({"min_value":0,"max_value":9,"inclusive":false})",
       R"(expect_column_values_to_be_between {"column":"x","min_value":0,"max_value":9,"strict_min":true,"strict_max":true})"},
      {"dbt_utils.not_null_proportion", "x", R"({"at_least":0.9})",
       R"(expect_column_proportion_of_non_null_values_to_be_between {"column":"x","min_value":0.9})"},
      {"dbt_utils.not_constant", "x", "{}",
       R"(expect_column_unique_value_count_to_be_between {"column":"x","min_value":2})"},
      {"dbt_utils.expression_is_true", "x", R"({"expression":"> 0"})",
       R"x(unexpected_rows_expectation {"unexpected_rows_query":"SELECT * FROM {batch} WHERE NOT (x > 0)"})x"},
      {"dbt_expectations.expect_column_values_to_be_between", "x",
       R"({"min_value":1,"strictly":true,"row_condition":"y = 1","mostly":0.5})",
       R"(expect_column_values_to_be_between {"column":"x","min_value":1,"row_condition":"y = 1","mostly":0.5,"strict_min":true})"},
      {"dbt_expectations.expect_column_values_to_be_of_type", "x", R"({"column_type":"date"})",
       R"(expect_column_values_to_be_of_type {"column":"x","type_":"date"})"},
      {"dbt_expectations.expect_table_row_count_to_be_between", "",
       R"({"min_value":1,"group_by":["day"]})", " {}"},
      {"accepted_values", "x", R"x({"values":"{{ var('values') }}"})x", " {}"},
      {"relationships", "x", R"x({"to":"ref('gone')","field":"id"})x", " {}"},
      {"my_package.my_test", "x", "{}", " {}"},
  };
  for (const auto& c : kCases) {
    dbt::Test test{.kind = c.kind, .column = c.column, .arguments = *Json::Parse(c.arguments)};
    MappedTest mapped = MapTest(test, [](std::string_view) { return std::nullopt; });
    EXPECT_EQ(mapped.type + " " + mapped.kwargs.Dump(), c.expectation) << c.kind;
    EXPECT_EQ(mapped.reason.empty(), !mapped.type.empty()) << c.kind;
  }
  dbt::Test threshold{.kind = "not_null", .column = "x", .error_if = "> 10"};
  EXPECT_TRUE(MapTest(threshold, [](std::string_view) { return std::nullopt; }).type.empty());
}

TEST(ExpectationTest, ColumnTypes) {
  struct {
    const char* native;
    const char* type;
  } kCases[] = {{"INTEGER", "int"},
                {"character varying(20)", "string"},
                {"NUMBER(38,0)", "decimal(38,0)"},
                {"numeric", ""},
                {"timestamp(6) without time zone", "timestamp"},
                {"TIMESTAMP_LTZ(9)", "timestamptz"},
                {"GEOGRAPHY", ""},
                {"", ""},
                {")(", ""}};
  for (const auto& c : kCases) EXPECT_EQ(ColumnType(c.native), c.type) << c.native;
}

TEST(ProfileTest, ReadsTargetsAndVariables) {
  std::string text = FileText("profiles.yml");
  auto nothing = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  auto dev = ReadProfile(text, "shop", "", nothing);
  ASSERT_TRUE(dev.ok()) << dev.error().message;
  EXPECT_EQ(*UrlOf(*dev, "dbt"), "duckdb:dbt/shop.duckdb");
  auto prod = ReadProfile(text, "shop", "prod", nothing);
  ASSERT_TRUE(prod.ok()) << prod.error().message;
  EXPECT_EQ(*UrlOf(*prod, "dbt"), "postgres://andon_reader@localhost:5432/shop");
  EXPECT_EQ(prod->password_variable, "SHOP_DB_PASSWORD");
  EXPECT_FALSE(ReadPassword(text, "shop", "prod", nothing).ok());
  auto set = [](const std::string& name) -> std::optional<std::string> {
    return name == "SHOP_DB_HOST" ? "db.shop" : name == "SHOP_DB_PASSWORD" ? "se cret" : "6432";
  };
  EXPECT_EQ(*UrlOf(*ReadProfile(text, "shop", "prod", set), ""),
            "postgres://andon_reader@db.shop:6432/shop");
  EXPECT_EQ(*ReadPassword(text, "shop", "prod", set), "se cret");
}

TEST(ProfileTest, MistakesAreNamed) {
  auto nothing = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  struct {
    const char* text;
    const char* profile;
    const char* target;
    const char* says;
  } kCases[] = {
      {"shop: {outputs: {dev: {type: duckdb}}}", "shp", "", "did you mean \"shop\"?"},
      {"shop: {outputs: {dev: {type: duckdb}}}", "shop", "prod", "no target \"prod\""},
      {"shop: {target: dev, outputs: {dev: {path: x}}}", "shop", "", "says no type"},
      {"shop: {target: dev, outputs: {dev: {type: postgres, host: \"{{ env_var('H') }}\"}}}",
       "shop", "", "needs the variable H, which is not set"},
      {"shop: {target: dev, outputs: {dev: {type: postgres, host: \"{{ var('h') }}\"}}}", "shop",
       "", "only env_var('NAME') is understood"},
      {"shop: {target: dev, outputs: {dev: {type: postgres, port: high}}}", "shop", "",
       "the port \"high\" is none"},
      {"shop: [", "shop", "", "profiles.yml"},
  };
  for (const auto& c : kCases) {
    auto read = ReadProfile(c.text, c.profile, c.target, nothing);
    ASSERT_FALSE(read.ok()) << c.says;
    EXPECT_NE(read.error().message.find(c.says), std::string::npos) << read.error().message;
  }
  EXPECT_FALSE(UrlOf({.type = "snowflake"}, "").ok());
  EXPECT_FALSE(ReadProjectFile("a: 1").ok());
  auto in_file = ReadProfile(
      "s: {target: d, outputs: {d: {type: postgres, host: h, password: pw}}}", "s", "", nothing);
  EXPECT_TRUE(in_file->has_password_in_file);
}

}  // namespace
}  // namespace andon::dbt
