#include "config/terraform/body.h"

#include <gtest/gtest.h>

#include "hcl/json_file.h"
#include "hcl/parser.h"
#include "provider/legacy_object.h"

namespace andon::config {
namespace {

using provider::BlockSchema;
using provider::NestedBlock;
using provider::Nesting;
using value::Mark;
using value::Type;
using value::Value;

Value Text(std::string_view text) { return Value::String(text); }

NestedBlock Nested(std::string name, Nesting nesting, Type port = Type::Number()) {
  NestedBlock nested{.name = std::move(name), .nesting = nesting};
  nested.block.attributes = {{.name = "note", .type = Type::String(), .optional = true},
                             {.name = "port", .type = std::move(port), .required = true}};
  return nested;
}

// One block of each nesting, and attributes of each kind.
const BlockSchema& Everything() {
  static const BlockSchema schema = [] {
    BlockSchema s;
    s.attributes = {
        {.name = "id", .type = Type::String(), .computed = true},
        {.name = "name", .type = Type::String(), .required = true},
        {.name = "size", .type = Type::Number(), .optional = true, .computed = true},
        {.name = "tags", .type = Type::Map(Type::String()), .optional = true},
    };
    provider::AttributeSchema volumes{
        .name = "volumes", .nesting = Nesting::kList, .optional = true};
    volumes.attributes = {{.name = "arn", .type = Type::String(), .computed = true},
                          {.name = "gigabytes", .type = Type::Number(), .required = true}};
    s.attributes.push_back(volumes);
    s.blocks = {Nested("any", Nesting::kList, Type::Dynamic()),
                Nested("group", Nesting::kGroup),
                Nested("item", Nesting::kList),
                Nested("keyed", Nesting::kMap),
                Nested("one", Nesting::kSingle),
                Nested("rule", Nesting::kSet)};
    s.blocks[2].max_items = 2;
    // An inner level, for dynamic blocks inside of dynamic blocks.
    s.blocks[2].block.blocks = {Nested("part", Nesting::kList)};
    return s;
  }();
  return schema;
}

hcl::EvalContext Context() {
  hcl::EvalContext context;
  context.variables["ports"] = Value::List({Value::Number(80), Value::Number(443)});
  context.variables["named"] =
      Value::Map({{"http", Value::Number(80)}, {"ssh", Value::Number(22)}});
  context.variables["unknown"] = Value::Unknown(Type::List(Type::Number()));
  context.variables["later"] = Value::Unknown(Type::String());
  context.variables["secret"] = Text("k").WithMarks(Mark::kSensitive);
  context.variables["secret_ports"] = Value::List({Value::Number(1)}).WithMarks(Mark::kSensitive);
  context.variables["fleeting"] = Text("f").WithMarks(Mark::kEphemeral);
  return context;
}

struct Read {
  std::shared_ptr<const hcl::File> file;
  DecodedBody decoded;
};

Read DecodeText(const BlockSchema& schema, const std::string& text,
                const std::string& filename = "main.tf") {
  auto parsed = filename.ends_with(".json") ? hcl::ParseJsonFile(filename, text)
                                            : hcl::ParseFile(filename, text);
  EXPECT_TRUE(parsed.diagnostics.empty()) << parsed.diagnostics.list()[0].detail;
  return {parsed.file, DecodeBody(parsed.file->body(), schema, Context())};
}

std::string Messages(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    text += ToString(d.subject) + " " + d.summary + ": " + d.detail;
    if (!d.at_caret.empty()) text += " (" + d.at_caret + ")";
    text += "\n";
  }
  return text;
}

// The attribute of the value that the text gives, with no mistake.
Value Member(const std::string& name, const std::string& text,
             const std::string& filename = "main.tf") {
  Read read = DecodeText(Everything(), text, filename);
  EXPECT_EQ(Messages(read.decoded.diagnostics), "") << text;
  return read.decoded.value.Attribute(name);
}

struct MemberCase {
  std::string member;
  std::string text;  // Beside the name.
  std::string value;
};

TEST(DecodeBody, TellsNothingThatIsNotWritten) {
  Read read = DecodeText(Everything(), "name = \"a\"\n");
  EXPECT_EQ(Messages(read.decoded.diagnostics), "");
  Value::Members members = provider::EmptyValue(Everything()).members();
  for (auto& [name, member] : members) {
    if (name == "name") member = Text("a");
  }
  EXPECT_EQ(read.decoded.value.DebugString(), Value::Object(members).DebugString());
  EXPECT_EQ(read.decoded.value, Value::Object(members));
}

TEST(DecodeBody, Values) {
  const std::vector<MemberCase> cases = {
      {"size", "size = \"12\"", "12"},
      {"tags", "tags = { a = 1, b = true }", R"(tomap({"a" = "1", "b" = "true"}))"},
      {"volumes", "volumes = [{ gigabytes = 3 }]",
       R"(tolist([{"arn" = tostring(null), "gigabytes" = 3}]))"},
      {"item", "item { port = 1 }\nitem {\n port = 2\n note = \"n\"\n}",
       R"(tolist([{"note" = tostring(null), "part" = tolist([]), "port" = 1}, {"note" = "n", "part" = tolist([]), "port" = 2}]))"},
      {"rule", "rule { port = 2 }\nrule { port = 1 }\nrule { port = 2 }",
       R"(toset([{"note" = tostring(null), "port" = 1}, {"note" = tostring(null), "port" = 2}]))"},
      {"keyed", "keyed \"x\" { port = 1 }\nkeyed \"y\" { port = 2 }",
       R"(tomap({"x" = {"note" = tostring(null), "port" = 1}, "y" = {"note" = tostring(null), "port" = 2}}))"},
      {"one", "one { port = 1 }", R"({"note" = tostring(null), "port" = 1})"},
      {"group", "group { port = 1 }", R"({"note" = tostring(null), "port" = 1})"},
      {"any", "any { port = 1 }\nany { port = \"a\" }",
       R"([{"note" = tostring(null), "port" = 1}, {"note" = tostring(null), "port" = "a"}])"},
      {"item",
       "dynamic \"item\" {\n for_each = ports\n content {\n port = item.value\n note = item.key\n "
       "}\n}",
       R"(tolist([{"note" = "0", "part" = tolist([]), "port" = 80}, {"note" = "1", "part" = tolist([]), "port" = 443}]))"},
      {"item",
       "item { port = 1 }\ndynamic \"item\" {\n for_each = [2]\n iterator = it\n content { port = "
       "it.value }\n}",
       R"(tolist([{"note" = tostring(null), "part" = tolist([]), "port" = 1}, {"note" = tostring(null), "part" = tolist([]), "port" = 2}]))"},
      {"rule",
       "dynamic \"rule\" {\n for_each = named\n content {\n port = rule.value\n note = rule.key\n "
       "}\n}",
       R"(toset([{"note" = "http", "port" = 80}, {"note" = "ssh", "port" = 22}]))"},
      {"keyed",
       "dynamic \"keyed\" {\n for_each = named\n labels = [keyed.key]\n content { port = "
       "keyed.value }\n}",
       R"(tomap({"http" = {"note" = tostring(null), "port" = 80}, "ssh" = {"note" = tostring(null), "port" = 22}}))"},
      {"item", "dynamic \"item\" {\n for_each = unknown\n content { port = item.value }\n}",
       R"(unknown(list of object))"},
      {"rule",
       "rule { port = 9 }\ndynamic \"rule\" {\n for_each = unknown\n content { port = rule.value "
       "}\n}",
       R"(unknown(set of object))"},
      {"item", "dynamic \"item\" {\n for_each = []\n content { port = item.value }\n}",
       R"(tolist([]))"},
      {"item", "dynamic \"item\" {\n for_each = secret_ports\n content { port = item.value }\n}",
       R"(tolist([sensitive({"note" = tostring(null), "part" = tolist([]), "port" = 1})]))"},
      {"rule", "dynamic \"rule\" {\n for_each = secret_ports\n content { port = rule.value }\n}",
       R"(sensitive(toset([{"note" = tostring(null), "port" = 1}])))"},
      {"item",
       "dynamic \"item\" {\n for_each = [1]\n content {\n port = 5\n dynamic \"part\" {\n for_each "
       "= ports\n content { port = part.value + item.value }\n }\n }\n}",
       R"(tolist([{"note" = tostring(null), "part" = tolist([{"note" = tostring(null), "port" = 81}, {"note" = tostring(null), "port" = 444}]), "port" = 5}]))"},
      {"name", "", R"(unknown(string))"},
  };
  for (const MemberCase& c : cases) {
    Value value = Member(c.member, "name = later\n" + c.text + "\n");
    EXPECT_EQ(value.DebugString(), c.value) << c.text;
  }
}

TEST(DecodeBody, Mistakes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"size = 1",
       "main.tf:2:1 Missing required argument: The argument \"name\" is required here, but is not "
       "set.\n"},
      {"name = \"a\"\nsizes = 1\ncolour = 2",
       "main.tf:2:1 Unsupported argument: There is no argument \"sizes\" here. (did you mean "
       "\"size\"?)\n"
       "main.tf:3:1 Unsupported argument: There is no argument \"colour\" here.\n"},
      {"name = \"a\"\nrules {}",
       "main.tf:2:1 Unsupported block type: There is no block \"rules\" here. (did you mean "
       "\"rule\"?)\n"},
      {"name = \"a\"\nname2 {}\nitem = []",
       "main.tf:2:1 Unsupported block type: There is no block \"name2\" here.\n"
       "main.tf:3:1 Unsupported argument: \"item\" is a block, not an argument: write \"item {\" "
       "without the equals sign.\n"},
      {"name = \"a\"\nsize = \"many\"",
       "main.tf:2:8 Incorrect attribute value type: Inappropriate value for attribute \"size\": a "
       "number is required.\n"},
      {"name = \"a\"\nvolumes = [{ gigabytes = 1 }, { gigabytes = \"x\" }]",
       "main.tf:2:45 Incorrect attribute value type: Inappropriate value for attribute "
       "\"volumes\": [1].gigabytes: a number is required.\n"},
      {"name = \"a\"\nvolumes = [{}]",
       "main.tf:2:12 Incorrect attribute value type: Inappropriate value for attribute "
       "\"volumes\": [0]: attribute \"gigabytes\" is required.\n"},
      {"name = \"a\"\nitem {}",
       "main.tf:2:7 Missing required argument: The argument \"port\" is required here, but is not "
       "set.\n"},
      {"name = \"a\"\nitem \"x\" { port = 1 }",
       "main.tf:2:6 Wrong number of labels: A \"item\" block has no labels.\n"},
      {"name = \"a\"\nkeyed { port = 1 }",
       "main.tf:2:7 Wrong number of labels: A \"keyed\" block has 1 label (key); \"key\" is "
       "missing before the brace.\n"},
      {"name = \"a\"\nkeyed \"x\" { port = 1 }\nkeyed \"x\" { port = 1 }",
       "main.tf:3:1 Duplicate block label: A block keyed \"x\" stands at main.tf:2:1 already: the "
       "labels must be unique.\n"},
      {"name = \"a\"\none { port = 1 }\none { port = 1 }",
       "main.tf:3:1 Too many blocks: No more than 1 block of type \"one\" is allowed here.\n"},
      {"name = \"a\"\nitem { port = 1 }\nitem { port = 1 }\nitem { port = 1 }",
       "main.tf:4:1 Too many blocks: No more than 2 blocks of type \"item\" are allowed here.\n"},
      {"name = missing",
       "main.tf:1:8 Unknown name: There is no \"missing\" that this expression could refer to.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n content { port = 1 }\n}",
       "main.tf:2:1 Invalid dynamic block: A dynamic block has the argument \"for_each\": one "
       "block for each element.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = [1]\n}",
       "main.tf:2:1 Invalid dynamic block: A dynamic block has one block \"content\", which says "
       "what stands in each block that it makes.\n"},
      {"name = \"a\"\ndynamic \"items\" {\n for_each = [1]\n content {}\n}",
       "main.tf:2:9 Unsupported block type: There is no block \"items\" here. (did you mean "
       "\"item\"?)\n"},
      {"name = \"a\"\ndynamic {\n for_each = [1]\n content {}\n}",
       "main.tf:2:9 Wrong number of labels: A \"dynamic\" block has 1 label (type); \"type\" is "
       "missing before the brace.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = \"x\"\n content { port = 1 }\n}",
       "main.tf:3:13 Invalid dynamic for_each value: Cannot use a string in for_each: a list, set, "
       "map, tuple or object is required.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = null\n content { port = 1 }\n}",
       "main.tf:3:13 Invalid dynamic for_each value: Cannot use a null value in for_each: a list, "
       "set, map, tuple or object is required.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = ports\n content { port = missing }\n}",
       "main.tf:4:19 Unknown name: There is no \"missing\" that this expression could refer to.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = unknown\n content { prt = 1 }\n}",
       "main.tf:4:12 Unsupported argument: There is no argument \"prt\" here. (did you mean "
       "\"port\"?)\n"
       "main.tf:4:20 Missing required argument: The argument \"port\" is required here, but is not "
       "set.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = [1]\n labels = [1]\n content { port = 1 }\n}",
       "main.tf:4:2 Unsupported argument: There is no argument \"labels\" here.\n"},
      {"name = \"a\"\ndynamic \"item\" {\n for_each = [1]\n iterator = a.b\n content { port = 1 "
       "}\n}",
       "main.tf:4:13 Invalid dynamic block: \"iterator\" is the name of a variable, written "
       "without quotes.\n"},
      {"name = \"a\"\ndynamic \"keyed\" {\n for_each = [1]\n content { port = 1 }\n}",
       "main.tf:2:1 Invalid dynamic block: Blocks of type \"keyed\" have a label: say it in "
       "\"labels\", as in labels = [keyed.key].\n"},
      {"name = \"a\"\ndynamic \"keyed\" {\n for_each = [1]\n labels = [secret]\n content { port = "
       "1 }\n}",
       "main.tf:4:12 Invalid dynamic block label: Cannot use this value as a label: it is "
       "sensitive or ephemeral, and labels are shown.\n"},
      {"name = \"a\"\ndynamic \"keyed\" {\n for_each = [1]\n labels = [later]\n content { port = 1 "
       "}\n}",
       "main.tf:4:12 Invalid dynamic block label: Cannot use this value as a label: it is not yet "
       "known, and labels must be.\n"},
  };
  for (const auto& [text, messages] : cases) {
    Read read = DecodeText(Everything(), text + "\n");
    EXPECT_EQ(Messages(read.decoded.diagnostics), messages) << text;
  }
}

// In the tree of a JSON file objects stand for blocks; the syntax around them is another
// reader's, so that this one may be given HCL.
TEST(DecodeBody, ReadsObjectsOfAJsonFileAsBlocks) {
  const std::vector<MemberCase> cases = {
      {"item", R"("item": [{"port": 1}, {"port": 2, "//": "a comment"}])",
       "item { port = 1 }\nitem { port = 2 }"},
      {"item", R"("item": {"port": 1})", "item { port = 1 }"},
      {"item", R"("item": null)", ""},
      {"keyed", R"("keyed": {"x": {"port": 1}, "y": [{"port": 2}]})",
       "keyed \"x\" { port = 1 }\nkeyed \"y\" { port = 2 }"},
      {"rule", R"("rule": [{"port": 2}])", "rule { port = 2 }"},
      {"one", R"("one": [{"port": 2}])", "one { port = 2 }"},
      {"item", R"("item": {"port": 1, "part": [{"port": 2}]})",
       "item {\n port = 1\n part { port = 2 }\n}"},
      {"item",
       R"("dynamic": {"item": {"for_each": "${ports}", "iterator": "it",
                               "content": {"port": "${it.value}"}}})",
       "item { port = 80 }\nitem { port = 443 }"},
      {"keyed",
       R"("dynamic": [{"keyed": {"for_each": "${named}", "labels": ["${keyed.key}"],
                                 "content": [{"port": "${keyed.value}"}]}}])",
       "keyed \"http\" { port = 80 }\nkeyed \"ssh\" { port = 22 }"},
      {"volumes", R"("volumes": [{"gigabytes": 3}])", "volumes = [{ gigabytes = 3 }]"},
  };
  for (const MemberCase& c : cases) {
    EXPECT_EQ(Member(c.member, R"({"name": "a", )" + c.text + "}", "main.tf.json").DebugString(),
              Member(c.member, "name = \"a\"\n" + c.value + "\n").DebugString())
        << c.text;
  }
}

TEST(DecodeBody, TellsMistakesOfAJsonFile) {
  Read read = DecodeText(Everything(), R"({
  "name": "a",
  "item": [{"port": 1}, 7],
  "rule": {"prt": 1},
  "items": []
})",
                         "main.tf.json");
  EXPECT_EQ(Messages(read.decoded.diagnostics),
            "main.tf.json:3:25 Invalid form of a block: \"item\" is a block: an object, or a list "
            "of objects, stands for it.\n"
            "main.tf.json:4:12 Unsupported argument: There is no argument \"prt\" here. (did you "
            "mean \"port\"?)\n"
            "main.tf.json:4:20 Missing required argument: The argument \"port\" is required here, "
            "but is not set.\n"
            "main.tf.json:5:3 Unsupported argument: There is no argument \"items\" here.\n");
}

// Of old providers: a list of objects that is an attribute, and may be written as blocks.
TEST(DecodeBody, AnAttributeOfAnOldProviderMayBeWrittenAsBlocks) {
  Type object = Type::Object({{"from", Type::Number()}, {"note", Type::String()}});
  BlockSchema old;
  old.attributes = {{.name = "ingress", .type = Type::Set(object), .optional = true}};
  auto ingress = [&old](const std::string& text) {
    Read read = DecodeText(old, text);
    EXPECT_EQ(Messages(read.decoded.diagnostics), "") << text;
    return read.decoded.value.Attribute("ingress").DebugString();
  };
  EXPECT_EQ(
      ingress("ingress { from = \"1\" }\ningress { note = \"n\" }\n"),
      R"(toset([{"from" = 1, "note" = tostring(null)}, {"from" = tonumber(null), "note" = "n"}]))");
  EXPECT_EQ(ingress("dynamic \"ingress\" {\n for_each = ports\n content {\n from = ingress.value\n"
                    "  note = \"\"\n }\n}\n"),
            R"(toset([{"from" = 443, "note" = ""}, {"from" = 80, "note" = ""}]))");
  EXPECT_EQ(ingress("dynamic \"ingress\" {\n for_each = unknown\n content { from = 1 }\n}\n"),
            "unknown(set of object)");
  EXPECT_EQ(ingress("ingress = [{ from = 1, note = null }]\n"),
            R"(toset([{"from" = 1, "note" = tostring(null)}]))");
  EXPECT_EQ(ingress(""), "toset(null) /* of object */");

  EXPECT_EQ(Messages(DecodeText(old, "ingress = []\ningress {}\n").decoded.diagnostics),
            "main.tf:2:1 Unsupported block type: \"ingress\" is set as an argument already.\n");

  // A provider with nested attributes is none of these.
  old.attributes.push_back({.name = "volumes", .nesting = Nesting::kList, .optional = true});
  EXPECT_EQ(Messages(DecodeText(old, "ingress {}\n").decoded.diagnostics),
            "main.tf:1:1 Unsupported block type: \"ingress\" is an argument, not a block: write "
            "\"ingress = ...\".\n");
}

TEST(DecodeBody, AsksForTheLeastNumberOfBlocks) {
  BlockSchema schema;
  schema.blocks = {Nested("one", Nesting::kSingle), Nested("rule", Nesting::kSet)};
  schema.blocks[0].min_items = 1;
  schema.blocks[1].min_items = 2;
  EXPECT_EQ(Messages(DecodeText(schema, "rule { port = 1 }\n").decoded.diagnostics),
            "main.tf:2:1 Missing block: A block of type \"one\" is required here.\n"
            "main.tf:2:1 Missing block: At least 2 blocks of type \"rule\" are required here.\n");
  // How many an unknown for_each makes, apply will tell.
  EXPECT_EQ(Messages(DecodeText(schema,
                                "one { port = 1 }\ndynamic \"rule\" {\n for_each = unknown\n"
                                " content { port = 1 }\n}\n")
                         .decoded.diagnostics),
            "");
}

TEST(DecodeBody, ABodyThatIsNotWrittenIsEmpty) {
  BlockSchema schema = Everything();
  schema.blocks[4].min_items = 1;
  DecodedBody decoded = DecodeBody(hcl::Body(), schema, Context());
  EXPECT_EQ(decoded.value, provider::EmptyValue(schema));
  ASSERT_EQ(decoded.diagnostics.size(), 2);
  EXPECT_EQ(decoded.diagnostics.list()[0].detail, "A block of type \"one\" is required here.");
  EXPECT_EQ(decoded.diagnostics.list()[1].detail,
            "The argument \"name\" is required, but is not set.");
}

TEST(DecodeBody, BlocksOfASetHaveOneType) {
  BlockSchema schema;
  schema.blocks = {Nested("rule", Nesting::kSet, Type::Dynamic())};
  Read read = DecodeText(schema, "rule { port = 1 }\nrule { port = \"a\" }\n");
  EXPECT_EQ(Messages(read.decoded.diagnostics),
            "main.tf:2:1 Inconsistent argument types in blocks: The arguments of all blocks of "
            "type \"rule\" must have the same types.\n");
  EXPECT_FALSE(read.decoded.value.Attribute("rule").is_known());
}

TEST(DecodeBody, KeepsMarksWhereTheyAre) {
  Read read =
      DecodeText(Everything(), "name = secret\ntags = { a = secret, b = \"x\" }\nsize = secret\n");
  const Value& value = read.decoded.value;
  EXPECT_TRUE(value.Attribute("name").Has(Mark::kSensitive));
  EXPECT_FALSE(value.is_marked());
  EXPECT_EQ(value.Attribute("tags").DebugString(), R"(tomap({"a" = sensitive("k"), "b" = "x"}))");
  // Also where the value does not fit, and no message shows it.
  EXPECT_TRUE(value.Attribute("size").Has(Mark::kSensitive));
  EXPECT_EQ(Messages(read.decoded.diagnostics),
            "main.tf:3:8 Incorrect attribute value type: Inappropriate value for attribute "
            "\"size\": a number is required.\n");
}

TEST(RangeOf, FindsThePartAsDeepAsTheSourceTells) {
  auto parsed = hcl::ParseFile("main.tf",
                               "tags = { a = \"x\" }\n"                 // 1
                               "list = [{ b = 1 }, 2]\n"                // 2
                               "item {\n  port = 1\n}\n"                // 3
                               "item {\n  port = 2\n}\n"                // 6
                               "keyed \"k\" {\n  port = 3\n}\n"         // 9
                               "dynamic \"rule\" {\n  for_each = []\n"  // 12
                               "  content {\n    port = 4\n  }\n}\n"    // 14
                               "one { port = 5 }\n");                   // 18
  auto at = [&parsed](const value::Path& path) {
    return ToString(RangeOf(parsed.file->body(), path));
  };
  value::Path root;
  auto number = [](int n) { return Value::Number(n); };
  EXPECT_EQ(at(root.Attribute("tags")), "main.tf:1:8");
  EXPECT_EQ(at(root.Attribute("tags").Index(Text("a"))), "main.tf:1:14");
  EXPECT_EQ(at(root.Attribute("tags").Index(Text("b"))), "main.tf:1:8");
  EXPECT_EQ(at(root.Attribute("list").Index(number(0)).Attribute("b")), "main.tf:2:15");
  EXPECT_EQ(at(root.Attribute("list").Index(number(1)).Attribute("b")), "main.tf:2:20");
  EXPECT_EQ(at(root.Attribute("item").Index(number(1)).Attribute("port")), "main.tf:7:10");
  EXPECT_EQ(at(root.Attribute("item").Index(number(1)).Attribute("none")), "main.tf:6:1");
  EXPECT_EQ(at(root.Attribute("item").Index(number(5))), ToString(parsed.file->body().range()));
  EXPECT_EQ(at(root.Attribute("keyed").Index(Text("k")).Attribute("port")), "main.tf:10:10");
  EXPECT_EQ(at(root.Attribute("rule").Index(number(3)).Attribute("port")), "main.tf:15:12");
  EXPECT_EQ(at(root.Attribute("rule").Index(Value::EmptyObject()).Attribute("port")),
            "main.tf:15:12");
  EXPECT_EQ(at(root.Attribute("one").Attribute("port")), "main.tf:18:14");
  EXPECT_EQ(at(root.Attribute("absent")), ToString(parsed.file->body().range()));
  EXPECT_EQ(at(root), ToString(parsed.file->body().range()));
  EXPECT_FALSE(RangeOf(hcl::Body(), root).exists());
}

TEST(DeprecationWarnings, NameWhatIsWritten) {
  BlockSchema schema = Everything();
  schema.attributes[2].deprecated = true;
  schema.attributes[2].deprecation_message = "Use volumes.";
  schema.blocks[5].block.deprecated = true;
  schema.blocks[2].block.attributes[0].deprecated = true;
  auto parsed =
      hcl::ParseFile("main.tf",
                     "size = 1\nrule {}\n"
                     "dynamic \"item\" {\n  for_each = []\n  content {\n    note = \"\"\n  }\n}\n");
  Diagnostics warnings = DeprecationWarnings(parsed.file->body(), schema);
  EXPECT_FALSE(warnings.has_errors());
  EXPECT_EQ(
      Messages(warnings),
      "main.tf:1:1 Argument is deprecated: Use volumes.\n"
      "main.tf:2:1 Argument is deprecated: The block \"rule\" is deprecated by its provider.\n"
      "main.tf:6:5 Argument is deprecated: The argument \"note\" is deprecated by its "
      "provider.\n");
}

TEST(CheckEphemeral, LetsOnlyWriteOnlyArgumentsTakeIt) {
  BlockSchema schema = Everything();
  schema.attributes[1].write_only = true;
  Read read = DecodeText(
      schema, "name = fleeting\ntags = { a = fleeting }\nitem {\n port = 1\n note = fleeting\n}\n");
  EXPECT_EQ(Messages(CheckEphemeral(read.file->body(), schema, read.decoded.value)),
            "main.tf:5:9 Ephemeral value used in non-ephemeral context: \"note\" would be stored, "
            "and an ephemeral value never is: only arguments that are write-only take one.\n"
            "main.tf:2:8 Ephemeral value used in non-ephemeral context: \"tags\" would be stored, "
            "and an ephemeral value never is: only arguments that are write-only take one.\n");
}

}  // namespace
}  // namespace andon::config
