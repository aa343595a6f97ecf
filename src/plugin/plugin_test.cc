#include "plugin/plugin.h"

#include <gtest/gtest.h>

#include <thread>

#include "plugin/test_standin.h"
#include "value/msgpack.h"

namespace andon::plugin {
namespace {

using value::Type;
using value::Value;

std::string Text(const provider::AttributeDiagnostics& diagnostics) {
  std::string text;
  for (const auto& d : diagnostics)
    text +=
        fmt::format("{}{}: {}\n", ToString(d.attribute), d.diagnostic.summary, d.diagnostic.detail);
  return text;
}

Value Num(int n) { return Value::Number(n); }

// Everything is asked in both versions of the protocol.
class BothVersions : public StandinTest, public testing::WithParamInterface<int> {
 protected:
  Json Script(const std::string& more = "{}") { return StandinScript(GetParam(), more); }
};
INSTANTIATE_TEST_SUITE_P(Protocol, BothVersions, testing::Values(5, 6),
                         testing::PrintToStringParamName());

TEST_P(BothVersions, TheSchemaComesWhole) {
  auto plugin = StartWith(Script());
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(static_cast<int>(plugin->protocol()), GetParam());
  const auto& response = plugin->GetSchema();
  ASSERT_TRUE(response.diagnostics.empty()) << Text(response.diagnostics);
  const provider::ProviderSchema& schema = response.schema;
  EXPECT_EQ(schema.provider.block.attributes[0].description.kind, provider::TextKind::kMarkdown);
  const provider::Schema& thing = schema.resources.at("thing");
  EXPECT_EQ(thing.version, 2);
  EXPECT_TRUE(thing.block.FindAttribute("name")->required);
  EXPECT_TRUE(thing.block.FindAttribute("secret")->sensitive);
  EXPECT_TRUE(thing.block.FindAttribute("password")->write_only);
  EXPECT_EQ(thing.block.FindBlock("rule")->nesting, provider::Nesting::kSet);
  EXPECT_EQ(thing.block.FindBlock("rule")->max_items, 3);
  EXPECT_TRUE(schema.capabilities.move_resource_state);
  EXPECT_FALSE(schema.capabilities.plan_destroy);
  const provider::FunctionSchema& echo = schema.functions.at("echo");
  EXPECT_TRUE(echo.parameters[0].allow_null);
  EXPECT_EQ(echo.variadic_parameter->name, "more");
  EXPECT_EQ(echo.return_type, Type::String());
  EXPECT_EQ(schema.ephemeral_resources.count("token"), 1u);
  EXPECT_TRUE(schema.identities.empty());
  EXPECT_NE(plugin->schema(), nullptr);
}

TEST_P(BothVersions, AnObjectLivesAndIsGone) {
  auto plugin = StartWith(Script());
  ASSERT_NE(plugin, nullptr);
  Value config = Value::Object({{"region", Value::String("eu")}});
  EXPECT_EQ(Text(plugin->ValidateProviderConfig({.config = config})), "");
  EXPECT_EQ(Text(plugin->Configure({.terraform_version = "1.12.0", .config = config})), "");
  Value wanted = ConfiguredThing("a");
  EXPECT_EQ(Text(plugin->ValidateResourceConfig({.type = "thing", .config = wanted})), "");

  auto planned =
      plugin->PlanResourceChange({.type = "thing", .proposed = wanted, .config = wanted});
  ASSERT_EQ(Text(planned.diagnostics), "");
  EXPECT_FALSE(planned.planned.Find("id")->is_known());
  EXPECT_FALSE(planned.planned.Find("size")->is_known());
  EXPECT_TRUE(planned.planned.Find("any")->RawEquals(Value::True()));
  ASSERT_EQ(planned.requires_replace.size(), 1u);
  EXPECT_EQ(ToString(planned.requires_replace[0]), ".name");

  auto applied = plugin->ApplyResourceChange({.type = "thing",
                                              .planned = planned.planned,
                                              .config = wanted,
                                              .private_data = std::string("\0\xff", 2)});
  ASSERT_EQ(Text(applied.diagnostics), "");
  EXPECT_FALSE(applied.is_lost);
  EXPECT_TRUE(applied.state.RawEquals(Thing("a", Value::String("thing-id-1"), Num(1))))
      << applied.state.DebugString();
  EXPECT_EQ(applied.private_data, std::string("\0\xff", 2));

  auto read = plugin->ReadResource({.type = "thing", .prior = applied.state});
  ASSERT_EQ(Text(read.diagnostics), "");
  EXPECT_TRUE(read.state.RawEquals(applied.state));

  auto removal =
      plugin->PlanResourceChange({.type = "thing", .prior = read.state, .private_data = "p"});
  EXPECT_TRUE(removal.planned.is_null());
  EXPECT_EQ(removal.private_data, "p");
  auto gone = plugin->ApplyResourceChange({.type = "thing", .prior = read.state});
  EXPECT_EQ(Text(gone.diagnostics), "");
  EXPECT_TRUE(gone.state.is_null() && !gone.is_lost);
  EXPECT_EQ(gone.state.type(), ImpliedType(plugin->GetSchema().schema.resources.at("thing").block));
  EXPECT_EQ(plugin->Stop(), "");
}

TEST_P(BothVersions, WhatIsNoLifeOfAnObject) {
  auto plugin = StartWith(Script(R"({"rules": [
    {"rpc": "OpenEphemeralResource", "renew_at": 86400, "private": "k"},
    {"rpc": "RenewEphemeralResource", "renew_at": 90000},
    {"rpc": "CallFunction", "after": 1, "times": 1, "error": "no such text", "argument": 0}]})"));
  ASSERT_NE(plugin, nullptr);
  auto imported = plugin->ImportResourceState({.type = "thing", .id = "i-1"});
  ASSERT_EQ(Text(imported.diagnostics), "");
  ASSERT_EQ(imported.resources.size(), 1u);
  EXPECT_EQ(imported.resources[0].type, "thing");
  EXPECT_EQ(imported.resources[0].state.Find("id")->string(), "i-1");

  const char* stored = R"({"id":"x","name":"n","any":{"value":1,"type":"number"},"rule":[]})";
  auto upgraded = plugin->UpgradeResourceState({.type = "thing", .version = 1, .state = stored});
  ASSERT_EQ(Text(upgraded.diagnostics), "");
  EXPECT_TRUE(upgraded.state.Find("any")->RawEquals(Num(1)));
  auto moved = plugin->MoveResourceState({.source_type = "other",
                                          .source_state = stored,
                                          .source_private_data = "p",
                                          .target_type = "thing"});
  ASSERT_EQ(Text(moved.diagnostics), "");
  EXPECT_EQ(moved.state.Find("name")->string(), "n");
  EXPECT_EQ(moved.private_data, "p");

  Value query = Value::Object({{"id", Value::Null(Type::String())}, {"name", Value::String("n")}});
  EXPECT_EQ(Text(plugin->ValidateDataConfig({.type = "thing", .config = query})), "");
  auto data = plugin->ReadDataSource({.type = "thing", .config = query});
  ASSERT_EQ(Text(data.diagnostics), "");
  EXPECT_EQ(data.state.Find("id")->string(), "thing-id-1");

  auto said = plugin->CallFunction({.name = "echo", .arguments = {Value::String("hi"), Num(2)}});
  EXPECT_FALSE(said.error.has_value());
  EXPECT_EQ(said.result.string(), "hi");
  auto refused = plugin->CallFunction({.name = "echo", .arguments = {Value::String("hi")}});
  ASSERT_TRUE(refused.error.has_value());
  EXPECT_EQ(refused.error->text, "no such text");
  EXPECT_EQ(refused.error->argument, 0);
  EXPECT_TRUE(plugin->CallFunction({.name = "nothing"}).error.has_value());

  Value token = Value::Object({{"value", Value::Null(Type::String())}});
  EXPECT_EQ(Text(plugin->ValidateEphemeralConfig({.type = "token", .config = token})), "");
  auto opened = plugin->OpenEphemeralResource({.type = "token", .config = token});
  ASSERT_EQ(Text(opened.diagnostics), "");
  EXPECT_EQ(opened.result.Find("value")->string(), "token-value-2");
  ASSERT_TRUE(opened.renew_at.has_value());
  EXPECT_EQ(ToRfc3339(*opened.renew_at), "1970-01-02T00:00:00Z");
  auto renewed = plugin->RenewEphemeralResource({"token", opened.private_data});
  ASSERT_EQ(Text(renewed.diagnostics), "");
  EXPECT_EQ(renewed.private_data, "k");
  EXPECT_EQ(Text(plugin->CloseEphemeralResource({"token", renewed.private_data})), "");
}

TEST_P(BothVersions, DiagnosticsCarryPathsAndDeferralsTheirReason) {
  auto plugin = StartWith(Script(R"({"legacy_type_system": true, "rules": [
    {"rpc": "ValidateResourceConfig", "error": "Bad port", "detail": "It is taken.",
     "attribute": ["rule", 0, "port", {"key": "k"}]},
    {"rpc": "PlanResourceChange", "warning": "Old", "deferred": 3, "requires_replace": [["tags", {"key": "a"}]],
     "private": "kept"}]})"));
  ASSERT_NE(plugin, nullptr);
  Value wanted = ConfiguredThing("a");
  auto bad = plugin->ValidateResourceConfig({.type = "thing", .config = wanted});
  ASSERT_TRUE(provider::HasErrors(bad));
  EXPECT_EQ(Text(bad), ".rule[0].port[\"k\"]Bad port: It is taken.\n");
  auto planned =
      plugin->PlanResourceChange({.type = "thing", .proposed = wanted, .config = wanted});
  ASSERT_EQ(planned.diagnostics.size(), 1u);
  EXPECT_EQ(planned.diagnostics[0].diagnostic.severity, Severity::kWarning);
  EXPECT_EQ(planned.deferred, provider::DeferredReason::kAbsentPrerequisite);
  EXPECT_TRUE(planned.legacy_type_system);
  ASSERT_EQ(planned.requires_replace.size(), 2u);
  EXPECT_EQ(ToString(planned.requires_replace[1]), ".tags[\"a\"]");
  EXPECT_EQ(planned.private_data, "kept");
}

TEST_P(BothVersions, IdentitiesComeWithTheirObjects) {
  Json script = Script();
  Json schema = script["schema"];
  schema.Set("resource_identity_schemas", *Json::Parse(R"({"thing": {"version": 1, "attributes": {
      "id": {"type": "string", "required_for_import": true}}}})"));
  script.Set("schema", schema);
  auto plugin = StartWith(script);
  ASSERT_NE(plugin, nullptr);
  const auto& identity = plugin->GetSchema().schema.identities.at("thing");
  EXPECT_EQ(identity.version, 1);
  EXPECT_TRUE(identity.attributes[0].required_for_import);
  Value prior = Thing("a", Value::String("i-1"), Num(1));
  auto read = plugin->ReadResource({.type = "thing", .prior = prior});
  ASSERT_EQ(Text(read.diagnostics), "");
  EXPECT_EQ(read.identity.Find("id")->string(), "i-1");
  auto again = plugin->ReadResource({.type = "thing", .prior = prior, .identity = read.identity});
  EXPECT_EQ(Text(again.diagnostics), "");
  auto upgraded = plugin->UpgradeResourceIdentity(
      {.type = "thing", .version = 0, .identity = R"({"id":"i-2"})"});
  ASSERT_EQ(Text(upgraded.diagnostics), "");
  EXPECT_EQ(upgraded.identity.Find("id")->string(), "i-2");
}

TEST_P(BothVersions, WithoutTlsWhereItIsTurnedOff) {
  Options options = With(Script());
  options.encrypted = false;
  auto plugin = Start(options);
  ASSERT_TRUE(plugin.ok()) << plugin.error().message;
  EXPECT_TRUE((*plugin)->GetSchema().diagnostics.empty());
}

class PluginTest : public StandinTest {};

TEST_F(PluginTest, NestedAttributesAreOfVersionSix) {
  Json script = *Json::Parse(
      R"({"protocol": 6, "schema": {"resource_schemas": {"r": {"block": {"attributes": {
      "n": {"nested_type": {"nesting_mode": "list", "attributes": {
        "m": {"nested_type": {"nesting_mode": "map", "attributes": {"x": {"type": "bool", "optional": true}}},
              "optional": true}}}, "required": true, "write_only": true,
            "deprecated": true, "deprecation_message": "gone soon"}}}}}}})");
  auto plugin = StartWith(script);
  ASSERT_NE(plugin, nullptr);
  const auto& block = plugin->GetSchema().schema.resources.at("r").block;
  EXPECT_EQ(ToJson(ImpliedType(block)).Dump(),
            R"(["object",{"n":["list",["object",{"m":["map",["object",{"x":"bool"}]]}]]}])");
  EXPECT_TRUE(block.attributes[0].write_only);
  EXPECT_EQ(block.attributes[0].deprecation_message, "gone soon");
}

TEST_F(PluginTest, WhoAsksForItIsAskedAboutRemovalsToo) {
  auto plugin = StartWith(StandinScript(6, R"({"capabilities": {"plan_destroy": true}, "rules": [
      {"rpc": "PlanResourceChange", "warning": "It has data", "private": "seen"}]})"));
  ASSERT_NE(plugin, nullptr);
  Value prior = Thing("a", Value::String("i-1"), Num(1));
  auto removal = plugin->PlanResourceChange({.type = "thing", .prior = prior});
  EXPECT_EQ(Text(removal.diagnostics), "It has data: \n");
  EXPECT_TRUE(removal.planned.is_null());
  EXPECT_EQ(removal.private_data, "seen");
}

TEST_F(PluginTest, AKnownSchemaIsNotAskedForAgainWhereThatIsAllowed) {
  Json script = StandinScript(6, R"({"capabilities": {"get_provider_schema_optional": true}})");
  auto first = StartWith(script);
  ASSERT_NE(first, nullptr);
  Options options =
      With(StandinScript(6, R"({"rules": [{"rpc": "GetProviderSchema", "exit": 9}]})"));
  options.schema = first->schema();
  auto second = Start(options);
  ASSERT_TRUE(second.ok()) << second.error().message;
  Value prior = Thing("a", Value::String("i-1"), Num(1));
  EXPECT_EQ(Text((*second)->ReadResource({.type = "thing", .prior = prior}).diagnostics), "");
}

TEST_F(PluginTest, CallsRunAtTheSameTime) {
  auto plugin =
      StartWith(StandinScript(6, R"({"rules": [{"rpc": "ReadResource", "delay_ms": 100}]})"));
  ASSERT_NE(plugin, nullptr);
  Value prior = Thing("a", Value::String("i-1"), Num(1));
  plugin->GetSchema();
  auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      Value mine = Thing("a", Value::String(std::to_string(i)), Num(i));
      auto read = plugin->ReadResource({.type = "thing", .prior = mine});
      right += read.state.RawEquals(mine) ? 1 : 0;
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 16);
  // One after the other they would take 1,600 ms.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500));
}

TEST_F(PluginTest, LargeObjectsGoThroughWhole) {
  auto plugin = StartWith(StandinScript(6));
  ASSERT_NE(plugin, nullptr);
  Value prior = Thing(std::string(20 << 20, 'x').c_str(), Value::String("i"), Num(1));
  auto read = plugin->ReadResource({.type = "thing", .prior = prior});
  EXPECT_EQ(Text(read.diagnostics), "");
  EXPECT_TRUE(read.state.RawEquals(prior));
}

TEST_F(PluginTest, StopReachesWhatRuns) {
  auto plugin = StartWith(StandinScript(6, R"({"rules": [
      {"rpc": "ApplyResourceChange", "until_stop": true, "error": "Stopped", "set": {"size": 7}}]})"));
  ASSERT_NE(plugin, nullptr);
  provider::ApplyResourceChangeResponse applied;
  std::atomic<bool> is_done = false;
  Value planned = Thing("a", Value::String("i"), Num(1));
  plugin->GetSchema();
  std::thread apply([&] {
    applied = plugin->ApplyResourceChange({.type = "thing", .planned = planned, .config = planned});
    is_done = true;
  });
  // Which of both comes first is left open: a later stop reaches what began later.
  while (!is_done) {
    EXPECT_EQ(plugin->Stop(), "");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  apply.join();
  EXPECT_EQ(Text(applied.diagnostics), "Stopped: \n");
  EXPECT_TRUE(applied.state.Find("size")->RawEquals(Num(7)));
}

TEST_F(PluginTest, WhatAPluginPrintsIsHeard) {
  auto plugin = StartWith(StandinScript(6, R"({"stdout": "hello from inside\n", "rules": [
      {"rpc": "StopProvider", "print": "[INFO] asked to stop"}]})"));
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->Stop(), "");
  plugin->Close();
  auto heard = lines();
  EXPECT_NE(std::find(heard.begin(), heard.end(), "hello from inside"), heard.end());
  EXPECT_NE(std::find(heard.begin(), heard.end(), "asked to stop"), heard.end());
}

TEST_F(PluginTest, AnotherProgramsPluginIsAttachedToAndLeftAlone) {
  Options options = With(StandinScript(5));
  options.encrypted = false;
  auto owner = Start(options);
  ASSERT_TRUE(owner.ok()) << owner.error().message;
  Reattach reattach{
      .protocol = Protocol::kV5,
      .endpoint = {true, fmt::format("{}/standin-{}.sock", folder_.path(), (*owner)->pid())}};
  {
    auto guest = Start({.name = "example/standin", .reattach = reattach});
    ASSERT_TRUE(guest.ok()) << guest.error().message;
    EXPECT_TRUE((*guest)->GetSchema().diagnostics.empty());
    EXPECT_EQ((*guest)->pid(), 0);
  }
  EXPECT_TRUE((*owner)->GetSchema().diagnostics.empty());
  reattach.endpoint.address = folder_.path() + "/nobody";
  auto nobody = Start({.name = "example/standin", .reattach = reattach});
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace andon::plugin
