#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "contract/declared.h"
#include "contract/formats/datacontract.h"
#include "contract/formats/hcl.h"
#include "contract/formats/json_schema.h"
#include "contract/formats/markdown.h"
#include "contract/formats/odcs.h"
#include "contract/formats/sql.h"
#include "yaml/json.h"

namespace andon::contract {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOrders = R"(
apiVersion: v3.1.0
kind: DataContract
id: orders
name: orders
version: 1.0.0
status: active
schema:
  - name: orders
    description: One row for each order
    properties:
      - {name: order_id, physicalType: BIGINT, logicalType: integer, primaryKey: true, required: true}
      - name: amount
        physicalType: DECIMAL(9,2)
        logicalType: number
        logicalTypeOptions: {minimum: 0}
        description: In euro
      - name: status
        physicalType: VARCHAR(8)
        logicalType: string
        required: true
        quality:
          - {metric: invalidValues, arguments: {validValues: [open, paid]}, mustBe: 0}
      - {name: at, physicalType: TIMESTAMPTZ, logicalType: timestamp}
      - {name: "Order by", physicalType: INT, logicalType: integer, relationships: [{to: people.id}]}
)";

Document Read(std::string_view text) {
  auto json = yaml::ParseJson(text);
  EXPECT_TRUE(json.ok()) << (json.ok() ? "" : json.error().message);
  return DocumentOf(json.ok() ? *std::move(json) : Json::Object());
}

TEST(Formats, Sql) {
  constexpr std::string_view kSql =
      "-- One row for each order\n"
      "CREATE TABLE orders (\n"
      "  order_id BIGINT PRIMARY KEY,\n"
      "  amount DECIMAL(9,2) CHECK (amount >= 0), -- In euro\n"
      "  status VARCHAR(8) NOT NULL CHECK (status IN ('open', 'paid')),\n"
      "  at TIMESTAMP WITH TIME ZONE,\n"
      "  \"Order by\" INTEGER REFERENCES people (id)\n"
      ");\n";
  EXPECT_EQ(SqlOf(Read(kOrders)), kSql);
  auto json = OdcsFromSql(kSql, "orders");
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_TRUE(OdcsViolations(*json).empty());
  Document again = DocumentOf(*json);
  ASSERT_EQ(again.tables.size(), 1u);
  std::string types;
  for (const Property& p : again.tables[0].properties)
    types += fmt::format("{} {}{}{}{}\n", p.name, p.type, p.required ? " required" : "",
                         p.primary_key ? " key" : "",
                         p.references.empty() ? "" : " -> " + p.references[0].to[0]);
  EXPECT_EQ(types,
            "order_id long required key\namount decimal(9,2)\nstatus string required\nat "
            "timestamptz\nOrder by int -> people.id\n");
}

TEST(Formats, SqlOfOtherDialects) {
  auto json = OdcsFromSql(R"(
    SET search_path = shop;
    CREATE TABLE IF NOT EXISTS `shop`.`item` (
      `id` int(11) unsigned NOT NULL AUTO_INCREMENT COMMENT 'the key',
      price numeric(10, 2) DEFAULT 0.0 NOT NULL, /* a comment, with a comma */
      made timestamp(6) without time zone DEFAULT now(),
      note text DEFAULT 'a, b)' NULL,
      CONSTRAINT pk PRIMARY KEY (`id`),
      CONSTRAINT fk FOREIGN KEY (note) REFERENCES other(code) ON DELETE CASCADE,
      UNIQUE KEY u (note(20))
    ) ENGINE=InnoDB;
    COMMENT ON COLUMN shop.item.price IS 'net';
  )",
                          "item");
  ASSERT_TRUE(json.ok()) << json.error().message;
  std::string told;
  const Document document = DocumentOf(*json);
  for (const Property& p : document.tables[0].properties)
    told += fmt::format("{} {}{}{}{} {}\n", p.name, p.type, p.required ? " required" : "",
                        p.primary_key ? " key" : "", p.unique ? " unique" : "", p.description);
  EXPECT_EQ(told,
            "id long required key the key\nprice decimal(10,2) required net\nmade timestamp \nnote "
            "string unique \n");
  for (const char* bad : {"CREATE TABLE t (a int", "CREATE TABLE t (,)", "select 1", "CREATE TABLE",
                          "CREATE TABLE t (a int, PRIMARY KEY (", "'", "CREATE TABLE t (a b(((("})
    EXPECT_FALSE(OdcsFromSql(bad, "x").ok()) << bad;
}

TEST(Formats, JsonSchema) {
  Json schema = JsonSchemaOf(Read(kOrders));
  EXPECT_EQ(schema["required"].Dump(), R"(["order_id","status"])");
  EXPECT_EQ(schema["properties"]["status"].Dump(), R"({"type":"string","enum":["open","paid"]})");
  EXPECT_EQ(schema["properties"]["amount"].Dump(),
            R"({"type":["number","null"],"description":"In euro","minimum":0})");
  EXPECT_EQ(schema["properties"]["at"].Dump(),
            R"({"type":["string","null"],"format":"date-time"})");
  Json back = OdcsFromJsonSchema(schema, "x");
  EXPECT_TRUE(OdcsViolations(back).empty());
  EXPECT_EQ(JsonSchemaOf(DocumentOf(back))["properties"]["status"], schema["properties"]["status"]);
  auto circular = Json::Parse(
      R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a","properties":{"x":{"$ref":"#/$defs/a"}}}}})");
  ASSERT_TRUE(circular.ok());
  (void)OdcsFromJsonSchema(*circular, "x");
  // Each level twice the one below it: bounded.
  std::string doubling = R"({"$ref":"#/$defs/d40","$defs":{"d0":{"type":"string"})";
  for (int i = 1; i <= 40; ++i) {
    std::string next = "{\"$ref\":\"#/$defs/d" + std::to_string(i - 1) + "\"}";
    doubling += ",\"d" + std::to_string(i) +
                "\":{\"type\":\"object\",\"properties\":{\"a\":" + next + ",\"b\":" + next + "}}";
  }
  auto bomb = Json::Parse(doubling + "}}");
  ASSERT_TRUE(bomb.ok());
  (void)OdcsFromJsonSchema(*bomb, "x");
}

TEST(Formats, DataContractSpecification) {
  auto json = yaml::ParseJson(R"(
dataContractSpecification: 1.1.0
id: orders-latest
info: {title: Orders Latest, version: 2.0.0, status: active, description: All orders, owner: checkout, contact: {name: John, url: https://teams}}
servers:
  production: {type: s3, location: s3://orders/*.json, format: json}
terms: {usage: reports, limitations: none, noticePeriod: P3M}
models:
  orders:
    type: table
    description: One record per order
    fields:
      order_id: {$ref: '#/definitions/order_id', required: true, unique: true, primaryKey: true}
      total: {type: decimal, precision: 10, scale: 2, minimum: 0, required: true}
      at: {type: timestamp, description: When}
      state: {type: string, enum: [open, paid], maxLength: 9}
      lines: {type: array, items: {type: record, fields: {sku: {type: string}}}}
    quality:
      - {type: sql, query: SELECT COUNT(*) FROM orders, mustBeGreaterThanOrEqualTo: 5}
definitions:
  order_id: {type: text, title: Order ID, format: uuid, pii: true}
servicelevels:
  availability: {percentage: 99.9%}
  retention: {period: P1Y}
  freshness: {threshold: 25h}
tags: [checkout]
links: {wiki: x}
)");
  ASSERT_TRUE(json.ok());
  ASSERT_TRUE(IsDataContractSpecification(*json));
  Json odcs = OdcsFromDataContractSpecification(*json);
  for (const std::string& violation : OdcsViolations(odcs)) ADD_FAILURE() << violation;
  Document d = DocumentOf(odcs);
  EXPECT_EQ(d.notice, "90d");
  EXPECT_EQ(d.status, "active");
  std::string told;
  for (const Property& p : d.tables[0].properties)
    told += fmt::format("{} {} {}{}\n", p.name, p.type, p.options.is_null() ? "" : p.options.Dump(),
                        p.primary_key ? " key" : "");
  EXPECT_EQ(told,
            "order_id string {\"format\":\"uuid\"} key\ntotal decimal(10,2) {\"minimum\":0}\nat "
            "timestamptz {\"timezone\":true}\nstate string {\"maxLength\":9}\nlines string \n");
  EXPECT_EQ(d.tables[0].quality[0].comparison, "mustBeGreaterOrEqualTo");
  EXPECT_EQ(SlaAttributes(d).Dump(),
            R"({"availability":"99.9%","retention":"365d","freshness":"25h"})");
  EXPECT_EQ(CustomProperty(d.json, "links")["wiki"].AsString(), "x");
}

// What HCL declares of each of the standard's examples has everything of the example again.
TEST(Formats, HclHasEverythingOfTheStandardsExamples) {
  fs::path dir = fs::path(ANDON_SHARED_DIR) / "conformance/odcs/examples";
  if (!fs::exists(dir)) GTEST_SKIP() << "conformance/odcs is not here";
  for (const auto& entry : fs::directory_iterator(dir)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    ReadFile read = ReadOdcs(text.str(), "x");
    ASSERT_TRUE(read.document);
    Declared declared = Declare(*read.document);
    ASSERT_EQ(declared.datasets.size(), read.document->tables.size());
    for (size_t i = 0; i < declared.contracts.size(); ++i) {
      definition::Project project{.datasets = declared.datasets};
      Document again = DocumentOf(project, declared.contracts[i]);
      Json part = read.document->json;
      part.Set("schema", Json::List({part["schema"].items()[i]}));
      auto lost = Remainder(part, again.json);
      EXPECT_FALSE(lost) << lost->Dump(1);
    }
    EXPECT_FALSE(WriteHcl(*read.document).empty());
  }
}

TEST(Formats, HclIsWrittenAsAPersonWould) {
  EXPECT_EQ(HclExpression(*Json::Parse(R"({"a":"x ${y} \"q\"","b c":[1,true,null]})")),
            "{ a = \"x $${y} \\\"q\\\"\", \"b c\" = [1, true, null] }");
  std::string hcl = WriteHcl(Read(kOrders));
  EXPECT_NE(hcl.find("dataset \"orders\" {\n  description = \"One row for each order\"\n  from = "
                     "source.deliveries.table.orders\n  load = { mode = \"merge\", key = "
                     "[\"order_id\"] }\n"),
            std::string::npos)
      << hcl;
  EXPECT_NE(hcl.find("amount = { type = \"decimal(9,2)\", doc = \"In euro\" }"), std::string::npos)
      << hcl;
  EXPECT_NE(hcl.find("status_invalidValues = expect_column_values_to_be_in_set(\"status\", { "
                     "value_set = [\"open\", \"paid\"] })"),
            std::string::npos)
      << hcl;
  std::string by_file = WriteHcl(Read(kOrders), {.file = "orders.odcs.yaml"});
  EXPECT_NE(by_file.find("columns = contract.orders.columns"), std::string::npos) << by_file;
  EXPECT_NE(MarkdownOf(Read(kOrders)).find("| `amount` | DECIMAL(9,2) | minimum 0 | In euro |"),
            std::string::npos)
      << MarkdownOf(Read(kOrders));
}

TEST(Formats, AnOverlayWinsThingByThing) {
  auto parse = [](const char* text) { return *Json::Parse(text); };
  Json under = parse(R"({"a":1,"l":[{"name":"x","v":1},{"name":"y"}],"n":[1]})");
  Json over = parse(R"({"b":2,"l":[{"name":"y","w":3},{"name":"z"}],"n":[2]})");
  EXPECT_EQ(Overlay(under, over).Dump(),
            R"({"a":1,"l":[{"name":"x","v":1},{"name":"y","w":3},{"name":"z"}],"n":[2],"b":2})");
  EXPECT_EQ(Overlay(under, *Remainder(over, under))["l"], Overlay(under, over)["l"]);
}

}  // namespace
}  // namespace andon::contract
