#include "jsonschema/schema.h"

#include <gtest/gtest.h>

namespace andon::jsonschema {
namespace {

Json Parse(std::string_view text) {
  auto json = Json::Parse(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? *std::move(json) : Json();
}

std::string Told(std::string_view schema_text, std::string_view instance, size_t max = 100) {
  auto schema = Compile(Parse(schema_text), {.asserts_formats = true});
  if (!schema.ok()) return schema.error().message;
  std::string out;
  for (const Violation& v : Validate(*schema, Parse(instance), max))
    out += v.instance_path + " " + v.schema_path + ": " + v.message + "\n";
  EXPECT_EQ(out.empty(), IsValid(*schema, Parse(instance)));
  return out;
}

TEST(JsonSchema, AViolationNamesItsPlacesAndWhatIsWrong) {
  const struct {
    const char* schema;
    const char* instance;
    const char* told;
  } cases[] = {
      {R"({"type":"object","required":["a"]})", R"({"b":1})", " /required: \"a\" is missing\n"},
      {R"({"properties":{"a":{"type":["integer","null"]}}})", R"({"a":1.5})",
       "/a /properties/a/type: 1.5 is not null or an integer\n"},
      {R"({"properties":{"status":{"enum":["active","draft"]}}})", R"({"status":"actve"})",
       "/status /properties/status/enum: \"actve\" is none of the values allowed; did you mean "
       "\"active\"?\n"},
      {R"({"properties":{"name":{}},"additionalProperties":false})", R"({"nmae":1})",
       "/nmae /additionalProperties: \"nmae\" is not known here; did you mean \"name\"?\n"},
      {R"({"items":{"$ref":"#/$defs/x"},"$defs":{"x":{"minimum":3}}})", "[3,2]",
       "/1 /items/$ref/minimum: 2 is less than 3\n"},
      {R"({"anyOf":[{"type":"string"},{"properties":{"n":{"maximum":1}}}]})", R"({"n":2})",
       "/n /anyOf/1/properties/n/maximum: 2 is more than 1\n"},
      {R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "5",
       " /anyOf: 5 fits none of the 2 forms allowed\n"},
      {R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "3",
       " /oneOf: 3 fits the forms 1 and 2, and only one may fit\n"},
      {R"({"properties":{"abc":true},"unevaluatedProperties":false})", R"({"abc":1,"x":2})",
       "/x /unevaluatedProperties: \"x\" is not known here\n"},
      {R"({"format":"date"})", "\"2026-02-30\"", " /format: \"2026-02-30\" is no date\n"},
      {R"({"uniqueItems":true})", "[1, 1.0]", " /uniqueItems: two items are the same\n"},
      {R"({"properties":{"a/b":{"const":1}}})", R"({"a/b":2})",
       "/a~1b /properties/a~1b/const: 2 is not 1\n"},
      {R"({"minLength":2})", "\"ä\"", " /minLength: 1 character, and at least 2 are needed\n"},
      {R"({"if":{"const":1},"then":{"type":"string"}})", "1", " /then/type: 1 is not a text\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(Told(c.schema, c.instance), c.told) << c.schema;
  EXPECT_EQ(Told(R"({"items":{"type":"string"}})", "[1,2,3,4]", 2),
            "/0 /items/type: 1 is not a text\n/1 /items/type: 2 is not a text\n");
}

TEST(JsonSchema, AWrongSchemaIsRefusedWithItsPlace) {
  const struct {
    const char* schema;
    const char* error;
  } cases[] = {
      {R"({"type":"text"})", "/type: \"text\" is no type of JSON Schema"},
      {R"({"properties":{"a":{"$ref":"#/$defs/b"}}})",
       "/properties/a/$ref: \"#/$defs/b\" leads nowhere: \"$defs\" is not there"},
      {R"({"$ref":"https://example.com/other.json"})",
       "/$ref: \"https://example.com/other.json\" leads to another document, and only what the "
       "schema itself holds is looked at"},
      {R"x({"pattern":"(?=x)"})x",
       "/pattern: the pattern \"(?=x)\" cannot be used: look-arounds are not known, as they can "
       "take for ever"},
      {R"x({"pattern":"("})x", "/pattern: the pattern \"(\" cannot be used: missing ): ("},
      {R"({"multipleOf":0})", "/multipleOf: a number above zero is expected"},
      {R"({"items":[{}]})", "/items: a list of schemas is called prefixItems in this draft"},
      {R"({"$schema":"http://json-schema.org/draft-03/schema#"})",
       "/$schema: \"http://json-schema.org/draft-03/schema#\" is none of JSON Schema's drafts "
       "2020-12, 2019-09, 7, 6 and 4"},
      {R"([1])", "/: a schema is an object, true or false"},
  };
  for (const auto& c : cases) EXPECT_EQ(Told(c.schema, "1"), c.error) << c.schema;
}

TEST(JsonSchema, NothingRunsForEver) {
  EXPECT_EQ(Told(R"({"$ref":"#"})", "1").substr(0, 1), " ");
  EXPECT_NE(Told(R"({"$ref":"#"})", "1").find("refers to itself without end"), std::string::npos);
  // Each level asks the next twice: 2^40 steps, were they all taken.
  std::string doubling = R"({"$ref":"#/$defs/d40","$defs":{"d0":{"type":"string"})";
  for (int i = 1; i <= 40; ++i) {
    std::string next = std::to_string(i - 1);
    doubling += ",\"d" + std::to_string(i) + "\":{\"anyOf\":[{\"$ref\":\"#/$defs/d" + next +
                "\"},{\"$ref\":\"#/$defs/d" + next + "\"}]}";
  }
  EXPECT_NE(Told(doubling + "}}", "1").find("too costly"), std::string::npos);
  // A deep document against a schema that follows it.
  std::string deep = std::string(500, '[') + std::string(500, ']');
  EXPECT_FALSE(Told(R"({"items":{"$ref":"#"},"maxItems":0})", deep).empty());
}

}  // namespace
}  // namespace andon::jsonschema
