#include "state/file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace andon::state {
namespace {

std::string ReadAll(const std::string& name) {
  std::ifstream in(std::string(ANDON_SOURCE_DIR) + "/src/state/testdata/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Messages(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& one : diagnostics) {
    out += fmt::format("{} {}: {}\n", ToString(one.subject), one.summary, one.detail);
  }
  return out;
}

State Parsed(std::string_view text) {
  ReadResult read = ReadState(text, "x.tfstate");
  EXPECT_TRUE(read.state) << Messages(read.diagnostics);
  return read.state ? *read.state : State();
}

// A state of one resource whose fields are `resource`, and instance fields `instance`.
std::string OneInstance(std::string_view resource, std::string_view instance) {
  return fmt::format(
      R"({{"version":4,"serial":1,"lineage":"l","outputs":{{}},"resources":[{{{}"type":"t",)"
      R"("name":"n","instances":[{{{}}}]}}]}})",
      resource, instance);
}
constexpr const char* kManaged = R"("mode":"managed","provider":"provider[\"h/n/t\"]",)";

TEST(StateFileTest, WritesTheFileThatItRead) {
  for (const char* name : {"every_field.tfstate", "made_by_terraform.tfstate"}) {
    std::string text = ReadAll(name);
    ASSERT_FALSE(text.empty()) << name;
    auto written = WriteState(Parsed(text));
    ASSERT_TRUE(written.ok());
    EXPECT_EQ(*written, text) << name;
  }
}

TEST(StateFileTest, ReadsEveryField) {
  State state = Parsed(ReadAll("every_field.tfstate"));
  EXPECT_EQ(state.serial, 18446744073709551615u);
  EXPECT_EQ(state.outputs.at("secret").sensitive, true);
  EXPECT_EQ(state.outputs.at("old").deprecated, "use <new>");
  auto* instance = state.FindInstance(*address::Parse("module.m[\"a\"].t.n[\"x\"]"));
  ASSERT_TRUE(instance && instance->current);
  const Object& object = *instance->current;
  EXPECT_EQ(object.status, ObjectStatus::kTainted);
  EXPECT_EQ(object.private_data, "private bytes");
  EXPECT_EQ(*object.dependencies, std::vector<std::string>{"module.m.t.other"});
  EXPECT_TRUE(object.create_before_destroy);
  EXPECT_TRUE(object.skip_destroy);
  EXPECT_EQ(object.identity, R"({"id":"i-1"})");
  EXPECT_EQ(object.identity_schema_version, 1u);
  EXPECT_EQ(std::get<std::string>(instance->provider_key), "eu");
  ASSERT_EQ(instance->deposed.size(), 1u);
  EXPECT_TRUE(instance->deposed.at("0badc0de")->attributes_flat->contains("tags.%"));
  ASSERT_EQ(state.check_results.size(), 2u);
  EXPECT_EQ(state.check_results[0].objects[0].failure_messages[0], "no");
}

TEST(StateFileTest, DecodesWithTheTypeAndMarksWhatIsSensitive) {
  State state = Parsed(ReadAll("every_field.tfstate"));
  const Object& object =
      *state.FindInstance(*address::Parse("module.m[\"a\"].t.n[\"x\"]"))->current;
  auto type = value::Type::Object(
      {{"size", value::Type::Number()}, {"tags", value::Type::Map(value::Type::String())}});
  auto value = Decode(object, type);
  ASSERT_TRUE(value.ok()) << value.error().message;
  EXPECT_EQ(value->Attribute("size").number().ToString(), "12345678901234567890.5");
  EXPECT_TRUE(value->Attribute("tags").Find("key")->Has(value::Mark::kSensitive));
  EXPECT_FALSE(value->Attribute("tags").Find("open")->is_marked());

  Object again = object;
  ASSERT_TRUE(Encode(*value, type, again).ok());
  EXPECT_EQ(again.attributes, object.attributes);
  EXPECT_EQ(again.sensitive_paths, object.sensitive_paths);
  EXPECT_FALSE(Decode(object, value::Type::Object({{"size", value::Type::Bool()}})).ok());
}

TEST(StateFileTest, EncodesUnknownAsNull) {
  using value::Type;
  using value::Value;
  auto type = Type::Object({{"a", Type::String()}, {"b", Type::List(Type::Number())}});
  Object object;
  ASSERT_TRUE(Encode(Value::Object(
                         {{"a", Value::Unknown(Type::String())},
                          {"b", Value::List({Value::Number(1), Value::Unknown(Type::Number())})}}),
                     type, object)
                  .ok());
  EXPECT_EQ(object.attributes, R"({"a":null,"b":[1,null]})");
}

TEST(StateFileTest, KeepsNumbersAndEscapesOfAttributesAsWritten) {
  std::string raw = R"({"n":1.50e+400,"m":-0.0,"s":"a\/b\u00e9\u2028 <&>","e":{},"l":[ ]})";
  State state = Parsed(OneInstance(kManaged, "\"attributes\": " + raw));
  const Object& object = *state.FindInstance(*address::Parse("t.n"))->current;
  EXPECT_EQ(object.attributes,
            R"({"n":1.50e+400,"m":-0.0,"s":"a\/b\u00e9\u2028 \u003c\u0026\u003e","e":{},"l":[]})");
}

TEST(StateFileTest, OrdersAsTerraformDoes) {
  State state;
  auto object = std::make_shared<const Object>();
  for (const char* text : {"t.b", "t.a[10]", "t.a[9]", "t.a[\"z\"]", "t.a", "data.t.z",
                           "module.m[2].t.a", "module.m[10].t.a", "s.a"}) {
    state.SetCurrent(*address::Parse(text), "provider[\"h/n/t\"]", object);
  }
  std::string text = *WriteState(state);
  size_t at = 0;
  for (const char* next :
       {"\"mode\": \"data\"", "\"type\": \"s\"", "\"name\": \"a\"", "\"schema_version\"",
        "\"index_key\": 9,", "\"index_key\": 10,", "\"index_key\": \"z\"", "\"name\": \"b\"",
        "module.m[10]", "module.m[2]"}) {
    size_t found = text.find(next, at);
    ASSERT_NE(found, std::string::npos) << next << " behind " << text.substr(0, at);
    at = found;
  }
}

TEST(StateFileTest, AnEmptyTextIsNoStateAndNoMistake) {
  ReadResult read = ReadState("", "x.tfstate");
  EXPECT_FALSE(read.state);
  EXPECT_TRUE(read.diagnostics.empty());
}

TEST(StateFileTest, TellsWhatIsWrongAndWhere) {
  struct Case {
    std::string text;
    const char* message;
  };
  const std::string head = R"({"version":4,"lineage":"l","serial":)";
  for (const Case& c : {
           Case{"{",
                "x.tfstate:1:2 Unsupported state file format: The state file could not be "
                "parsed as JSON: the text ends before it is complete"},
           {"{\n \"version\": 4,\n \"serial\" 1}", "x.tfstate:3:11 Unsupported state file format"},
           {"{\"version\":4}x", "more text follows"},
           {"[]", "\"state\" must be an object, and is a list"},
           {"null", "does not have a \"version\" attribute"},
           {"{}", "does not have a \"version\" attribute"},
           {R"({"version":-1})", "\"version\" must be a whole number from 0, and is -1"},
           {R"({"version":"4"})", "\"version\" must be a whole number from 0, and is a string"},
           {R"({"version":0})", "a version number of zero"},
           {R"({"version":3,"terraform_version":"0.11.14"})",
            "format version 3, of Terraform 0.11 and before. It was created by version 0.11.14."},
           {R"({"version":5,"terraform_version":"3.0.0"})",
            "format version 5, which is not supported. It was created by version 3.0.0."},
           {R"({"encrypted_data":"x"})", "is encrypted"},
           {"tfstate\x01", "legacy binary format"},
           {head + "1.5}", "\"serial\" must be a whole number from 0, and is 1.5"},
           {head + "18446744073709551616}", "\"serial\" must be a whole number"},
           {R"({"version":4,"terraform_version":"twelve"})", "Invalid version string in state"},
           {head + "\"\x01\"}", "a control character"},
           {head + "\"\\q\"}", "an invalid escape"},
           {head + "01}", "a comma or a closing brace is missing"},
           {head + "1,}", "the name of a member is missing"},
           {R"({"version":4,"outputs":{"o":{"value":1,"type":"float"}}})",
            "invalid type specification for output \"o\""},
           {R"({"version":4,"outputs":{"o":{"value":"x","type":"number"}}})",
            "invalid value for output \"o\""},
           {OneInstance(R"("mode":"ephemeral",)", ""), "mode \"ephemeral\""},
           {OneInstance(R"("mode":"managed",)", ""), "Provider field missing in state"},
           {OneInstance(R"("mode":"managed","provider":"aws",)", ""), "no address of a provider"},
           {OneInstance(std::string(kManaged) + R"("module":"m",)", ""), "no address of a module"},
           {R"({"version":4,"resources":[{"mode":"managed","type":"a b","name":"n"}]})",
            "\"a b\" \"n\" is no type and name of a resource"},
           {OneInstance(kManaged, R"("index_key":true)"), "\"index_key\" must be"},
           {OneInstance(kManaged, R"("status":"sad")"), "invalid status \"sad\""},
           {OneInstance(kManaged, R"("deposed":"123")"), "deposed key \"123\""},
           {OneInstance(kManaged, R"("private":"%%%")"), "is no base64"},
           {OneInstance(kManaged, R"("schema_version":"x")"), "\"schema_version\" must be"},
           {OneInstance(kManaged, R"("dependencies":"x")"), "\"dependencies\" must be a list"},
           {OneInstance(kManaged, R"("sensitive_attributes":[[{"type":"x","value":1}]])"),
            "Unsupported path step type \"x\""},
           {OneInstance(kManaged, R"(},{)"), "t.n appears multiple times"},
           {OneInstance(kManaged, R"("index_key":"k"},{"index_key":"k")"),
            "t.n[\"k\"] appears multiple times"},
           {OneInstance(R"("mode":"managed",)",
                        R"("provider":"provider[\"a/b/c\"].x[0]"},{)"
                        R"("index_key":1,"provider":"provider[\"d/e/f\"]")"),
            "Provider field conflict"},
       }) {
    ReadResult read = ReadState(c.text, "x.tfstate");
    EXPECT_FALSE(read.state) << c.text;
    EXPECT_NE(Messages(read.diagnostics).find(c.message), std::string::npos)
        << c.text << "\n"
        << Messages(read.diagnostics);
  }
}

TEST(StateFileTest, AnyCutTextIsRefusedAndNoneCrashes) {
  std::string text = ReadAll("every_field.tfstate");
  for (size_t size = 1; size + 2 < text.size(); size += 7) {
    ReadResult read = ReadState(std::string_view(text).substr(0, size), "x.tfstate");
    EXPECT_FALSE(read.state) << size;
    EXPECT_EQ(read.diagnostics.errors(), 1) << size;
  }
}

TEST(StateFileTest, DepthIsBounded) {
  std::string deep(20000, '[');
  ReadResult read = ReadState(R"({"version":4,"x":)" + deep, "x.tfstate");
  EXPECT_NE(Messages(read.diagnostics).find("deeper than 10000 levels"), std::string::npos);
  std::string fine = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_TRUE(ReadState(R"({"version":4,"x":)" + fine + "}", "x.tfstate").state);
}

TEST(StateFileTest, SinkReceivesPiecesAndItsFailureEndsTheWriting) {
  State state;
  auto object = std::make_shared<Object>();
  object->attributes = "{\"a\":\"" + std::string(1000, 'x') + "\"}";
  for (int i = 0; i < 1000; ++i) {
    state.SetCurrent(*address::Parse(fmt::format("t.n[{}]", i)), "provider[\"h/n/t\"]", object);
  }
  std::string whole;
  size_t longest = 0;
  ASSERT_TRUE(WriteState(state, [&](std::string_view piece) {
                whole += piece;
                longest = std::max(longest, piece.size());
                return Result<void>();
              }).ok());
  EXPECT_EQ(whole, *WriteState(state));
  EXPECT_LT(longest, size_t{128} << 10);
  auto failed = WriteState(
      state, [](std::string_view) { return Result<void>(Error::Io("the disk is full")); });
  EXPECT_EQ(failed.error().message, "the disk is full");
}

TEST(StateFileTest, ObjectTextReadsBack) {
  State state = Parsed(ReadAll("every_field.tfstate"));
  for (const auto& [address, resource] : state.resources) {
    for (const auto& [key, instance] : resource.instances) {
      if (!instance.current) continue;
      std::string text = ObjectText(*instance.current);
      EXPECT_EQ(text.find('\n'), std::string::npos);
      auto again = ObjectFromText(text);
      ASSERT_TRUE(again.ok()) << again.error().message;
      EXPECT_EQ(**again, *instance.current);
    }
  }
  EXPECT_EQ(ObjectFromText("{").error().kind, ErrorKind::kCorrupt);
}

TEST(StateTest, ChangesMakeAndRemoveWhatIsAround) {
  State state;
  auto one = *address::Parse("module.m.t.n[1]");
  auto object = std::make_shared<const Object>();
  state.SetCurrent(one, "provider[\"h/n/t\"]", object);
  EXPECT_FALSE(state.empty());
  std::string key = state.Depose(one);
  EXPECT_EQ(key.size(), 8u);
  EXPECT_EQ(state.FindInstance(one)->current, nullptr);
  EXPECT_EQ(state.Depose(one), "");
  EXPECT_TRUE(state.RestoreDeposed(one, key));
  EXPECT_FALSE(state.RestoreDeposed(one, key));
  EXPECT_EQ(state.FindInstance(one)->current, object);
  State before = state;
  EXPECT_TRUE(SameContent(before, state));
  state.SetCurrent(one, "provider[\"h/n/t\"]", nullptr);
  EXPECT_TRUE(state.resources.empty());
  EXPECT_FALSE(SameContent(before, state));
  EXPECT_NE(before.FindInstance(one), nullptr);
}

}  // namespace
}  // namespace andon::state
