#include "sql/types.h"

#include <gtest/gtest.h>

#include "sql/engine.h"

namespace andon::sql {
namespace {

std::string Said(const Result<std::string>& result) {
  return result.ok() ? *result : "error: " + result.error().message;
}

TEST(Types, ToDuckDbAndBack) {
  const std::pair<const char*, const char*> kCases[] = {
      {"boolean", "BOOLEAN"},
      {"int", "INTEGER"},
      {"long", "BIGINT"},
      {"float", "FLOAT"},
      {"double", "DOUBLE"},
      {"decimal(5,2)", "DECIMAL(5,2)"},
      {"date", "DATE"},
      {"time", "TIME"},
      {"timestamp", "TIMESTAMP"},
      {"timestamptz", "TIMESTAMP WITH TIME ZONE"},
      {"string", "VARCHAR"},
      {"uuid", "UUID"},
      {"binary", "BLOB"},
      {"list<long>", "BIGINT[]"},
      {"map<string,list<int>>", "MAP(VARCHAR, INTEGER[])"},
      {"struct<a: long, b: decimal(9,2)>", "STRUCT(\"a\" BIGINT, \"b\" DECIMAL(9,2))"},
  };
  for (const auto& [name, duckdb] : kCases) {
    EXPECT_EQ(Said(ToDuckDbType(name)), duckdb);
    EXPECT_EQ(Said(FromDuckDbType(duckdb)), name);
    EXPECT_EQ(Said(NormalizeType(name)), name);
  }
}

TEST(Types, DuckDbTypesWithoutACounterpart) {
  const std::pair<const char*, const char*> kCases[] = {
      {"HUGEINT", "decimal(38,0)"},  {"UBIGINT", "decimal(20,0)"},    {"SMALLINT", "int"},
      {"TIMESTAMP_NS", "timestamp"}, {"ENUM('a', 'b''c')", "string"}, {"JSON", "string"},
      {"INTEGER[3]", "list<int>"},   {"VARCHAR(20)", "string"},
  };
  for (const auto& [duckdb, name] : kCases) EXPECT_EQ(Said(FromDuckDbType(duckdb)), name);
  EXPECT_FALSE(FromDuckDbType("INTERVAL").ok());
}

TEST(Types, MistakesNameWhatWasMeant) {
  EXPECT_EQ(Said(NormalizeType("Decimal( 5 , 2 )")), "decimal(5,2)");
  EXPECT_EQ(Said(NormalizeType("lon")),
            "error: There is no column type \"lon\". Did you mean \"long\"?");
  for (const char* bad : {"", "decimal", "decimal(0,0)", "decimal(39,1)", "decimal(5,6)",
                          "decimal(5", "list<", "list<long", "map<string>", "struct<>",
                          "struct<a long>", "long long", "list<lon>", "decimal(99999999999,1)"}) {
    EXPECT_FALSE(NormalizeType(bad).ok()) << bad;
  }
  std::string deep;
  for (int i = 0; i < 10000; i++) deep += "list<";
  EXPECT_FALSE(NormalizeType(deep).ok());
  EXPECT_EQ(Said(ReadTypeName("BIGINT")), "long");
  EXPECT_EQ(Said(ReadTypeName("long")), "long");
}

TEST(Types, EveryNameIsATypeOfDuckDb) {
  Engine engine = *Engine::Open({.threads = 1});
  Connection connection = *engine.Connect();
  for (const std::string& name : TypeNames()) {
    std::string type = name == "decimal" ? "decimal(18,3)" : name;
    auto columns = connection.Describe("SELECT NULL::" + *ToDuckDbType(type) + " AS x");
    ASSERT_TRUE(columns.ok()) << type;
    EXPECT_EQ(Said(FromDuckDbType((*columns)[0].type)), type);
  }
}

}  // namespace
}  // namespace andon::sql
