// What exists for the length of one command alone: ephemeral resources, write-only arguments,
// functions of providers, the ticking of a listener.
#include "infra/test_world.h"
#include "infra/ticker.h"

namespace andon::infra {
namespace {

constexpr char kToken[] = R"(
ephemeral "fake_token" "t" { name = "t" }
resource "fake_thing" "a" {
  name     = "a"
  password = ephemeral.fake_token.t.value
}
)";

TEST_F(InfraTest, AnEphemeralResourceIsOpenedForEachWalkAndNeverStored) {
  Plan plan = MakePlan(kToken);
  EXPECT_EQ(TakeLog(), (Lines{"open t", "close t"}));
  EXPECT_EQ(Changes(plan), (Lines{"+ fake_thing.a"}));
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"open t", "create a", "close t"}));
  EXPECT_EQ(world_.passwords["a"], "token-of-t");
  EXPECT_EQ(state_.resources.size(), 1u);
  const state::Instance* a = state_.FindInstance(*address::Parse("fake_thing.a"));
  EXPECT_FALSE(Has(a->current->attributes, "token-of-t"));
  EXPECT_EQ(a->current->dependencies, nullptr);
  EXPECT_FALSE(PlanAgain().has_changes());
}

TEST_F(InfraTest, AnEphemeralResourceWhoseNameIsNotKnownWaitsForTheApply) {
  Plan plan = MakePlan(R"(
resource "fake_thing" "a" { name = "a" }
ephemeral "fake_token" "t" { name = fake_thing.a.id }
resource "fake_thing" "b" {
  name     = "b"
  password = ephemeral.fake_token.t.value
})");
  EXPECT_EQ(TakeLog(), (Lines{}));
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"create a", "open t-1", "create b", "close t-1"}));
  EXPECT_EQ(world_.passwords["b"], "token-of-t-1");
}

TEST_F(InfraTest, AnEphemeralValueIsRefusedWhereItWouldBeStored) {
  Plan plan = MakePlan(R"(
ephemeral "fake_token" "t" { name = "t" }
resource "fake_thing" "a" { name = ephemeral.fake_token.t.value })");
  EXPECT_TRUE(Has(Said(plan.diagnostics), "\"name\" would be stored"));
  EXPECT_EQ(TakeLog(), (Lines{"open t", "close t"}));
}

TEST_F(InfraTest, AProviderIsConfiguredWithAnEphemeralValueAlsoToDestroy) {
  const std::string project = R"(
terraform {
  required_providers {
    fake = { source = "hashicorp/fake" }
  }
}
ephemeral "fake_token" "t" {
  provider = fake.open
  name     = "t"
}
provider "fake" {
  alias  = "open"
  region = "open"
}
provider "fake" { region = ephemeral.fake_token.t.value }
resource "fake_thing" "a" { name = "a" }
)";
  Apply(project);
  {
    std::lock_guard lock(world_.mutex);
    world_.log.clear();
  }
  Plan plan = PlanAgain([](PlanOptions& o) { o.mode = Mode::kDestroy; });
  Apply(std::move(plan));
  EXPECT_EQ(world_.log, (Lines{"configure open", "open t", "configure token-of-t", "close t",
                               "open t", "destroy a", "close t"}));
}

TEST_F(InfraTest, ModulesAreCountedToBeDestroyedHoweverTheirNumberIsMade) {
  Write("p/m/main.tf", "resource \"fake_thing\" \"x\" { name = \"x\" }\n");
  Apply(R"(
resource "fake_thing" "a" {
  name = "a"
  size = 2
}
locals {
  size  = fake_thing.a.size
  count = local.size + 0
}
module "m" {
  source = "./m"
  count  = local.count
})");
  TakeLog();
  Apply(PlanAgain([](PlanOptions& o) { o.mode = Mode::kDestroy; }));
  EXPECT_EQ(Sorted(TakeLog()), (Lines{"destroy a", "destroy x", "destroy x"}));
}

TEST_F(InfraTest, AnEphemeralResourceIsRenewedBeforeItsTimeIsOver) {
  world_.token_lasts = std::chrono::milliseconds(5);
  Plan plan = MakePlan(kToken);
  world_.waits_for_renewal = true;
  TakeLog();
  Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"open t", "renew t", "create a", "close t'"}));
}

TEST_F(InfraTest, AFunctionOfAProviderIsCalled) {
  const std::string head = R"(
terraform {
  required_providers {
    fake = { source = "hashicorp/fake" }
  }
}
)";
  Plan plan = MakePlan(head + "output \"four\" { value = provider::fake::twice(2) }\n");
  ASSERT_EQ(plan.outputs.size(), 1u) << Said(plan.diagnostics);
  EXPECT_EQ(plan.outputs[0].after, Value::Number(4));
  plan = MakePlan(head + "output \"bad\" { value = provider::fake::twice(13) }\n");
  EXPECT_TRUE(Has(Said(plan.diagnostics), "13 brings bad luck."));
  plan = MakePlan(head + "output \"bad\" { value = provider::fake::twise(1) }\n");
  EXPECT_TRUE(Has(Said(plan.diagnostics), "There is no function \"provider::fake::twise\""));
}

TEST_F(InfraTest, AFunctionOfAProviderThatIsNotThereSaysSo) {
  Plan plan = MakePlan(R"(
terraform {
  required_providers {
    absent = { source = "hashicorp/absent" }
  }
}
output "x" { value = provider::absent::f(1) })");
  EXPECT_TRUE(Has(Said(plan.diagnostics), "absent is not installed."));
}

TEST_F(InfraTest, ADataSourceOfACheckThatCannotBeReadIsAWarning) {
  world_.fail_read = {"t-9"};
  const std::string project = R"(
resource "fake_thing" "a" { name = "a" }
check "nine" {
  data "fake_thing" "nine" { id = "t-9" }
  assert {
    condition     = data.fake_thing.nine.size > 0
    error_message = "It is empty."
  }
})";
  Plan plan = MakePlan(project);
  EXPECT_FALSE(plan.diagnostics.has_errors());
  EXPECT_TRUE(Has(Said(plan.diagnostics), "It cannot be read."));
  Applied applied = Apply(std::move(plan));
  EXPECT_EQ(TakeLog(), (Lines{"create a"}));
  EXPECT_EQ(applied.added, 1);
}

TEST(Ticker, TellsOfWhatGoesOnUntilItEnds) {
  std::mutex mutex;
  std::condition_variable heard;
  Lines lines;
  Ticker ticker(
      [&](const Event& event) {
        std::lock_guard lock(mutex);
        lines.push_back(event.kind == Event::Kind::kApplyProgress
                            ? "still " + std::to_string(event.elapsed.count())
                            : "event");
        heard.notify_all();
      },
      std::chrono::milliseconds(2));
  Listener listener = ticker.listener();
  Event event{.kind = Event::Kind::kApplyStart, .address = *address::Parse("a_b.c")};
  listener(event);
  {
    std::unique_lock lock(mutex);
    heard.wait(lock, [&] { return lines.size() >= 3; });
  }
  event.kind = Event::Kind::kApplyComplete;
  listener(event);
  EXPECT_EQ(Lines(lines.begin(), lines.begin() + 3), (Lines{"event", "still 2000", "still 4000"}));
  EXPECT_EQ(lines.back(), "event");
  EXPECT_EQ(Ticker({}, std::chrono::seconds(1)).listener(), nullptr);
}

}  // namespace
}  // namespace andon::infra
