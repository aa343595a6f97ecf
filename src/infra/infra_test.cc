// Plans and applies of small projects against a provider that does what the test says and
// remembers what it was asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "functions/registry.h"
#include "infra/apply.h"
#include "infra/planner.h"
#include "io/memory_file_system.h"
#include "provider/terraform_provider.h"

namespace andon::infra {
namespace {

using Lines = std::vector<std::string>;
using value::Type;
using value::Value;

testing::AssertionResult Has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << part << "\" is not in:\n" << text;
}

Lines Sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

const config::Language& NoData() {
  static const config::Language kNone;
  return kNone;
}

provider::AttributeSchema Attribute(std::string name, Type type, bool optional, bool computed) {
  provider::AttributeSchema a;
  a.name = std::move(name);
  a.type = std::move(type);
  a.optional = optional;
  a.computed = computed;
  return a;
}

// What stands outside, and what was done to it.
struct World {
  std::mutex mutex;
  std::map<std::string, Value> objects;  // By id.
  std::vector<std::string> log;          // "create a", "destroy a", …: by the object's name.
  std::set<std::string> fail_create, fail_destroy, fail_partly;
  bool gives_wrong_result = false;
  int next = 1;

  void Log(const std::string& what, const Value& object) {
    const Value* name = object.Find("name");
    log.push_back(what + " " + (name->is_null() ? "?" : name->string()));
  }
};

Value With(const Value& object, std::string_view name, Value value) {
  Value::Members members = object.members();
  for (auto& [key, member] : members) {
    if (key == name) member = std::move(value);
  }
  return Value::Object(std::move(members));
}

provider::AttributeDiagnostics Failure(std::string says) {
  return {{.diagnostic = {.summary = "Refused", .detail = std::move(says)}}};
}

// fake_thing: name (needs a new object), size, secret (sensitive), id. data.fake_thing: the
// size of a thing by its id.
class Fake : public provider::Provider {
 public:
  explicit Fake(World& world) : world_(world) {
    provider::Schema thing;
    thing.block.attributes = {Attribute("id", Type::String(), false, true),
                              Attribute("name", Type::String(), true, false),
                              Attribute("secret", Type::String(), true, false),
                              Attribute("size", Type::Number(), true, true)};
    thing.block.attributes[2].sensitive = true;
    provider::Schema data;
    data.block.attributes = {Attribute("id", Type::String(), true, false),
                             Attribute("size", Type::Number(), false, true)};
    schema_.schema.resources["fake_thing"] = thing;
    schema_.schema.data_sources["fake_thing"] = data;
    schema_.schema.provider.block.attributes = {Attribute("region", Type::String(), true, false)};
  }

  const provider::GetSchemaResponse& GetSchema() override { return schema_; }

  provider::AttributeDiagnostics Configure(const provider::ConfigureRequest& request) override {
    std::lock_guard lock(world_.mutex);
    const Value& region = *request.config.Find("region");
    world_.log.push_back("configure " +
                         (region.is_known_not_null() ? region.string() : std::string("?")));
    return {};
  }

  provider::ReadResourceResponse ReadResource(
      const provider::ReadResourceRequest& request) override {
    std::lock_guard lock(world_.mutex);
    auto it = world_.objects.find(request.prior.Find("id")->string());
    return {.state = it == world_.objects.end() ? Value::Null(request.prior.type()) : it->second,
            .private_data = request.private_data};
  }

  provider::PlanResourceChangeResponse PlanResourceChange(
      const provider::PlanResourceChangeRequest& request) override {
    provider::PlanResourceChangeResponse out{.planned = request.proposed};
    if (request.proposed.is_null()) return out;
    if (request.prior.is_null()) {
      out.planned = With(out.planned, "id", Value::Unknown(Type::String()));
      if (out.planned.Find("size")->is_null())
        out.planned = With(out.planned, "size", Value::Unknown(Type::Number()));
    }
    out.requires_replace = {value::Path().Attribute("name")};
    return out;
  }

  provider::ApplyResourceChangeResponse ApplyResourceChange(
      const provider::ApplyResourceChangeRequest& request) override {
    std::lock_guard lock(world_.mutex);
    if (request.planned.is_null()) {
      const std::string& name = request.prior.Find("name")->string();
      if (world_.fail_destroy.contains(name))
        return {.state = request.prior, .diagnostics = Failure("It is in use.")};
      world_.Log("destroy", request.prior);
      world_.objects.erase(request.prior.Find("id")->string());
      return {.state = request.planned};
    }
    const std::string& name = request.planned.Find("name")->string();
    if (world_.fail_create.contains(name))
      return {.state = Value::Null(request.planned.type()),
              .diagnostics = Failure("No more of them.")};
    Value made = request.planned;
    if (!made.Find("id")->is_known())
      made = With(made, "id", Value::String("t-" + std::to_string(world_.next++)));
    if (!made.Find("size")->is_known()) made = With(made, "size", Value::Number(1));
    if (world_.gives_wrong_result) made = With(made, "size", Value::Number(99));
    world_.Log(request.prior.is_null() ? "create" : "update", made);
    world_.objects[made.Find("id")->string()] = made;
    provider::ApplyResourceChangeResponse out{.state = made, .private_data = "p"};
    if (world_.fail_partly.contains(name)) out.diagnostics = Failure("Half of it is there.");
    return out;
  }

  provider::ImportResourceStateResponse ImportResourceState(
      const provider::ImportResourceStateRequest& request) override {
    Value none = Value::Null(Type::String());
    return {.resources = {{.type = "fake_thing",
                           .state = Value::Object({{"id", Value::String(request.id)},
                                                   {"name", none},
                                                   {"secret", none},
                                                   {"size", Value::Null(Type::Number())}})}}};
  }

  provider::ReadDataSourceResponse ReadDataSource(
      const provider::ReadDataSourceRequest& request) override {
    std::lock_guard lock(world_.mutex);
    auto it = world_.objects.find(request.config.Find("id")->string());
    Value size = it == world_.objects.end() ? Value::Number(0) : *it->second.Find("size");
    return {.state = With(request.config, "size", size)};
  }

 private:
  World& world_;
  provider::GetSchemaResponse schema_;
};

class Source : public ProviderSource {
 public:
  explicit Source(World& world) : world_(world) {}
  Result<std::unique_ptr<provider::Provider>> Start(
      const config::ProviderAddress& address) override {
    if (address.is_builtin())
      return std::unique_ptr<provider::Provider>(provider::MakeTerraformProvider());
    if (address.type != "fake") return Error::NotFound("{} is not installed.", address.type);
    ++started;
    return std::unique_ptr<provider::Provider>(std::make_unique<Fake>(world_));
  }
  std::atomic<int> started = 0;

 private:
  World& world_;
};

std::string ActionText(const ResourceChange& change) {
  static const std::map<Action, std::string> kWords = {{Action::kNoOp, "="},
                                                       {Action::kCreate, "+"},
                                                       {Action::kRead, "<="},
                                                       {Action::kUpdate, "~"},
                                                       {Action::kDelete, "-"},
                                                       {Action::kDeleteThenCreate, "-/+"},
                                                       {Action::kCreateThenDelete, "+/-"},
                                                       {Action::kForget, "."},
                                                       {Action::kForgetThenCreate, "./+"}};
  std::string out = kWords.at(change.action) + " " + ToString(change.address);
  if (!change.deposed.empty()) out += " (deposed)";
  return out;
}

class InfraTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(files_.WriteAtomically(name, text).ok());
  }

  // Plans main.tf, with the state as the last apply left it.
  Plan MakePlan(const std::string& main, std::function<void(PlanOptions&)> change = {}) {
    Write("p/main.tf", main);
    return PlanAgain(change);
  }

  Plan PlanAgain(std::function<void(PlanOptions&)> change = {}) {
    tree_ = config::LoadModuleTree(
        files_, std::make_unique<config::Module>(config::Load(files_, "p", NoData())));
    for (const Diagnostic& d : tree_.diagnostics) ADD_FAILURE() << d.summary << ": " << d.detail;
    pool_ = std::make_unique<ProviderPool>(source_);
    PlanOptions options{
        .functions = &functions_, .pool = pool_.get(), .executor = &executor_, .parallel = 2};
    for (const auto& [name, variable] : tree_.root->module->variables)
      options.variables[name] = variable.fallback.value_or(Value::Dynamic());
    if (change) change(options);
    return infra::MakePlan(tree_, state_, options);
  }

  Applied Apply(Plan plan, std::stop_token stop = {}) {
    EXPECT_FALSE(plan.diagnostics.has_errors()) << Said(plan.diagnostics);
    Applied applied = infra::Apply(tree_, std::move(plan),
                                   {.functions = &functions_,
                                    .pool = pool_.get(),
                                    .executor = &executor_,
                                    .parallel = 2,
                                    .stop = std::move(stop)});
    state_ = applied.state;
    return applied;
  }

  Applied Apply(const std::string& main) { return Apply(MakePlan(main)); }

  static std::string Said(const Diagnostics& diagnostics) {
    std::string out;
    for (const Diagnostic& d : diagnostics) out += d.summary + ": " + d.detail + "\n";
    return out;
  }

  // What is not "stays as it is", in order.
  static std::vector<std::string> Changes(const Plan& plan) {
    std::vector<std::string> out;
    for (const ResourceChange& change : plan.changes) {
      if (change.action != Action::kNoOp) out.push_back(ActionText(change));
    }
    return out;
  }

  std::vector<std::string> TakeLog() {
    std::lock_guard lock(world_.mutex);
    std::erase_if(world_.log,
                  [](const std::string& line) { return line.starts_with("configure"); });
    return std::exchange(world_.log, {});
  }

  io::MemoryFileSystem files_;
  World world_;
  Source source_{world_};
  hcl::FunctionTable functions_ = functions::MakeTable({});
  Executor executor_{2};
  std::unique_ptr<ProviderPool> pool_;
  config::ModuleTree tree_;
  state::State state_;
};

constexpr char kChain[] = R"(
resource "fake_thing" "a" { name = "a" }
resource "fake_thing" "b" { name = "b-${fake_thing.a.id}" }
)";

TEST_F(InfraTest, CreatesInTheOrderOfTheReferencesAndThenHasNothingToDo) {
  Plan plan = MakePlan(kChain);
  EXPECT_EQ(Changes(plan), (Lines{"+ fake_thing.a", "+ fake_thing.b"}));
  EXPECT_EQ(plan.Summary(), "Plan: 2 to add, 0 to change, 0 to destroy.");
  Applied applied = Apply(std::move(plan));
  EXPECT_EQ(applied.Summary(Mode::kNormal),
            "Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
  EXPECT_EQ(TakeLog(), (Lines{"create a", "create b-t-1"}));
  Plan again = PlanAgain();
  EXPECT_FALSE(again.has_changes());
  const state::Instance* b = state_.FindInstance(*address::Parse("fake_thing.b"));
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(*b->current->dependencies, (Lines{"fake_thing.a"}));
  EXPECT_EQ(b->current->private_data, "p");
}

TEST_F(InfraTest, DestroysWhatDependsOnOthersFirst) {
  Apply(kChain);
  TakeLog();
  Plan plan = PlanAgain([](PlanOptions& o) { o.mode = Mode::kDestroy; });
  EXPECT_EQ(Changes(plan), (Lines{"- fake_thing.a", "- fake_thing.b"}));
  Applied applied = Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"destroy b-t-1", "destroy a"}));
  EXPECT_TRUE(applied.state.empty());
}

TEST_F(InfraTest, ABlockThatIsGoneIsDestroyedAlsoWithItsModule) {
  Write("p/m/main.tf", kChain);
  Apply("module \"m\" { source = \"./m\" }\n");
  TakeLog();
  Plan plan = MakePlan("output \"x\" { value = 1 }\n");
  EXPECT_EQ(Changes(plan), (Lines{"- module.m.fake_thing.a", "- module.m.fake_thing.b"}));
  EXPECT_EQ(plan.changes[0].reason, Reason::kDeleteNoModule);
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"destroy b-t-1", "destroy a"}));
  EXPECT_TRUE(state_.resources.empty());
}

TEST_F(InfraTest, AReplacementDestroysFirstUnlessItIsSaidOtherwise) {
  Apply(R"(resource "fake_thing" "a" { name = "one" })");
  TakeLog();
  Plan plan = MakePlan(R"(resource "fake_thing" "a" { name = "two" })");
  EXPECT_EQ(Changes(plan), (Lines{"-/+ fake_thing.a"}));
  EXPECT_EQ(plan.changes[0].reason, Reason::kReplaceCannotUpdate);
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"destroy one", "create two"}));
  plan = MakePlan(R"(resource "fake_thing" "a" {
    name = "three"
    lifecycle { create_before_destroy = true }
  })");
  EXPECT_EQ(Changes(plan), (Lines{"+/- fake_thing.a"}));
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"create three", "destroy two"}));
  EXPECT_TRUE(state_.FindInstance(*address::Parse("fake_thing.a"))->deposed.empty());
}

TEST_F(InfraTest, WhatACreateBeforeDestroyNeedsIsReplacedInTheSameOrder) {
  auto project = [](const std::string& name) {
    return R"(
resource "fake_thing" "a" { name = ")" +
           name + R"(" }
resource "fake_thing" "b" {
  name = "b-${fake_thing.a.id}"
  lifecycle { create_before_destroy = true }
})";
  };
  Apply(project("one"));
  TakeLog();
  Plan plan = MakePlan(project("two"));
  EXPECT_EQ(Changes(plan), (Lines{"+/- fake_thing.a", "+/- fake_thing.b"}));
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"create two", "create b-t-3", "destroy b-t-1", "destroy one"}));
}

TEST_F(InfraTest, AFailureLeavesOutWhatDependsOnItAndKeepsTheRest) {
  world_.fail_create = {"a"};
  Applied applied = Apply(std::string(kChain) + R"(resource "fake_thing" "c" { name = "c" })");
  EXPECT_TRUE(Has(Said(applied.diagnostics), "No more of them."));
  EXPECT_EQ(TakeLog(), (Lines{"create c"}));
  EXPECT_EQ(state_.resources.size(), 1u);
  world_.fail_create.clear();
  Plan again = PlanAgain();
  EXPECT_EQ(Changes(again), (Lines{"+ fake_thing.a", "+ fake_thing.b"}));
}

TEST_F(InfraTest, WhatIsHalfThereIsTaintedAndMadeAnew) {
  world_.fail_partly = {"a"};
  Apply(R"(resource "fake_thing" "a" { name = "a" })");
  EXPECT_EQ(state_.FindInstance(*address::Parse("fake_thing.a"))->current->status,
            state::ObjectStatus::kTainted);
  world_.fail_partly.clear();
  TakeLog();
  Plan plan = PlanAgain();
  EXPECT_EQ(Changes(plan), (Lines{"-/+ fake_thing.a"}));
  EXPECT_EQ(plan.changes[0].reason, Reason::kReplaceTainted);
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"destroy a", "create a"}));
}

TEST_F(InfraTest, AnOldObjectThatCannotGoStaysAsADeposedOne) {
  auto project = [](const std::string& name) {
    return R"(resource "fake_thing" "a" {
      name = ")" +
           name + R"("
      lifecycle { create_before_destroy = true }
    })";
  };
  Apply(project("one"));
  world_.fail_destroy = {"one"};
  Applied applied = Apply(project("two"));
  EXPECT_TRUE(applied.diagnostics.has_errors());
  EXPECT_EQ(state_.FindInstance(*address::Parse("fake_thing.a"))->deposed.size(), 1u);
  world_.fail_destroy.clear();
  TakeLog();
  Plan plan = PlanAgain();
  EXPECT_EQ(Changes(plan), (Lines{"- fake_thing.a (deposed)"}));
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"destroy one"}));
  EXPECT_TRUE(state_.FindInstance(*address::Parse("fake_thing.a"))->deposed.empty());
}

TEST_F(InfraTest, AFailedSuccessorLeavesTheOldObjectInItsPlace) {
  auto project = [](const std::string& name) {
    return R"(resource "fake_thing" "a" {
      name = ")" +
           name + R"("
      lifecycle { create_before_destroy = true }
    })";
  };
  Apply(project("one"));
  world_.fail_create = {"two"};
  TakeLog();
  Applied applied = Apply(project("two"));
  EXPECT_TRUE(applied.diagnostics.has_errors());
  EXPECT_EQ(TakeLog(), (Lines{}));
  const state::Instance* a = state_.FindInstance(*address::Parse("fake_thing.a"));
  ASSERT_NE(a->current, nullptr);
  EXPECT_TRUE(a->deposed.empty());
  EXPECT_TRUE(Has(a->current->attributes, "\"one\""));
}

TEST_F(InfraTest, WhatChangedOutsideIsDriftAndSetRight) {
  Apply(R"(resource "fake_thing" "a" {
    name = "a"
    size = 3
  })");
  world_.objects.at("t-1") = With(world_.objects.at("t-1"), "size", Value::Number(4));
  Plan plan = PlanAgain();
  ASSERT_EQ(plan.drift.size(), 1u);
  EXPECT_EQ(*plan.drift[0].after.Find("size"), Value::Number(4));
  EXPECT_EQ(Changes(plan), (Lines{"~ fake_thing.a"}));
  EXPECT_EQ(*plan.changes[0].before.Find("size"), Value::Number(4));
  Plan unrefreshed = PlanAgain([](PlanOptions& o) { o.refresh = false; });
  EXPECT_FALSE(unrefreshed.has_changes());
  Plan only = PlanAgain([](PlanOptions& o) { o.mode = Mode::kRefreshOnly; });
  EXPECT_TRUE(only.has_changes());
  EXPECT_EQ(Changes(only), (Lines{}));
  Apply(std::move(only));
  EXPECT_TRUE(
      Has(state_.FindInstance(*address::Parse("fake_thing.a"))->current->attributes, "\"size\":4"));
}

TEST_F(InfraTest, WhatIsGoneOutsideIsMadeAgain) {
  Apply(R"(resource "fake_thing" "a" { name = "a" })");
  world_.objects.clear();
  Plan plan = PlanAgain();
  ASSERT_EQ(plan.drift.size(), 1u);
  EXPECT_EQ(plan.drift[0].action, Action::kDelete);
  EXPECT_EQ(Changes(plan), (Lines{"+ fake_thing.a"}));
}

TEST_F(InfraTest, IgnoredChangesAreNone) {
  Apply(R"(resource "fake_thing" "a" {
    name = "a"
    size = 3
  })");
  Plan plan = MakePlan(R"(resource "fake_thing" "a" {
    name = "a"
    size = 5
    lifecycle { ignore_changes = [size] }
  })");
  EXPECT_FALSE(plan.has_changes());
}

TEST_F(InfraTest, WhatMustNotBeDestroyedStopsThePlan) {
  constexpr char kProtected[] = R"(resource "fake_thing" "a" {
    name = "a"
    lifecycle { prevent_destroy = true }
  })";
  Apply(kProtected);
  Plan plan = PlanAgain([](PlanOptions& o) { o.mode = Mode::kDestroy; });
  EXPECT_TRUE(Has(Said(plan.diagnostics), "fake_thing.a has lifecycle.prevent_destroy set"));
  std::string renamed = kProtected;
  renamed.replace(renamed.find("\"a\"\n"), 3, "\"b\"");
  Plan replaced = MakePlan(renamed);
  EXPECT_TRUE(replaced.diagnostics.has_errors());
}

TEST_F(InfraTest, MovedObjectsKeepTheirHistory) {
  Apply(R"(resource "fake_thing" "a" { name = "a" })");
  TakeLog();
  Plan plan = MakePlan(R"(
resource "fake_thing" "b" { name = "a" }
moved {
  from = fake_thing.a
  to   = fake_thing.b
})");
  EXPECT_EQ(Changes(plan), (Lines{}));
  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_EQ(ToString(*plan.changes[0].previous_address), "fake_thing.a");
  EXPECT_TRUE(plan.has_changes());
  Apply(std::move(plan));
  EXPECT_EQ(state_.FindInstance(*address::Parse("fake_thing.a")), nullptr);
  EXPECT_NE(state_.FindInstance(*address::Parse("fake_thing.b")), nullptr);
  EXPECT_EQ(TakeLog(), (Lines{}));
}

TEST_F(InfraTest, CountTakesOverTheSingleInstanceAndGivesItBack) {
  Apply(R"(resource "fake_thing" "a" { name = "a" })");
  Plan more = MakePlan(R"(resource "fake_thing" "a" {
    count = 2
    name  = "a"
  })");
  EXPECT_EQ(Changes(more), (Lines{"+ fake_thing.a[1]"}));
  Apply(std::move(more));
  Plan one = MakePlan(R"(resource "fake_thing" "a" { name = "a" })");
  EXPECT_EQ(Changes(one), (Lines{"- fake_thing.a[1]"}));
}

TEST_F(InfraTest, RemovedWithoutDestructionIsForgotten) {
  Apply(R"(resource "fake_thing" "a" { name = "a" })");
  TakeLog();
  Plan plan = MakePlan(R"(removed {
    from = fake_thing.a
    lifecycle { destroy = false }
  })");
  EXPECT_EQ(Changes(plan), (Lines{". fake_thing.a"}));
  EXPECT_EQ(plan.Summary(), "Plan: 0 to add, 0 to change, 0 to destroy, 1 to forget.");
  Apply(std::move(plan));
  EXPECT_TRUE(state_.resources.empty());
  EXPECT_EQ(world_.objects.size(), 1u);
  EXPECT_EQ(TakeLog(), (Lines{}));
}

TEST_F(InfraTest, ImportsWhatIsThere) {
  world_.objects["x-7"] = Value::Object({{"id", Value::String("x-7")},
                                         {"name", Value::String("a")},
                                         {"secret", Value::Null(Type::String())},
                                         {"size", Value::Number(2)}});
  Plan plan = MakePlan(R"(
locals { which = "x-7" }
resource "fake_thing" "a" {
  name = "a"
  size = 3
}
import {
  to = fake_thing.a
  id = local.which
})");
  EXPECT_EQ(Changes(plan), (Lines{"~ fake_thing.a"}));
  EXPECT_EQ(plan.changes[0].import_id, "x-7");
  EXPECT_EQ(plan.Summary(), "Plan: 1 to import, 0 to add, 1 to change, 0 to destroy.");
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"update a"}));
  world_.objects.clear();
  state_ = {};
  EXPECT_TRUE(Has(Said(PlanAgain().diagnostics), "no object with the id \"x-7\""));
}

TEST_F(InfraTest, TargetsTakeWhatTheyNeedAndExcludesLeaveWhatNeedsThem) {
  std::string project = std::string(kChain) + R"(resource "fake_thing" "c" { name = "c" })";
  Plan target =
      MakePlan(project, [](PlanOptions& o) { o.targets = {*address::Parse("fake_thing.b")}; });
  EXPECT_EQ(Changes(target), (Lines{"+ fake_thing.a", "+ fake_thing.b"}));
  Plan exclude = PlanAgain([](PlanOptions& o) { o.excludes = {*address::Parse("fake_thing.a")}; });
  EXPECT_EQ(Changes(exclude), (Lines{"+ fake_thing.c"}));
  Plan nothing = PlanAgain([](PlanOptions& o) { o.targets = {*address::Parse("fake_thing.d")}; });
  EXPECT_TRUE(Has(Said(nothing.diagnostics), "have fake_thing.d"));
}

TEST_F(InfraTest, AskedForAReplacementOneInstanceIsMadeAnew) {
  std::string project = R"(resource "fake_thing" "a" {
    for_each = toset(["x", "y"])
    name     = each.key
  })";
  Apply(project);
  Plan plan =
      PlanAgain([](PlanOptions& o) { o.replace = {*address::Parse("fake_thing.a[\"y\"]")}; });
  EXPECT_EQ(Changes(plan), (Lines{"-/+ fake_thing.a[\"y\"]"}));
  EXPECT_EQ(plan.changes[1].reason, Reason::kReplaceRequested);
}

TEST_F(InfraTest, ATriggerReplaces) {
  auto project = [](int size) {
    return R"(
resource "fake_thing" "a" {
  name = "a"
  size = )" +
           std::to_string(size) + R"(
}
resource "fake_thing" "b" {
  name = "b"
  lifecycle { replace_triggered_by = [fake_thing.a.size] }
})";
  };
  Apply(project(1));
  Plan plan = MakePlan(project(2));
  EXPECT_EQ(Changes(plan), (Lines{"~ fake_thing.a", "-/+ fake_thing.b"}));
  EXPECT_EQ(plan.changes[1].reason, Reason::kReplaceTriggered);
}

TEST_F(InfraTest, DataIsReadWhenItsInputsAreKnown) {
  std::string project = R"(
resource "fake_thing" "a" {
  name = "a"
  size = 4
}
data "fake_thing" "of_a" { id = fake_thing.a.id }
output "size" { value = data.fake_thing.of_a.size }
)";
  Plan plan = MakePlan(project);
  EXPECT_EQ(Sorted(Changes(plan)), Sorted({"+ fake_thing.a", "<= data.fake_thing.of_a"}));
  Apply(std::move(plan));
  EXPECT_EQ(state_.outputs.at("size").value, Value::Number(4));
  Plan again = PlanAgain();
  EXPECT_FALSE(again.has_changes());
}

TEST_F(InfraTest, ConditionsStopWhatTheyGuard) {
  Plan plan = MakePlan(R"(
locals { one = 1 }
resource "fake_thing" "a" {
  name = "a"
  size = 4
  lifecycle {
    precondition {
      condition     = local.one > 2
      error_message = "One is not enough."
    }
    postcondition {
      condition     = self.size > 3
      error_message = "Too small."
    }
  }
}
check "c" {
  assert {
    condition     = local.one == 2
    error_message = "Only told."
  }
}
)");
  EXPECT_TRUE(Has(Said(plan.diagnostics), "Resource precondition failed: One is not enough."));
  for (const Diagnostic& d : plan.diagnostics) {
    if (d.detail == "Only told.") {
      EXPECT_EQ(d.severity, Severity::kWarning);
    }
  }
}

TEST_F(InfraTest, AProviderThatDoesSomethingElseIsBlamed) {
  world_.gives_wrong_result = true;
  Applied applied = Apply(R"(resource "fake_thing" "a" {
    name = "a"
    size = 3
  })");
  EXPECT_TRUE(Has(Said(applied.diagnostics), "inconsistent result after apply"));
  EXPECT_EQ(state_.FindInstance(*address::Parse("fake_thing.a"))->current->status,
            state::ObjectStatus::kTainted);
}

TEST_F(InfraTest, SensitiveValuesStayMarked) {
  Plan plan = MakePlan(R"(
variable "password" {
  default   = "hunter2"
  sensitive = true
}
resource "fake_thing" "a" {
  name   = "a"
  secret = var.password
}
resource "terraform_data" "copy" { input = fake_thing.a.secret }
)",
                       [](PlanOptions& o) {
                         o.variables["password"] =
                             Value::String("hunter2").WithMarks(value::Mark::kSensitive);
                       });
  for (const ResourceChange& change : plan.changes) {
    const char* name = change.address.kind == "fake_thing" ? "secret" : "input";
    EXPECT_TRUE(change.after.Find(name)->Has(value::Mark::kSensitive)) << ToString(change.address);
  }
  Apply(std::move(plan));
  const state::Instance* a = state_.FindInstance(*address::Parse("fake_thing.a"));
  ASSERT_EQ(a->current->sensitive_paths.size(), 1u);
  EXPECT_EQ(value::ToString(a->current->sensitive_paths[0]), ".secret");
  Plan output = MakePlan(R"(
variable "password" {
  default   = "hunter2"
  sensitive = true
}
output "p" { value = var.password }
)",
                         [](PlanOptions& o) {
                           o.variables["password"] =
                               Value::String("hunter2").WithMarks(value::Mark::kSensitive);
                         });
  EXPECT_TRUE(Has(Said(output.diagnostics), "sensitive = true"));
  EXPECT_FALSE(Has(Said(output.diagnostics), "hunter2"));
}

TEST_F(InfraTest, ProvidersStartOnlyWhenSomethingNeedsThem) {
  Apply("provider \"fake\" { region = \"x\" }\noutput \"a\" { value = 1 }\n");
  EXPECT_EQ(source_.started, 0);
  world_.log.clear();
  Plan plan = MakePlan(R"(
provider "fake" { region = "home" }
provider "fake" {
  alias  = "far"
  region = "away"
}
resource "fake_thing" "a" { name = "a" }
resource "fake_thing" "b" {
  name     = "b"
  provider = fake.far
}
)");
  EXPECT_EQ(Sorted(world_.log), Sorted({"configure home", "configure away"}));
  EXPECT_EQ(source_.started, 2);  // The one that was asked for the schema serves as well.
  Apply(std::move(plan));
  EXPECT_TRUE(
      Has(state_.FindResource(*address::Parse("fake_thing.b"))->provider, "hashicorp/fake\"].far"));
  Plan missing = MakePlan("resource \"other_thing\" \"a\" {}\n");
  EXPECT_TRUE(Has(Said(missing.diagnostics), "other is not installed."));
}

TEST_F(InfraTest, AStopFinishesWhatWasBegunAndSavesIt) {
  Plan plan = MakePlan(R"(resource "fake_thing" "a" {
    count = 20
    name  = "n${count.index}"
  })");
  std::stop_source stop;
  stop.request_stop();
  Applied applied = Apply(std::move(plan), stop.get_token());
  EXPECT_TRUE(applied.was_stopped);
  EXPECT_TRUE(Has(Said(applied.diagnostics), "interrupted"));
  EXPECT_EQ(applied.added, 0);
}

TEST_F(InfraTest, WhatHasNoPlaceInTheOrderIsRefused) {
  Write("p/main.tf", R"(
resource "fake_thing" "a" { name = fake_thing.b.id }
resource "fake_thing" "b" { name = fake_thing.a.id }
)");
  tree_ = config::LoadModuleTree(
      files_, std::make_unique<config::Module>(config::Load(files_, "p", NoData())));
  pool_ = std::make_unique<ProviderPool>(source_);
  Plan plan = infra::MakePlan(
      tree_, state_, {.functions = &functions_, .pool = pool_.get(), .executor = &executor_});
  EXPECT_TRUE(Has(Said(plan.diagnostics), "in a circle"));
}

TEST_F(InfraTest, ABlockIsNotMadeOfItself) {
  Plan plan = MakePlan(R"(resource "fake_thing" "a" { name = fake_thing.a.id })");
  EXPECT_TRUE(Has(Said(plan.diagnostics), "Self-referential block: fake_thing.a may not refer"));
  EXPECT_TRUE(plan.changes.empty());
}

TEST_F(InfraTest, CausesNameTheArgumentThatDiffers) {
  Apply(R"(resource "fake_thing" "a" {
    name = "a"
    size = 3
  })");
  Plan plan = MakePlan(R"(
locals { n = 5 }
resource "fake_thing" "a" {
  name = "a"
  size = local.n
})");
  ASSERT_EQ(plan.changes.size(), 1u);
  ASSERT_EQ(plan.changes[0].causes.size(), 1u);
  EXPECT_EQ(plan.changes[0].causes[0].argument, "size");
  EXPECT_EQ(plan.changes[0].causes[0].text, "local.n");
  EXPECT_EQ(plan.changes[0].causes[0].range.start.line, 5);
}

}  // namespace
}  // namespace andon::infra
