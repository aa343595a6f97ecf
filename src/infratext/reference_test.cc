// The same data as text and as JSON, by Terraform itself and by this room: configurations of
// terraform_data only, for which it needs no plugin. Skipped where it is not installed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "config/terraform/module_tree.h"
#include "infratext/plan_json.h"
#include "infratext/render.h"
#include "infratext/state_json.h"
#include "infratext/state_text.h"
#include "io/local_file_system.h"
#include "io/process.h"
#include "value/json.h"

namespace andon::infratext {
namespace {

using value::Value;

const provider::Schema& TerraformData() {
  static const provider::Schema kSchema = {
      .block = {.attributes = {
                    {.name = "id", .type = value::Type::String(), .computed = true},
                    {.name = "input", .optional = true},
                    {.name = "output", .computed = true},
                    {.name = "triggers_replace", .optional = true},
                }}};
  return kSchema;
}

const provider::Schema* SchemaOfType(std::string_view, bool, std::string_view) {
  return &TerraformData();
}

constexpr std::string_view kProvider = "provider[\"terraform.io/builtin/terraform\"]";

// A value of three documents of one structure: the known parts, which are unknown, and which
// sensitive.
Value Combined(const Json& known, const Json& unknown, const Json& sensitive) {
  Value out;
  if (unknown.AsBool()) {
    out = Value::Unknown(sensitive.is_object()  ? value::Type::EmptyObject()
                         : sensitive.is_array() ? value::Type::EmptyTuple()
                                                : value::Type::Dynamic());
  } else if (known.is_object() || (unknown.is_object() && unknown.size() > 0)) {
    std::map<std::string, bool> names;
    for (const auto& [name, member] : known.members()) names[name] = true;
    for (const auto& [name, member] : unknown.members()) {
      if (member.AsBool()) names[name] = true;
    }
    Value::Members members;
    for (const auto& [name, is] : names) {
      members.emplace_back(name, Combined(known[name], unknown[name], sensitive[name]));
    }
    out = Value::Object(std::move(members));
  } else if (known.is_array()) {
    std::vector<Value> items;
    for (size_t i = 0; i < known.size(); ++i) {
      auto at = [&](const Json& list) { return i < list.size() ? list.items()[i] : Json(); };
      items.push_back(Combined(known.items()[i], at(unknown), at(sensitive)));
    }
    out = Value::Tuple(std::move(items));
  } else {
    out = *value::FromJsonText(known.Dump());
  }
  return sensitive.AsBool() ? out.WithMarks(value::Mark::kSensitive) : out;
}

infra::Action ActionOf(const Json& actions) {
  using infra::Action;
  std::string text = actions.Dump();
  static const std::map<std::string, Action> kActions = {
      {R"(["no-op"])", Action::kNoOp},
      {R"(["create"])", Action::kCreate},
      {R"(["update"])", Action::kUpdate},
      {R"(["delete"])", Action::kDelete},
      {R"(["delete","create"])", Action::kDeleteThenCreate},
      {R"(["create","delete"])", Action::kCreateThenDelete},
      {R"(["forget"])", Action::kForget}};
  return kActions.at(text);
}

infra::Reason ReasonOf(const std::string& text) {
  for (int i = 0; i <= static_cast<int>(infra::Reason::kReadCheckNested); ++i) {
    if (infra::ToString(static_cast<infra::Reason>(i)) == text)
      return static_cast<infra::Reason>(i);
  }
  return infra::Reason::kNone;
}

void AddModule(const Json& module, state::State& state) {
  for (const Json& resource : module["resources"].items()) {
    Value value = Combined(resource["values"], {}, resource["sensitive_values"]);
    auto object = std::make_shared<state::Object>();
    ASSERT_TRUE(state::Encode(value, provider::ImpliedType(TerraformData().block), *object).ok());
    auto dependencies = std::make_shared<std::vector<std::string>>();
    for (const Json& one : resource["depends_on"].items()) dependencies->push_back(one.AsString());
    object->dependencies = dependencies;
    if (resource["tainted"].AsBool()) object->status = state::ObjectStatus::kTainted;
    state.SetCurrent(*address::Parse(resource["address"].AsString()), kProvider, object);
  }
  for (const Json& inner : module["child_modules"].items()) AddModule(inner, state);
}

state::State StateFromJson(const Json& document) {
  state::State state;
  state.terraform_version = document["terraform_version"].AsString();
  for (const auto& [name, output] : document["values"]["outputs"].members()) {
    state.outputs[name] = {
        .value = *value::FromJsonText(output["value"].Dump(), *value::TypeFromJson(output["type"])),
        .sensitive = output["sensitive"].AsBool()};
  }
  AddModule(document["values"]["root_module"], state);
  return state;
}

infra::Plan PlanFromJson(const Json& document) {
  infra::Plan plan;
  for (const Json& json : document["resource_changes"].items()) {
    const Json& change = json["change"];
    infra::ResourceChange out;
    out.address = *address::Parse(json["address"].AsString());
    if (json.Has("previous_address")) {
      out.previous_address = *address::Parse(json["previous_address"].AsString());
    }
    out.provider = kProvider;
    out.action = ActionOf(change["actions"]);
    out.reason = ReasonOf(json["action_reason"].AsString());
    out.before = Combined(change["before"], {}, change["before_sensitive"]);
    out.after = Combined(change["after"], change["after_unknown"], change["after_sensitive"]);
    for (const Json& path : change["replace_paths"].items()) {
      out.replace_paths.push_back(value::Path().Attribute(path.items()[0].AsString()));
    }
    out.import_id = change["importing"]["id"].AsString();
    out.schema = &TerraformData();
    plan.changes.push_back(std::move(out));
  }
  for (const auto& [name, change] : document["output_changes"].members()) {
    infra::OutputChange out{.name = name,
                            .action = ActionOf(change["actions"]),
                            .sensitive = change["after_sensitive"].AsBool()};
    out.before = Combined(change["before"], {}, {});
    const Json& unknown = change["after_unknown"];
    out.after = Combined(change["after"], unknown, {});
    // The type cannot be seen in a difference, but in what is planned.
    const Json& planned = document["planned_values"]["outputs"][name];
    if (planned.Has("type")) {
      out.after =
          *value::FromJsonText(planned["value"].Dump(), *value::TypeFromJson(planned["type"]));
    }
    plan.outputs.push_back(std::move(out));
  }
  for (const auto& [name, variable] : document["variables"].members()) {
    plan.variables[name] = *value::FromJsonText(variable["value"].Dump());
  }
  plan.state = StateFromJson(document["prior_state"]);
  bool is_all_gone = std::all_of(plan.changes.begin(), plan.changes.end(), [](const auto& change) {
    return change.action == infra::Action::kDelete;
  });
  if (is_all_gone && !plan.changes.empty()) plan.mode = infra::Mode::kDestroy;
  return plan;
}

// Types of variables are younger than the Terraform that is compared with.
Json WithoutTypes(Json module) {
  Json variables = Json::Object(), calls = Json::Object();
  for (auto [name, variable] : module["variables"].members()) {
    variable.Remove("type");
    variable.Remove("required");
    variables.Set(name, variable);
  }
  for (auto [name, call] : module["module_calls"].members()) {
    call.Set("module", WithoutTypes(call["module"]));
    calls.Set(name, call);
  }
  if (module.Has("variables")) module.Set("variables", variables);
  if (module.Has("module_calls")) module.Set("module_calls", calls);
  return module;
}

// Where two texts part, with the lines around.
::testing::AssertionResult Same(const std::string& ours, const std::string& theirs) {
  auto a = Split(ours, '\n'), b = Split(theirs, '\n');
  size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  if (at == a.size() && at == b.size()) return ::testing::AssertionSuccess();
  auto around = [&](const std::vector<std::string>& lines) {
    std::string out;
    for (size_t i = at < 6 ? 0 : at - 6; i < lines.size() && i < at + 6; ++i) {
      out += (i == at ? "=> " : "   ") + lines[i] + "\n";
    }
    return out;
  };
  return ::testing::AssertionFailure() << "ours:\n" << around(a) << "theirs:\n" << around(b);
}

class ReferenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto version = io::Run({.argv = {"terraform", "version"}});
    if (!version.ok() || !version->status.ok()) GTEST_SKIP() << "terraform is not installed";
    folder_ = testing::TempDir() + "andon-infratext-" + RandomUuid();
    std::filesystem::create_directories(folder_ + "/inner");
    Write("cli.rc", "");
    Write("inner/main.tf", R"(
      variable "text" {}
      resource "terraform_data" "in" {
        for_each = toset(["x", "y.z"])
        input    = "${each.key}: ${var.text}"
      }
      output "all" {
        description = "Both."
        value       = terraform_data.in
      })");
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void Write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string Terraform(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "terraform");
    auto done =
        io::Run({.argv = arguments,
                 .env = {{"TF_CLI_CONFIG_FILE", folder_ + "/cli.rc"}, {"CHECKPOINT_DISABLE", "1"}},
                 .cwd = folder_,
                 .time_limit = std::chrono::seconds(60)});
    EXPECT_TRUE(done.ok() && done->status.ok())
        << Join(arguments, " ") << (done.ok() ? done->out + done->err : done.error().message);
    return done.ok() ? done->out : "";
  }

  // Plans, and compares what both sides show of the plan.
  void ComparePlan(const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {"plan", "-no-color", "-out=plan"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    Terraform(arguments);
    auto theirs = Json::Parse(Terraform({"show", "-json", "plan"}));
    ASSERT_TRUE(theirs.ok());
    infra::Plan plan = PlanFromJson(*theirs);
    io::LocalFileSystem files;
    config::Language language;
    config::ModuleTree tree = config::LoadModuleTree(
        files, std::make_unique<config::Module>(config::Load(files, folder_, language)));
    ASSERT_FALSE(tree.diagnostics.has_errors());
    provider::ProviderSchema schema;
    schema.resources["terraform_data"] = TerraformData();
    Configuration configuration{tree.root.get(),
                                [&](const config::ProviderAddress&) { return &schema; }};
    auto ours = Json::Parse(
        PlanJson(plan, (*theirs)["terraform_version"].AsString(), SchemaOfType, &configuration));
    ASSERT_TRUE(ours.ok()) << ours.error().message;
    for (const char* name :
         {"relevant_attributes", "timestamp", "applyable", "complete", "checks"}) {
      theirs->Remove(name);
    }
    Json written = (*ours)["configuration"];
    written.Set("root_module", WithoutTypes(written["root_module"]));
    ours->Set("configuration", written);
    EXPECT_TRUE(Same(ours->Dump(1), theirs->Dump(1)));

    auto changes = [](const std::string& text) {
      std::string out;
      for (std::string line : Split(text, '\n')) {
        constexpr std::string_view kForces = " # forces replacement";
        if (line.ends_with(kForces)) line.resize(line.size() - kForces.size());
        // As OpenTofu words it.
        size_t tainted = line.find("is tainted, so must be");
        if (tainted != std::string::npos) line.insert(tainted + 15, "it ");
        bool begins = line.starts_with("  # ") || line.starts_with("Changes to Outputs");
        if (out.empty() && !begins) continue;
        if (line.starts_with("You can apply this plan")) break;
        out += line + "\n";
      }
      while (out.ends_with('\n')) out.pop_back();
      return out;
    };
    std::string text = Terraform({"show", "-no-color", "plan"});
    EXPECT_TRUE(Same(changes(RenderPlan(plan, {})), changes(text)));
    EXPECT_NE(changes(text), "");
  }

  void CompareState() {
    auto theirs = Json::Parse(Terraform({"show", "-json"}));
    ASSERT_TRUE(theirs.ok());
    state::State state = StateFromJson(*theirs);
    auto ours = Json::Parse(StateJson(state, SchemaOfType));
    ASSERT_TRUE(ours.ok()) << ours.error().message;
    theirs->Remove("checks");
    EXPECT_TRUE(Same(ours->Dump(1), theirs->Dump(1)));
    EXPECT_TRUE(Same(RenderState(state, SchemaOfType, {}), Terraform({"show", "-no-color"})));
    EXPECT_TRUE(Same(Join(StateList(state, {}), "\n") + "\n", Terraform({"state", "list"})));
    EXPECT_TRUE(Same(RenderOutputs(state.outputs, {}), Terraform({"output", "-no-color"})));
    EXPECT_TRUE(Same(OutputsJson(state.outputs) + "\n", Terraform({"output", "-json"})));
    auto one = RenderStateObject(state, *address::Parse("terraform_data.a"), SchemaOfType, {});
    ASSERT_TRUE(one.ok());
    EXPECT_TRUE(Same(*one, Terraform({"state", "show", "-no-color", "terraform_data.a"})));
  }

  std::string folder_;
};

TEST_F(ReferenceTest, ShowsTheSamePlansAndStates) {
  Write("main.tf", R"(
    variable "password" {
      sensitive = true
      default   = "hunter2"
    }
    resource "terraform_data" "a" {
      input = {
        number = 1.5, flag = true, none = null
        list   = [1, 2, 3, 4, { k = "v", w = [] }], "odd key" = {}
        text   = "first\nsecond\nthird\nfourth"
        json   = jsonencode({ k = [1, 2], s = "<&>" })
        spaced = jsonencode({ k = 1 })
        secret = var.password
      }
    }
    resource "terraform_data" "b" {
      count            = 2
      input            = [terraform_data.a.output, "é \" \\ $${x}"]
      triggers_replace = { why = "one", id = terraform_data.a.id }
    }
    resource "terraform_data" "old" { input = "moves" }
    resource "terraform_data" "many" {
      for_each   = { x = terraform_data.b[0].output[1], y = module.inner.all["x"].id }
      input      = [each.value, terraform_data.b[*].id, path.module, local.one, upper("a")]
      depends_on = [terraform_data.old, module.inner]
      provisioner "local-exec" {
        command    = "true ${self.id}"
        on_failure = continue
      }
    }
    locals { one = 1 }
    resource "terraform_data" "gone" { input = "{\"a\": 1}" }
    module "inner" {
      source = "./inner"
      text   = "hello"
    }
    output "whole" { value = { a = [1, 2], b = "x" } }
    output "list" { value = tolist(["a", "b"]) }
    output "later" { value = terraform_data.a.id }
    output "secret" {
      value     = var.password
      sensitive = true
    })");
  Terraform({"init", "-no-color"});
  ComparePlan();
  Terraform({"apply", "-no-color", "plan"});
  CompareState();

  Write("main.tf", R"(
    variable "password" {
      sensitive = true
      default   = "hunter2"
    }
    resource "terraform_data" "a" {
      input = {
        number = 2.5, flag = "true"
        list   = [1, 2, 3, 4, { k = "u", w = [] }, "new"], "odd key" = { x = 1 }
        text   = "first\nsecond\n3rd\nfourth"
        json   = jsonencode({ k = [1, 2], s = "<&>", more = {} })
        spaced = "{ \"k\": 1 }"
        secret = var.password
        other  = var.password
      }
    }
    resource "terraform_data" "b" {
      count            = 1
      input            = [terraform_data.a.output, "é \" \\ $${x}"]
      triggers_replace = { why = "two", id = terraform_data.a.id }
    }
    resource "terraform_data" "new" { input = "moves" }
    moved {
      from = terraform_data.old
      to   = terraform_data.new
    }
    module "inner" {
      source = "./inner"
      text   = "hello\nworld"
    }
    output "whole" { value = { a = [1, 2], b = "y" } }
    output "list" { value = tolist(["a", "b"]) }
    output "secret" {
      value     = var.password
      sensitive = true
    })");
  ComparePlan({"-replace=module.inner.terraform_data.in[\"x\"]"});
  Terraform({"apply", "-no-color", "plan"});
  CompareState();
  Terraform({"taint", "terraform_data.new"});
  CompareState();
  ComparePlan();
  ComparePlan({"-destroy"});
}

}  // namespace
}  // namespace andon::infratext
