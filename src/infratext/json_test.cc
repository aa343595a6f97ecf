#include <gtest/gtest.h>

#include "infratext/events_json.h"
#include "infratext/plan_json.h"
#include "infratext/state_json.h"
#include "infratext/state_text.h"
#include "infratext/test_server.h"

namespace andon::infratext {
namespace {

using infra::Action;
using value::Value;

const provider::Schema* Schemas(std::string_view, bool, std::string_view type) {
  return type == "cloud_server" ? &ServerSchema() : nullptr;
}

Json Parsed(const std::string& text) {
  auto json = Json::Parse(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? *json : Json();
}

// The first change of the plan in JSON.
Json ChangeOf(infra::ResourceChange change) {
  infra::Plan plan;
  plan.changes = {std::move(change)};
  return Parsed(PlanJson(plan, "1.12.6", Schemas))["resource_changes"].items()[0];
}

TEST(JsonWriter, WritesInPiecesWithOrWithoutAnIndent) {
  std::vector<std::string> pieces;
  JsonWriter out([&](std::string_view piece) { pieces.emplace_back(piece); });
  out.BeginArray();
  for (int i = 0; i < 30000; ++i) out.BeginObject().Key("k").Integer(i).EndObject();
  out.EndArray().Flush();
  EXPECT_GT(pieces.size(), 3u);
  std::string text;
  for (const auto& piece : pieces) text += piece;
  EXPECT_EQ(Parsed(text).size(), 30000u);

  auto write = [](int indent) {
    std::string result;
    JsonWriter writer([&](std::string_view piece) { result += piece; }, indent);
    writer.BeginObject().Key("a").BeginArray().EndArray().Key("b").BeginArray();
    writer.String("<\"&\u2028\x01>\n").Null().Bool(true).EndArray().EndObject().Flush();
    return result;
  };
  std::string escaped = R"("\u003c\"\u0026\u2028\u0001\u003e\n")";
  EXPECT_EQ(write(0), R"({"a":[],"b":[)" + escaped + ",null,true]}");
  EXPECT_EQ(write(2),
            "{\n  \"a\": [],\n  \"b\": [\n    " + escaped + ",\n    null,\n    true\n  ]\n}");
}

TEST(PlanJson, HasEveryMemberOfAChange) {
  infra::ResourceChange change = ServerChange(
      Action::kCreateThenDelete,
      Server(R"({"id": "i-1", "password": "p", "egress": [{"port": 1}]})"),
      Server(R"({"password": "p", "ports": [1], "tags": {"a": "1"}, "egress": [{"port": 1}]})"));
  change.after = With(change.after, "id", Value::Unknown(value::Type::String()));
  change.after = With(change.after, "ports",
                      Value::List({Value::Number(1), Value::Unknown(value::Type::Number())}));
  change.address.module = {{"m", "a b"}};
  change.address.key = int64_t{7};
  change.previous_address = *address::Parse("cloud_server.old");
  change.deposed = "0a1b2c3d";
  change.import_id = "x";
  change.reason = infra::Reason::kReplaceTainted;
  change.replace_paths = {
      value::Path().Attribute("tags").Index(Value::String("a")),
      value::Path().Attribute("egress").Index(Value::Number(0)).Attribute("port")};
  change.before_identity = Value::Object({{"arn", Value::String("z")}});
  Json json = ChangeOf(change);
  const Json& inner = json["change"];
  EXPECT_EQ(json["address"].AsString(), "module.m[\"a b\"].cloud_server.web[7]");
  EXPECT_EQ(json["previous_address"].AsString(), "cloud_server.old");
  EXPECT_EQ(json["module_address"].AsString(), "module.m[\"a b\"]");
  EXPECT_EQ(json["provider_name"].AsString(), "registry.opentofu.org/acme/cloud");
  EXPECT_EQ(json["index"].AsInteger(), 7);
  EXPECT_EQ(json["deposed"].AsString(), "0a1b2c3d");
  EXPECT_EQ(json["action_reason"].AsString(), "replace_because_tainted");
  EXPECT_EQ(inner["actions"].Dump(), R"(["create","delete"])");
  EXPECT_EQ(inner["importing"].Dump(), R"({"id":"x"})");
  EXPECT_EQ(inner["before_identity"].Dump(), R"({"arn":"z"})");
  EXPECT_EQ(inner["replace_paths"].Dump(), R"([["tags","a"],["egress",0,"port"]])");
  EXPECT_EQ(inner["after"]["ports"].Dump(), "[1,null]");
  EXPECT_FALSE(inner["after"].Has("id"));
  EXPECT_EQ(inner["after_unknown"]["ports"].Dump(), "[false,true]");
  EXPECT_TRUE(inner["after_unknown"]["id"].AsBool());
  EXPECT_FALSE(inner["after_unknown"].Has("size"));
  EXPECT_TRUE(inner["before_sensitive"]["password"].AsBool());
  EXPECT_EQ(inner["after_sensitive"]["egress"].Dump(), R"([{"key":true}])");
  EXPECT_FALSE(inner["after_sensitive"].Has("size"));
}

TEST(PlanJson, WritesCreationAndRemoval) {
  Value server = Server(R"({"id": "i-1"})");
  Json created = ChangeOf(ServerChange(Action::kCreate, Value::Null(), server))["change"];
  EXPECT_TRUE(created.Has("before"));
  EXPECT_TRUE(created["before"].is_null());
  EXPECT_EQ(created["before_sensitive"].Dump(), "false");
  EXPECT_EQ(created["after_unknown"].Dump(), "{}");
  Json removed = ChangeOf(ServerChange(Action::kDelete, server, Value::Null()))["change"];
  EXPECT_TRUE(removed.Has("after"));
  EXPECT_EQ(removed["after_sensitive"].Dump(), "false");
  EXPECT_FALSE(removed.Has("replace_paths"));
}

TEST(PlanJson, HasPlannedValuesByModuleAndLeavesOutWhatGoes) {
  infra::Plan plan;
  auto add = [&](std::string_view address, Action action, std::string deposed = "") {
    auto change = ServerChange(action, Server("{}"), Server("{}"));
    change.address = *address::Parse(address);
    change.deposed = std::move(deposed);
    plan.changes.push_back(std::move(change));
  };
  add("module.b.module.c.cloud_server.x", Action::kNoOp);
  add("cloud_server.web", Action::kUpdate);
  add("cloud_server.web", Action::kDelete, "0a1b2c3d");
  add("cloud_server.gone", Action::kDelete);
  add("data.cloud_server.read", Action::kRead);
  add("data.cloud_server.gone", Action::kDelete);
  plan.outputs = {{"known", Action::kCreate, Value::Null(), Value::List({Value::Number(1)}), true},
                  {"later", Action::kCreate, Value::Null(), Value::Dynamic()},
                  {"gone", Action::kDelete, Value::True(), Value::Null()}};
  plan.time = FromMillis(1'700'000'000'123);
  plan.checks = {{"check", "module.b[0].check.c", "fail", {"no", "less"}},
                 {"check", "module.b[1].check.c", "pass", {}},
                 {"resource", "cloud_server.web[\"k\"]", "unknown", {}},
                 {"output", "output.o", "pass", {}}};
  plan.diagnostics.Error("AN0000", "Wrong", "");
  Json json = Parsed(PlanJson(plan, "1.12.6", Schemas));
  const Json& root = json["planned_values"]["root_module"];
  ASSERT_EQ(root["resources"].size(), 2u);
  EXPECT_EQ(root["resources"].items()[0]["address"].AsString(), "cloud_server.web");
  EXPECT_EQ(root["resources"].items()[0]["schema_version"].AsInteger(), 3);
  EXPECT_EQ(root["resources"].items()[1]["mode"].AsString(), "data");
  const Json& b = root["child_modules"].items()[0];
  EXPECT_EQ(b["address"].AsString(), "module.b");
  EXPECT_FALSE(b.Has("resources"));
  EXPECT_EQ(b["child_modules"].items()[0]["address"].AsString(), "module.b.module.c");
  EXPECT_EQ(json["planned_values"]["outputs"]["known"].Dump(),
            R"({"sensitive":true,"type":["list","number"],"value":[1]})");
  EXPECT_EQ(json["planned_values"]["outputs"]["later"].Dump(), R"({"sensitive":false})");
  EXPECT_EQ(json["output_changes"]["later"].Dump(),
            R"({"actions":["create"],"before":null,"after_unknown":true,"before_sensitive":false,)"
            R"("after_sensitive":false})");
  std::string order;
  for (const Json& change : json["resource_changes"].items()) {
    order += change["address"].AsString() + change["deposed"].AsString() + " ";
  }
  EXPECT_EQ(order,
            "data.cloud_server.read cloud_server.gone cloud_server.web "
            "cloud_server.web0a1b2c3d module.b.module.c.cloud_server.x ");
  EXPECT_EQ(json["timestamp"].AsString(), "2023-11-14T22:13:20Z");
  EXPECT_TRUE(json["errored"].AsBool());
  // There is no state yet, and yet this output is known.
  EXPECT_EQ(json["prior_state"]["values"]["outputs"].Dump(),
            R"({"known":{"sensitive":true,"value":[1],"type":["list","number"]}})");
  EXPECT_EQ(json["checks"].Dump(),
            R"([{"address":{"kind":"resource","mode":"managed","name":"web",)"
            R"("to_display":"cloud_server.web","type":"cloud_server"},"status":"unknown",)"
            R"("instances":[{"address":{"instance_key":"k",)"
            R"("to_display":"cloud_server.web[\"k\"]"},"status":"unknown"}]},)"
            R"({"address":{"kind":"check","module":"module.b","name":"c",)"
            R"("to_display":"module.b.check.c"},"status":"fail",)"
            R"("instances":[{"address":{"module":"module.b[0]",)"
            R"("to_display":"module.b[0].check.c"},"status":"fail",)"
            R"("problems":[{"message":"less"},{"message":"no"}]},)"
            R"({"address":{"module":"module.b[1]","to_display":"module.b[1].check.c"},)"
            R"("status":"pass"}]},)"
            R"({"address":{"kind":"output_value","name":"o","to_display":"output.o"},)"
            R"("status":"pass","instances":[{"address":{"to_display":"output.o"},)"
            R"("status":"pass"}]}])");
}

// Numbers keep their digits, which doubles would not.
TEST(PlanJson, KeepsLargeNumbers) {
  infra::Plan plan;
  plan.variables["n"] = Value::Number(*value::Number::Parse("123456789012345678901234567890.5"));
  EXPECT_NE(PlanJson(plan, "", Schemas).find("\"value\":123456789012345678901234567890.5}"),
            std::string::npos);
}

TEST(PlanJson, LeavesOutWhatMayNotBeStored) {
  infra::Plan plan;
  plan.variables["a"] = Value::True();
  plan.variables["token"] =
      Value::List({Value::String("hunter2").WithMarks(value::Mark::kEphemeral)});
  std::string text = PlanJson(plan, "1", Schemas);
  EXPECT_NE(text.find(R"("variables":{"a":{"value":true}})"), std::string::npos) << text;
}

state::State SomeState() {
  state::State state;
  state.terraform_version = "1.12.6";
  auto object = std::make_shared<state::Object>();
  value::Type type = provider::ImpliedType(ServerSchema().block);
  EXPECT_TRUE(state::Encode(Server(R"({"id": "i-1", "password": "hunter2", "size": "t3",
      "egress": [{"key": "hunter2", "port": 1}]})"),
                            type, *object)
                  .ok());
  object->schema_version = 3;
  object->status = state::ObjectStatus::kTainted;
  object->sensitive_paths = {value::Path().Attribute("size")};
  object->identity = R"({"arn":"z"})";
  object->identity_schema_version = 1;
  state.SetCurrent(*address::Parse("module.m.cloud_server.web[1]"), kTestProvider, object);
  state.SetDeposed(*address::Parse("module.m.cloud_server.web[1]"), "0a1b2c3d", kTestProvider,
                   object);
  // Of a provider that nobody knows any more, and one from before 0.12.
  auto unknown = std::make_shared<state::Object>();
  unknown->attributes = R"({"a":[1],"secret":"hunter2"})";
  unknown->sensitive_paths = {value::Path().Attribute("secret")};
  state.SetCurrent(*address::Parse("data.other_thing.x"), "provider[\"r/o/other\"]", unknown);
  auto flat = std::make_shared<state::Object>();
  flat->attributes_flat = std::map<std::string, std::string>{{"tags.%", "0"}};
  state.SetCurrent(*address::Parse("other_thing.flat"), "provider[\"r/o/other\"]", flat);
  state.outputs["o"] = {.value = Value::Map({{"a", Value::Number(1)}})};
  state.outputs["s"] = {.value = Value::String("hunter2"), .sensitive = true};
  return state;
}

TEST(StateJson, HasEveryMemberOfAnObject) {
  Json json = Parsed(StateJson(SomeState(), Schemas));
  const Json& root = json["values"]["root_module"];
  EXPECT_EQ(root["resources"].items()[0].Dump(),
            R"({"address":"data.other_thing.x","mode":"data","type":"other_thing","name":"x",)"
            R"("provider_name":"r/o/other","schema_version":0,"values":{"a":[1],)"
            R"("secret":"hunter2"},"sensitive_values":{"a":[false],"secret":true}})");
  EXPECT_EQ(root["resources"].items()[1]["values"].Dump(), R"({"tags.%":"0"})");
  const Json& server = root["child_modules"].items()[0]["resources"].items()[0];
  EXPECT_EQ(server["sensitive_values"]["egress"].Dump(), R"([{"key":true}])");
  EXPECT_TRUE(server["sensitive_values"]["size"].AsBool());
  EXPECT_TRUE(server["tainted"].AsBool());
  EXPECT_EQ(server["identity"].Dump(), R"({"arn":"z"})");
  EXPECT_EQ(server["identity_schema_version"].AsInteger(), 1);
  EXPECT_EQ(server["index"].AsInteger(), 1);
  EXPECT_EQ(server["schema_version"].AsInteger(), 3);
  const Json& deposed = root["child_modules"].items()[0]["resources"].items()[1];
  EXPECT_EQ(deposed["deposed_key"].AsString(), "0a1b2c3d");
  EXPECT_EQ(StateJson(state::State(), Schemas), R"({"format_version":"1.0"})");
}

TEST(StateText, ShowsObjectsAndHidesSecrets) {
  std::string text = RenderState(SomeState(), Schemas, {});
  EXPECT_EQ(text, R"(# data.other_thing.x:
data "other_thing" "x" {
    a      = [
        1,
    ]
    secret = (sensitive value)
}

# other_thing.flat:
resource "other_thing" "flat" {
    "tags.%" = "0"
}


# module.m.cloud_server.web[1]: (tainted)
resource "cloud_server" "web" {
    id       = "i-1"
    password = (sensitive value)
    size     = (sensitive value)
    token    = (write-only attribute)

    egress {
        key  = (sensitive value)
        port = 1
    }
}

# module.m.cloud_server.web[1]: (deposed object 0a1b2c3d)
resource "cloud_server" "web" {
    id       = "i-1"
    password = (sensitive value)
    size     = (sensitive value)
    token    = (write-only attribute)

    egress {
        key  = (sensitive value)
        port = 1
    }
}


Outputs:

o = {
    "a" = 1
}
s = (sensitive value)
)");
  EXPECT_EQ(RenderState(state::State(), Schemas, {}),
            "The state file is empty. No resources are represented.\n");
  EXPECT_NE(RenderState(SomeState(), Schemas, {.show_sensitive = true}).find("hunter2"),
            std::string::npos);
  EXPECT_EQ(RenderOutputs(SomeState().outputs, {}),
            "o = tomap({\n  \"a\" = 1\n})\ns = <sensitive>\n");
}

TEST(StateText, FindsAndLists) {
  state::State state = SomeState();
  auto show = [&](std::string_view address) {
    return RenderStateObject(state, *address::Parse(address), Schemas, {});
  };
  EXPECT_TRUE(show("other_thing.flat").ok());
  auto none = show("other_thing.none");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(StateList(state, {}),
            (std::vector<std::string>{"data.other_thing.x", "other_thing.flat",
                                      "module.m.cloud_server.web[1]"}));
  EXPECT_EQ(StateList(state, {*address::Parse("module.m")}),
            (std::vector<std::string>{"module.m.cloud_server.web[1]"}));
}

const Speaker kSpeaker{.version = "1.0.0"};
const Timestamp kNow = FromMillis(1'700'000'000'123);

TEST(Events, HaveTheMembersOfTheStream) {
  constexpr std::string_view kHead =
      R"("@module":"andon.ui","@timestamp":"2023-11-14T22:13:20.123000Z",)";
  auto whole = [&](std::string_view level, std::string_view message, std::string_view rest) {
    return fmt::format(R"({{"@level":"{}","@message":"{}",{}{}}})", level, message, kHead, rest);
  };
  EXPECT_EQ(VersionEvent(kSpeaker, kNow).Dump(),
            whole("info", "Andon 1.0.0", R"("andon":"1.0.0","type":"version","ui":"1.2")"));
  constexpr std::string_view kResource =
      R"("resource":{"addr":"module.m.cloud_server.web[\"a\"]","module":"module.m",)"
      R"("resource":"cloud_server.web[\"a\"]","implied_provider":"cloud",)"
      R"("resource_type":"cloud_server","resource_name":"web","resource_key":"a"})";
  const std::string name = R"(module.m.cloud_server.web[\"a\"])";
  EventObject object{.address = *address::Parse("module.m.cloud_server.web[\"a\"]"),
                     .action = Action::kUpdate,
                     .value = Server(R"({"id": "i-1"})")};
  auto hook = [&](std::string_view members, std::string_view type) {
    return fmt::format(R"("hook":{{{}{}}},"type":"{}")", kResource, members, type);
  };
  constexpr std::string_view kId = R"("id_key":"id","id_value":"i-1")";
  EXPECT_EQ(RefreshStartEvent(kSpeaker, kNow, object).Dump(),
            whole("info", name + ": Refreshing state... [id=i-1]",
                  hook(fmt::format(",{}", kId), "refresh_start")));
  EXPECT_EQ(ApplyStartEvent(kSpeaker, kNow, object).Dump(),
            whole("info", name + ": Modifying... [id=i-1]",
                  hook(fmt::format(R"(,"action":"update",{})", kId), "apply_start")));
  EXPECT_EQ(ApplyProgressEvent(kSpeaker, kNow, object, std::chrono::seconds(70)).Dump(),
            whole("info", name + ": Still modifying... [1m10s elapsed]",
                  hook(R"(,"action":"update","elapsed_seconds":70)", "apply_progress")));
  EXPECT_EQ(ApplyCompleteEvent(kSpeaker, kNow, object, std::chrono::milliseconds(2999)).Dump(),
            whole("info", name + ": Modifications complete after 2s [id=i-1]",
                  hook(fmt::format(R"(,"action":"update",{},"elapsed_seconds":2)", kId),
                       "apply_complete")));
  EXPECT_EQ(ApplyErroredEvent(kSpeaker, kNow, object, std::chrono::hours(1)).Dump(),
            whole("info", name + ": Modifications errored after 1h0m0s",
                  hook(R"(,"action":"update","elapsed_seconds":3600)", "apply_errored")));
  EXPECT_EQ(ProvisionProgressEvent(kSpeaker, kNow, object.address, "local-exec", "hi").Dump(),
            whole("info", name + ": (local-exec): hi",
                  hook(R"(,"provisioner":"local-exec","output":"hi")", "provision_progress")));
  EXPECT_EQ(LineOf(ProvisionStartEvent(kSpeaker, kNow, *address::Parse("a_b.c"), "local-exec")),
            "a_b.c: Provisioning with 'local-exec'...");
  EXPECT_EQ(LineOf(ProvisionCompleteEvent(kSpeaker, kNow, *address::Parse("a_b.c"), "local-exec")),
            "a_b.c: (local-exec) Provisioning complete");

  // What is sensitive is no name for people.
  object.value = With(object.value, "id", Value::String("i").WithMarks(value::Mark::kSensitive));
  EXPECT_FALSE(RefreshStartEvent(kSpeaker, kNow, object)["hook"].Has("id_key"));
}

TEST(Events, TellOfAPlan) {
  infra::Plan plan;
  auto change = ServerChange(Action::kNoOp, Server("{}"), Server("{}"));
  plan.changes.push_back(change);
  change.address = *address::Parse("cloud_server.moved[0]");
  change.previous_address = *address::Parse("cloud_server.old");
  plan.changes.push_back(change);
  change.action = Action::kDeleteThenCreate;
  change.address = *address::Parse("cloud_server.replaced");
  change.previous_address.reset();
  change.reason = infra::Reason::kReplaceCannotUpdate;
  change.import_id = "i-1";
  plan.changes.push_back(change);
  change.action = Action::kForget;
  change.import_id = "";
  change.address = *address::Parse("cloud_server.z");
  change.reason = infra::Reason::kNone;
  plan.changes.push_back(change);
  change.action = Action::kUpdate;
  plan.drift.push_back(change);
  plan.outputs = {{"o", Action::kCreate, Value::Null(), Value::True(), true}};
  std::string messages;
  auto events = PlanEvents(kSpeaker, kNow, plan);
  for (const Json& event : events) messages += LineOf(event) + "\n";
  EXPECT_EQ(messages,
            "cloud_server.z: Drift detected (update)\n"
            "cloud_server.moved[0]: Plan to move\n"
            "cloud_server.replaced: Plan to replace\n"
            "cloud_server.z: Plan to remove\n"
            "Plan: 1 to import, 1 to add, 0 to change, 1 to destroy, 1 to forget.\n"
            "Outputs: 1\n");
  EXPECT_EQ(events[1]["change"]["previous_resource"]["addr"].AsString(), "cloud_server.old");
  EXPECT_EQ(events[2]["change"]["reason"].AsString(), "cannot_update");
  EXPECT_EQ(events[2]["change"]["importing"].Dump(), R"({"id":"i-1"})");
  EXPECT_EQ(events[4]["changes"].Dump(),
            R"({"add":1,"change":0,"import":1,"remove":1,"forget":1,"operation":"plan"})");
  EXPECT_EQ(events[5]["outputs"].Dump(), R"({"o":{"sensitive":true,"action":"create"}})");
  EXPECT_EQ(SummaryText({.add = 1, .change = 2, .remove = 3}, Operation::kApply),
            "Apply complete! Resources: 1 added, 2 changed, 3 destroyed.");
  EXPECT_EQ(SummaryText({.remove = 3}, Operation::kDestroy),
            "Destroy complete! Resources: 3 destroyed.");
  EXPECT_EQ(OutputsEvent(kSpeaker, kNow, SomeState().outputs)["outputs"].Dump(),
            R"({"o":{"sensitive":false,"type":["map","number"],"value":{"a":1}},)"
            R"("s":{"sensitive":true,"type":"string"}})");
}

TEST(Events, TellOfADiagnostic) {
  Sources sources;
  sources.Add("main.tf", "a = 1\nbb = foo(\n  2)\nc = 3\n");
  Diagnostic diagnostic{.summary = "Wrong",
                        .detail = "It is.",
                        .subject = {.filename = "main.tf",
                                    .start = {.line = 2, .column = 6, .byte = 11},
                                    .end = {.line = 3, .column = 4, .byte = 20}},
                        .address = "x.y",
                        .help = "Do."};
  Json event = DiagnosticEvent(kSpeaker, kNow, diagnostic, sources);
  EXPECT_EQ(event["@level"].AsString(), "error");
  EXPECT_EQ(event["@message"].AsString(), "Error: Wrong");
  EXPECT_EQ(event["diagnostic"].Dump(),
            R"({"severity":"error","summary":"Wrong","detail":"It is.\n\nDo.","address":"x.y",)"
            R"("range":{"filename":"main.tf","start":{"line":2,"column":6,"byte":11},)"
            R"("end":{"line":3,"column":4,"byte":20}},"snippet":{"context":null,)"
            R"J("code":"bb = foo(\n  2)","start_line":2,"highlight_start_offset":5,)J"
            R"("highlight_end_offset":14,"values":[]}})");
  // Places that the text does not have.
  for (int byte : {-5, 25, 26, 1000}) {
    diagnostic.subject.start.byte = byte;
    diagnostic.subject.end.byte = byte - 1;
    EXPECT_TRUE(DiagnosticEvent(kSpeaker, kNow, diagnostic, sources)["diagnostic"].Has("snippet"));
  }
  diagnostic.subject = {};
  diagnostic.severity = Severity::kWarning;
  event = DiagnosticEvent(kSpeaker, kNow, diagnostic, sources);
  EXPECT_EQ(event["@level"].AsString(), "warn");
  EXPECT_FALSE(event["diagnostic"].Has("range"));
}

}  // namespace
}  // namespace andon::infratext
