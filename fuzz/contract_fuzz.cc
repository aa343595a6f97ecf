// links: andon_contract
//
// Any bytes: YAML that is read is written and read again as the same; a document is judged,
// compared and exported whatever is in it; a schema judges or is refused.
#include "contract/compare.h"
#include "contract/declared.h"
#include "contract/formats/datacontract.h"
#include "contract/formats/hcl.h"
#include "contract/formats/json_schema.h"
#include "contract/formats/markdown.h"
#include "contract/formats/odcs.h"
#include "contract/formats/sql.h"
#include "contract/lint.h"
#include "contract/needs.h"
#include "driver.h"
#include "jsonschema/schema.h"
#include "yaml/json.h"

namespace {

using namespace andon;
using namespace andon::contract;

void CheckDocument(const Json& json, const std::string& input) {
  Document document = DocumentOf(json);
  Lint(document);
  FUZZ_CHECK(Compare(document, document).changes.empty(), input);
  Compare(document, DocumentOf(Json::Object()));
  Compare(DocumentOf(Json::Object()), document);
  WriteHcl(document);
  SqlOf(document);
  MarkdownOf(document);
  JsonSchemaOf(document);
  for (const Table& table : document.tables) ReportNeeds(document, ChecksOfTable(table));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  (void)OdcsFromSql(input, "fuzz").ok();
  auto json = yaml::ParseJson(input);
  if (!json.ok()) return 0;
  auto again = yaml::ParseJson(yaml::Emit(*json));
  FUZZ_CHECK(again.ok() && *again == *json, input);
  ReadFile read = ReadOdcs(input, "fuzz.yaml");
  for (const Diagnostic& d : read.diagnostics) FUZZ_CHECK(d.subject.start.line >= 1, input);
  CheckDocument(*json, input);
  CheckDocument(OdcsFromDataContractSpecification(*json), input);
  CheckDocument(OdcsFromJsonSchema(*json, "fuzz"), input);
  auto schema = jsonschema::Compile(*json, {.asserts_formats = true});
  if (schema.ok()) {
    bool valid = jsonschema::Validate(*schema, *json).empty();
    FUZZ_CHECK(valid == jsonschema::IsValid(*schema, *json), input);
  }
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n"
      "  - name: t\n    properties:\n      - {name: a, logicalType: integer, primaryKey: true,\n"
      "         logicalTypeOptions: {minimum: 0, pattern: '^a'}}\n      - name: b\n        items:\n"
      "          properties: [{name: c, relationships: [{to: t.a}]}]\n    quality:\n"
      "      - {metric: rowCount, mustBeBetween: [1, 2], unit: percent}\n      - {type: sql, "
      "query: "
      "select 1, mustBe: 0}\nslaProperties:\n  - {property: latency, value: 4, unit: h}\n",
      "dataContractSpecification: 1.1.0\nid: x\nmodels:\n  m:\n    fields:\n      a: {$ref: "
      "'#/definitions/a', enum: [x]}\ndefinitions:\n  a: {type: decimal, precision: 5}\n"
      "servicelevels: {latency: {threshold: PT1H}}\nterms: {noticePeriod: P3M}\n",
      "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$defs\":{\"a\":{\"anyOf\":[{"
      "\"type\":\"string\"},{\"items\":{\"$ref\":\"#/$defs/"
      "a\"}}]}},\"properties\":{\"x\":{\"$ref\":"
      "\"#/$defs/a\"}},\"unevaluatedProperties\":false,\"if\":{\"required\":[\"x\"]},\"then\":{"
      "\"minProperties\":1}}",
      "a: &x [1, *x]\nb: |\n  text\n<<: {c: !!int '5'}\n? d\n: \"\\u00e9\"\n",
      "CREATE TABLE \"t\" (a int NOT NULL, b decimal(5,2) REFERENCES u (v), PRIMARY KEY (a));",
  };
}

std::vector<std::string> FuzzWords() {
  return {"schema:",     "properties:", "quality:", "- ",        ": ",   "{",
          "}",           "[",           "]",        "$ref",      "#/",   "anyOf",
          "metric:",     "mustBe:",     "rowCount", "required:", "true", "null",
          "primaryKey:", "items:",      "&a",       "*a",        "|",    "CREATE TABLE",
          "PRIMARY KEY", "REFERENCES",  "pattern",  "\n  "};
}
