// Real providers, built by tools/setup from their modules: their objects are planned,
// made, read, changed, imported and removed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "plugin/plugin.h"
#include "plugin/test_standin.h"

namespace andon::plugin {
namespace {

using value::Type;
using value::Value;

std::string Text(const provider::AttributeDiagnostics& diagnostics) {
  std::string text;
  for (const auto& d : diagnostics)
    text += d.diagnostic.summary + ": " + d.diagnostic.detail + "\n";
  return text;
}

class RealProvider : public testing::Test {
 protected:
  // Null, and the test skipped, where the provider could not be built here.
  Plugin* StartReal(const std::string& name) {
    std::string path = std::string(ANDON_PROVIDERS) + "/terraform-provider-" + name;
    if (!std::filesystem::exists(path)) return nullptr;
    auto started = Start({.name = "hashicorp/" + name, .command = {path}});
    if (!started.ok()) {
      ADD_FAILURE() << started.error().message;
      return nullptr;
    }
    plugin_ = std::move(*started);
    EXPECT_EQ(Text(plugin_->GetSchema().diagnostics), "");
    Value config = Object(plugin_->GetSchema().schema.provider.block, {});
    EXPECT_EQ(Text(plugin_->ValidateProviderConfig({.config = config})), "");
    EXPECT_EQ(Text(plugin_->Configure({.terraform_version = "1.12.0", .config = config})), "");
    return plugin_.get();
  }

  // An object of the schema in which all else is null.
  static Value Object(const provider::BlockSchema& block,
                      const std::map<std::string, Value>& given) {
    Value::Members members;
    Type type = ImpliedType(block);
    for (const Type::Attribute& a : type.attributes()) {
      auto found = given.find(a.name);
      members.emplace_back(a.name, found != given.end() ? found->second : Value::Null(a.type));
    }
    return Value::Object(std::move(members));
  }
  Value Resource(const std::string& type, const std::map<std::string, Value>& given) {
    return Object(plugin_->GetSchema().schema.resources.at(type).block, given);
  }
  // Config over prior: what the planner proposes for flat schemas.
  Value Proposed(const std::string& type, const Value& prior, const Value& config) {
    if (prior.is_null()) return config;
    const auto& block = plugin_->GetSchema().schema.resources.at(type).block;
    Value::Members members = config.members();
    for (auto& [name, member] : members) {
      bool is_computed = block.FindAttribute(name) && block.FindAttribute(name)->computed;
      if (member.is_null() && is_computed) member = *prior.Find(name);
    }
    return Value::Object(std::move(members));
  }

  struct Change {
    provider::PlanResourceChangeResponse plan;
    provider::ApplyResourceChangeResponse apply;
  };
  // Plans and applies; a null configuration removes.
  Change Make(const std::string& type, const Value& prior, const Value& config,
              const std::string& private_data = "") {
    Change change;
    Value proposed = config.is_null() ? config : Proposed(type, prior, config);
    if (!config.is_null()) {
      EXPECT_EQ(Text(plugin_->ValidateResourceConfig({.type = type, .config = config})), "");
    }
    change.plan = plugin_->PlanResourceChange({.type = type,
                                               .prior = prior,
                                               .proposed = proposed,
                                               .config = config,
                                               .private_data = private_data});
    EXPECT_EQ(Text(change.plan.diagnostics), "");
    change.apply = plugin_->ApplyResourceChange({.type = type,
                                                 .prior = prior,
                                                 .planned = change.plan.planned,
                                                 .config = config,
                                                 .private_data = change.plan.private_data});
    EXPECT_EQ(Text(change.apply.diagnostics), "");
    EXPECT_FALSE(change.apply.is_lost);
    return change;
  }

  std::unique_ptr<Plugin> plugin_;
};

#define START_OR_SKIP(name)                                                                       \
  if (StartReal(name) == nullptr) {                                                               \
    GTEST_SKIP() << "needs the provider " name ", which tools/setup test builds with a newer Go"; \
  }

TEST_F(RealProvider, RandomMakesWhatStays) {
  START_OR_SKIP("random");
  Value config = Resource("random_id", {{"byte_length", Value::Number(8)}});
  Change made = Make("random_id", Value::Null(), config);
  EXPECT_FALSE(made.plan.planned.Find("hex")->is_known());
  const Value& state = made.apply.state;
  ASSERT_TRUE(state.is_wholly_known());
  EXPECT_EQ(state.Find("hex")->string().size(), 16u);

  auto read = plugin_->ReadResource(
      {.type = "random_id", .prior = state, .private_data = made.apply.private_data});
  EXPECT_EQ(Text(read.diagnostics), "");
  EXPECT_TRUE(read.state.RawEquals(state));

  // Nothing to do where nothing changes; a new one where the length does.
  auto same = plugin_->PlanResourceChange({.type = "random_id",
                                           .prior = state,
                                           .proposed = Proposed("random_id", state, config),
                                           .config = config});
  EXPECT_TRUE(same.planned.RawEquals(state)) << same.planned.DebugString();
  Value longer = Resource("random_id", {{"byte_length", Value::Number(9)}});
  auto replaced = plugin_->PlanResourceChange({.type = "random_id",
                                               .prior = state,
                                               .proposed = Proposed("random_id", state, longer),
                                               .config = longer});
  ASSERT_FALSE(replaced.requires_replace.empty());
  EXPECT_EQ(ToString(replaced.requires_replace[0]), ".byte_length");

  Change gone = Make("random_id", state, Value::Null(state.type()));
  EXPECT_TRUE(gone.apply.state.is_null());
}

TEST_F(RealProvider, RandomImportsAndUpgrades) {
  START_OR_SKIP("random");
  auto imported = plugin_->ImportResourceState({.type = "random_password", .id = "secret!"});
  ASSERT_EQ(Text(imported.diagnostics), "");
  ASSERT_EQ(imported.resources.size(), 1u);
  EXPECT_EQ(imported.resources[0].state.Find("result")->string(), "secret!");
  // The oldest form of a password in a state that lies around.
  auto upgraded = plugin_->UpgradeResourceState(
      {.type = "random_password",
       .version = 0,
       .state = R"({"id":"none","keepers":null,"length":4,"lower":true,"min_lower":0,
         "min_numeric":0,"min_special":0,"min_upper":0,"number":true,"override_special":null,
         "result":"abcd","special":true,"upper":true})"});
  ASSERT_EQ(Text(upgraded.diagnostics), "");
  EXPECT_EQ(upgraded.state.Find("result")->string(), "abcd");
  EXPECT_FALSE(upgraded.state.Find("bcrypt_hash")->is_null());
  auto refused = plugin_->ImportResourceState({.type = "random_id", .id = "%"});
  EXPECT_TRUE(provider::HasErrors(refused.diagnostics));
}

TEST_F(RealProvider, RandomOpensEphemeralPasswords) {
  START_OR_SKIP("random");
  const auto& block = plugin_->GetSchema().schema.ephemeral_resources.at("random_password").block;
  Value config = Object(block, {{"length", Value::Number(12)}});
  EXPECT_EQ(Text(plugin_->ValidateEphemeralConfig({.type = "random_password", .config = config})),
            "");
  auto opened = plugin_->OpenEphemeralResource({.type = "random_password", .config = config});
  ASSERT_EQ(Text(opened.diagnostics), "");
  EXPECT_EQ(opened.result.Find("result")->string().size(), 12u);
}

TEST_F(RealProvider, RandomNamesTheAttributeThatItRefuses) {
  START_OR_SKIP("random");
  Value config = Resource("random_password", {{"length", Value::Number(0)}});
  auto refused = plugin_->ValidateResourceConfig({.type = "random_password", .config = config});
  ASSERT_TRUE(provider::HasErrors(refused));
  EXPECT_EQ(ToString(refused[0].attribute), ".length");
}

TEST_F(RealProvider, TimeKeepsItsMomentAndCallsFunctions) {
  START_OR_SKIP("time");
  Value config = Resource("time_static", {{"rfc3339", Value::String("2026-01-02T03:04:05Z")}});
  Change made = Make("time_static", Value::Null(), config);
  EXPECT_TRUE(made.apply.state.Find("year")->RawEquals(Value::Number(2026)));
  EXPECT_EQ(made.apply.state.Find("id")->string(), "2026-01-02T03:04:05Z");
  auto parsed = plugin_->CallFunction(
      {.name = "rfc3339_parse", .arguments = {Value::String("2026-01-02T03:04:05Z")}});
  ASSERT_FALSE(parsed.error.has_value()) << parsed.error->text;
  EXPECT_TRUE(parsed.result.Find("day")->RawEquals(Value::Number(2)));
  auto wrong = plugin_->CallFunction({.name = "rfc3339_parse", .arguments = {Value::String("x")}});
  ASSERT_TRUE(wrong.error.has_value());
  EXPECT_EQ(wrong.error->argument, 0);
}

TEST_F(RealProvider, LocalWritesReadsAndRemovesAFile) {
  START_OR_SKIP("local");
  Folder folder;
  std::string path = folder.path() + "/hello.txt";
  Value config = Resource("local_file",
                          {{"filename", Value::String(path)}, {"content", Value::String("hello")}});
  Change made = Make("local_file", Value::Null(), config);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), "hello");

  const auto& block = plugin_->GetSchema().schema.data_sources.at("local_file").block;
  Value query = Object(block, {{"filename", Value::String(path)}});
  EXPECT_EQ(Text(plugin_->ValidateDataConfig({.type = "local_file", .config = query})), "");
  auto data = plugin_->ReadDataSource({.type = "local_file", .config = query});
  ASSERT_EQ(Text(data.diagnostics), "");
  EXPECT_EQ(data.state.Find("content")->string(), "hello");

  // Somebody removes the file: it is gone for the provider too.
  Change gone = Make("local_file", made.apply.state, Value::Null(made.apply.state.type()));
  EXPECT_TRUE(gone.apply.state.is_null());
  EXPECT_FALSE(std::filesystem::exists(path));
  auto read = plugin_->ReadResource({.type = "local_file", .prior = made.apply.state});
  EXPECT_EQ(Text(read.diagnostics), "");
  EXPECT_TRUE(read.state.is_null());
  auto missing = plugin_->ReadDataSource({.type = "local_file", .config = query});
  EXPECT_TRUE(provider::HasErrors(missing.diagnostics));
}

}  // namespace
}  // namespace andon::plugin
