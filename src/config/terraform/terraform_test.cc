// Terraform's language as plain data: what the structs say of small projects.
#include <gtest/gtest.h>

#include "config/terraform/module_tree.h"
#include "config/terraform/validate.h"
#include "hcl/eval.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"
#include "io/memory_file_system.h"

namespace andon::config {
namespace {

const Language& NoDataLanguage() {
  static const Language kLanguage{std::vector<const BlockSchema*>{}};
  return kLanguage;
}

ModuleTree Read(const std::map<std::string, std::string>& texts) {
  io::MemoryFileSystem files;
  for (const auto& [name, text] : texts) EXPECT_TRUE(files.Write("p/" + name, text).ok());
  return LoadModuleTree(files, std::make_unique<Module>(Load(files, "p", NoDataLanguage())));
}

std::vector<std::string> Summaries(const Diagnostics& diagnostics) {
  std::vector<std::string> out;
  for (const Diagnostic& d : diagnostics) out.push_back(d.summary + " " + ToString(d.subject));
  return out;
}

TEST(TerraformTest, AResourceHasItsMetaArgumentsAndTheRestAsBody) {
  ModuleTree tree = Read({{"main.tf", R"(
    terraform {
      required_providers {
        cloud = { source = "corp.example/x/cloud", version = "~> 1.2", configuration_aliases = [cloud.west] }
      }
    }
    resource "cloud_disk" "d" {
      provider   = cloud.west
      count      = 2
      depends_on = [cloud_net.n]
      size       = 3
      lifecycle {
        create_before_destroy = true
        ignore_changes        = [tags["a"], size]
        postcondition {
          condition     = self.size > 0
          error_message = "none"
        }
      }
      provisioner "local-exec" {
        command    = "x"
        on_failure = continue
        when       = destroy
      }
      setting {
        a = 1
      }
      _ {
        count = 7
      }
    }
    resource "cloud_net" "n" {}
  )"}});
  EXPECT_EQ(Summaries(tree.diagnostics), std::vector<std::string>{});
  const Terraform& terraform = tree.root->module->terraform;
  const Resource& disk = terraform.resources.at("cloud_disk.d");
  EXPECT_EQ(disk.provider->provider, (LocalProvider{"cloud", "west"}));
  EXPECT_EQ(ToString(disk.provider_address), "corp.example/x/cloud");
  EXPECT_EQ(disk.count.text(), "2");
  EXPECT_EQ(disk.depends_on.at(0).ToString(), "cloud_net.n");
  EXPECT_EQ(disk.create_before_destroy, true);
  EXPECT_EQ(disk.ignore_changes.at(0).ToString(), "tags[\"a\"]");
  EXPECT_EQ(disk.postconditions.size(), 1u);
  EXPECT_EQ(disk.provisioners.at(0).when, ProvisionerWhen::kDestroy);
  EXPECT_EQ(disk.provisioners.at(0).on_failure, ProvisionerOnFailure::kContinue);
  std::vector<std::string> names;
  for (const hcl::Attribute& attribute : disk.body.attributes) names.emplace_back(attribute.name);
  EXPECT_EQ(names, (std::vector<std::string>{"size", "count"}));
  EXPECT_EQ(disk.body.blocks.size(), 1u);
  EXPECT_EQ(terraform.required_providers.at("cloud").configuration_aliases.size(), 1u);
}

TEST(TerraformTest, AnOverrideChangesWhatItSaysAndNoMore) {
  ModuleTree tree = Read({{"main.tf", R"(
      variable "v" {
        type        = number
        default     = 1
        description = "one"
      }
      resource "x_y" "z" {
        a = 1
        b = 2
        s { n = 1 }
        s { n = 2 }
        t { n = 3 }
      }
    )"},
                          {"a_override.tf", R"(
      variable "v" { default = "2" }
      resource "x_y" "z" {
        b = 3
        s { n = 4 }
      }
    )"}});
  EXPECT_EQ(Summaries(tree.diagnostics), std::vector<std::string>{});
  const Variable& variable = tree.root->module->variables.at("v");
  EXPECT_EQ(variable.description, "one");
  EXPECT_TRUE(variable.fallback->type().is_number());
  const hcl::Body& body = tree.root->module->terraform.resources.at("x_y.z").body;
  EXPECT_EQ(body.Find("a")->expression().text(), "1");
  EXPECT_EQ(body.Find("b")->expression().text(), "3");
  ASSERT_EQ(body.blocks.size(), 2u);  // t, and the one s of the override.
  EXPECT_EQ(body.blocks[1].body.Find("n")->expression().text(), "4");
}

TEST(TerraformTest, JsonGivesTheSameAndItsBlocksAreMadeByTheSchema) {
  ModuleTree tree = Read({{"main.tf.json", R"({
    "resource": {"x_y": {"z": {
      "count": 2, "depends_on": ["x_y.w"],
      "lifecycle": {"ignore_changes": ["tags[\"a\"]"]},
      "rule": [{"port": 1}, {"port": "${count.index}"}], "name": "n"}}},
    "locals": {"//": "a comment", "l": {"k": "${upper(\"a\")}"}}
  })"}});
  EXPECT_EQ(Summaries(tree.diagnostics), std::vector<std::string>{});
  const Resource& resource = tree.root->module->terraform.resources.at("x_y.z");
  EXPECT_EQ(resource.depends_on.at(0).ToString(), "x_y.w");
  EXPECT_EQ(resource.ignore_changes.at(0).ToString(), "tags[\"a\"]");
  auto content = hcl::Content(resource.body, {.attributes = {{"name"}}, .blocks = {{"rule", {}}}});
  EXPECT_EQ(Summaries(content.diagnostics), std::vector<std::string>{});
  ASSERT_EQ(content.blocks.size(), 2u);
  hcl::Expression port = content.blocks[1]->body.Find("port")->expression();
  EXPECT_EQ(hcl::References(port).at(0).ToString(), "count.index");
  EXPECT_EQ(tree.root->module->locals.size(), 1u);
}

TEST(TerraformTest, ModulesAreATreeAndInstalledOnesAreInTheManifest) {
  ModuleTree tree =
      Read({{"main.tf", R"(
          variable "where" { default = "a" }
          module "one" {
            source = "./${var.where}"
          }
          module "two" {
            source  = "corp/net/aws"
            version = "~> 2.0"
          }
        )"},
            {"a/main.tf", "module \"inner\" {\n  source = \"../b\"\n}\n"},
            {"b/main.tf", "output \"o\" { value = 1 }\n"},
            {".terraform/modules/modules.json",
             R"({"Modules":[{"Key":"two","Source":"x","Version":"2.1.0","Dir":"b"}]})"}});
  EXPECT_EQ(Summaries(tree.diagnostics), std::vector<std::string>{});
  const ModuleNode& one = *tree.root->children.at("one");
  EXPECT_EQ(one.children.at("inner")->address(), "module.one.module.inner");
  EXPECT_EQ(one.children.at("inner")->parent, &one);
  EXPECT_TRUE(tree.root->children.at("two")->module->outputs.contains("o"));
  EXPECT_EQ(tree.root->children.at("two")->call->source_kind, ModuleSourceKind::kRegistry);
}

TEST(TerraformTest, MovesRemovalsAndImportsHaveAddresses) {
  ModuleTree tree = Read({{"main.tf", R"(
    moved {
      from = x_y.a[0]
      to   = module.m["k"].x_y.b
    }
    removed {
      from = module.old
      lifecycle { destroy = true }
    }
    import {
      for_each = toset(["a"])
      to       = x_y.c[each.key]
      id       = each.value
    }
  )"}});
  EXPECT_EQ(Summaries(tree.diagnostics), std::vector<std::string>{});
  const Terraform& terraform = tree.root->module->terraform;
  EXPECT_EQ(ToString(terraform.moved.at(0).from), "x_y.a[0]");
  EXPECT_EQ(ToString(terraform.moved.at(0).to), "module.m[\"k\"].x_y.b");
  EXPECT_TRUE(terraform.removed.at(0).destroy);
  EXPECT_EQ(terraform.removed.at(0).from.kind, "");
  EXPECT_EQ(ToString(terraform.imports.at(0).target), "x_y.c");
  EXPECT_FALSE(terraform.imports.at(0).instance);
}

TEST(TerraformTest, AGivenShapeJudgesBodies) {
  static const BodyShape kShape = {
      .attributes = {{.name = "size", .type = value::Type::Number(), .required = true},
                     {.name = "id", .type = value::Type::String(), .can_be_set = false}},
      .blocks = {{.type = "rule",
                  .body = {.attributes = {{.name = "port", .type = value::Type::Number()}}}}}};
  ModuleTree tree = Read({{"main.tf", R"(resource "x_y" "a" {
  id = "x"
  rule {
    prot = 1
  }
  dynamic "rule" {
    for_each = [1]
    content {
      port = rule.value
    }
  }
}
resource "x_z" "b" {
  whatever = x_y.a.idd
}
)"}});
  ValidateOptions options;
  options.shapes = [](const ProviderAddress&, ResourceMode, std::string_view type) {
    return type == "x_y" ? &kShape : nullptr;
  };
  Diagnostics found = Validate(tree, options);
  found.Sort();
  EXPECT_EQ(Summaries(found), (std::vector<std::string>{
                                  "Value for unconfigurable attribute main.tf:2:8",
                                  "Unsupported argument main.tf:4:5",
                                  "Missing required argument main.tf:12:1",
                                  "Unsupported attribute main.tf:14:19",
                              }));
}

}  // namespace
}  // namespace andon::config
