// Plans and applies of small projects against a provider that does what the test says and
// remembers what it was asked.
#include "infra/test_world.h"

namespace andon::infra {
namespace {

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
                                         {"password", Value::Null(Type::String())},
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
