#include <gtest/gtest.h>

#include "infratext/configuration_json.h"
#include "infratext/test_server.h"
#include "io/memory_file_system.h"

namespace andon::infratext {
namespace {

// What the files say, as JSON.
Json ConfigurationOf(const std::vector<std::pair<std::string, std::string>>& texts) {
  io::MemoryFileSystem files;
  for (const auto& [name, text] : texts) EXPECT_TRUE(files.Write(name, text).ok());
  config::Language language;
  config::ModuleTree tree = config::LoadModuleTree(
      files, std::make_unique<config::Module>(config::Load(files, ".", language)));
  EXPECT_FALSE(tree.diagnostics.has_errors());
  for (const auto& diagnostic : tree.diagnostics) ADD_FAILURE() << diagnostic.detail;
  provider::ProviderSchema schema;
  schema.resources["cloud_server"] = ServerSchema();
  schema.data_sources["cloud_server"] = ServerSchema();
  schema.provider.block.attributes = {{.name = "region", .type = value::Type::String()}};
  Configuration configuration{tree.root.get(), [&](const config::ProviderAddress& address) {
                                return address.type == "cloud" ? &schema : nullptr;
                              }};
  std::string text;
  JsonWriter out([&](std::string_view piece) { text += piece; });
  WriteConfigurationJson(configuration, out);
  out.Flush();
  auto parsed = Json::Parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() ? *parsed : Json();
}

const Json& ResourceOf(const Json& module, size_t index) {
  return module["resources"].items()[index];
}

TEST(ConfigurationJson, HasArgumentsAndBlocksBySchema) {
  Json json = ConfigurationOf({{"main.tf", R"(
    variable "size" {
      type    = list(number)
      default = [1]
    }
    variable "needed" { sensitive = true }
    resource "cloud_server" "web" {
      count   = var.size[0]
      size    = "t${var.size[0]}"
      ports   = [80, 443]
      network = { cidr = data.cloud_server.x["a"].id }
      egress { port = 1 }
      egress { port = each.key }
      endpoint "e" { port = -1 }
      timeouts { key = upper("a") }
      dynamic "ingress" {
        for_each = [1]
        content { port = 1 }
      }
    }
    data "cloud_server" "x" {
      for_each   = { a = 1 }
      depends_on = [cloud_server.web[0]]
    }
    resource "other_thing" "y" { a = 1 }
    output "o" {
      value     = cloud_server.web[0].egress[1].port
      sensitive = true
    })"}});
  const Json& root = json["root_module"];
  EXPECT_EQ(ResourceOf(root, 0).Dump(),
            R"({"address":"cloud_server.web","mode":"managed","type":"cloud_server","name":"web",)"
            R"("provider_config_key":"cloud","expressions":{)"
            R"("egress":[{"port":{"constant_value":1}},{"port":{"references":["each.key"]}}],)"
            R"("endpoint":{"e":{"port":{"constant_value":-1}}},)"
            R"("network":{"references":["data.cloud_server.x[\"a\"].id",)"
            R"("data.cloud_server.x[\"a\"]","data.cloud_server.x"]},)"
            R"("ports":{"constant_value":[80,443]},)"
            R"("size":{"references":["var.size[0]","var.size"]},"timeouts":{"key":{}}},)"
            R"("schema_version":3,"count_expression":{"references":["var.size[0]","var.size"]}})");
  // Nobody knows what it takes.
  EXPECT_EQ(ResourceOf(root, 1).Dump(),
            R"({"address":"other_thing.y","mode":"managed","type":"other_thing","name":"y",)"
            R"("provider_config_key":"other"})");
  EXPECT_EQ(ResourceOf(root, 2)["for_each_expression"].Dump(), R"({"constant_value":{"a":1}})");
  EXPECT_EQ(ResourceOf(root, 2)["depends_on"].Dump(), R"(["cloud_server.web[0]"])");
  EXPECT_EQ(root["outputs"]["o"].Dump(),
            R"({"sensitive":true,"expression":{"references":["cloud_server.web[0].egress[1].port",)"
            R"("cloud_server.web[0].egress[1]","cloud_server.web[0].egress","cloud_server.web[0]",)"
            R"("cloud_server.web"]}})");
  EXPECT_EQ(root["variables"]["size"].Dump(), R"({"type":["list","number"],"default":[1]})");
  EXPECT_EQ(root["variables"]["needed"].Dump(), R"({"required":true,"sensitive":true})");
}

TEST(ConfigurationJson, FollowsProvidersThroughModules) {
  Json json = ConfigurationOf({{"main.tf", R"(
    terraform {
      required_providers {
        cloud = {
          source  = "acme/cloud"
          version = "~> 1.2, != 1.2.5"
        }
      }
    }
    provider "cloud" {
      alias  = "west"
      region = "us"
    }
    module "m" {
      source    = "./m"
      providers = { cloud = cloud.west }
    })"},
                               {"m/main.tf", R"(
    terraform {
      required_providers {
        cloud = { source = "acme/cloud" }
      }
    }
    resource "cloud_server" "a" {}
    resource "other_thing" "b" {})"}});
  EXPECT_EQ(json["provider_config"]["cloud.west"].Dump(),
            R"({"name":"cloud","full_name":"registry.opentofu.org/acme/cloud","alias":"west",)"
            R"("version_constraint":"~> 1.2, != 1.2.5",)"
            R"("expressions":{"region":{"constant_value":"us"}}})");
  EXPECT_FALSE(json["provider_config"].Has("module.m:cloud"));
  EXPECT_TRUE(json["provider_config"].Has("module.m:other"));
  const Json& call = json["root_module"]["module_calls"]["m"];
  EXPECT_EQ(call["source"].AsString(), "./m");
  EXPECT_FALSE(call.Has("expressions"));
  EXPECT_EQ(ResourceOf(call["module"], 0)["provider_config_key"].AsString(), "cloud.west");
  EXPECT_EQ(ResourceOf(call["module"], 1)["provider_config_key"].AsString(), "module.m:other");
}

}  // namespace
}  // namespace andon::infratext
