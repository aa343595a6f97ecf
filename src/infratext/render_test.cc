#include "infratext/render.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "infratext/events_json.h"
#include "infratext/test_server.h"

namespace andon::infratext {
namespace {

using infra::Action;
using infra::Plan;
using infra::Reason;
using infra::ResourceChange;
using value::Value;

ResourceChange Update() {
  Value before = Server(R"({"id": "i-1", "size": "t3", "tags": {"a": "1"}})");
  return ServerChange(Action::kUpdate, before, With(before, "size", Value::String("t4")));
}

std::string Head(const ResourceChange& change, ChangeOrigin origin = ChangeOrigin::kPlanned,
                 const RenderOptions& options = {}) {
  std::string out;
  for (const std::string& line : Split(RenderChange(change, origin, options), '\n')) {
    if (!line.starts_with("  # ")) break;
    out += line.substr(4) + "\n";
  }
  return out;
}

std::string HeadOf(Action action, Reason reason = Reason::kNone, address::Key key = {}) {
  ResourceChange change = Update();
  change.action = action;
  change.reason = reason;
  change.address.key = key;
  change.address.module = {{"m", int64_t{0}}};
  return Head(change);
}

TEST(RenderChange, HasAHeadForEveryActionAndReason) {
  const std::string m = "module.m[0].cloud_server.web";
  EXPECT_EQ(HeadOf(Action::kCreate), m + " will be created\n");
  EXPECT_EQ(HeadOf(Action::kUpdate), m + " will be updated in-place\n");
  EXPECT_EQ(HeadOf(Action::kDelete), m + " will be destroyed\n");
  EXPECT_EQ(HeadOf(Action::kDeleteThenCreate, Reason::kReplaceCannotUpdate),
            m + " must be replaced\n");
  EXPECT_EQ(HeadOf(Action::kCreateThenDelete, Reason::kReplaceTainted),
            m + " is tainted, so it must be replaced\n");
  EXPECT_EQ(HeadOf(Action::kDeleteThenCreate, Reason::kReplaceRequested),
            m + " will be replaced, as requested\n");
  EXPECT_EQ(HeadOf(Action::kDeleteThenCreate, Reason::kReplaceTriggered),
            m + " will be replaced due to changes in replace_triggered_by\n");
  EXPECT_EQ(HeadOf(Action::kForget),
            m + " will be removed from the Andon state but will not be destroyed\n");
  EXPECT_EQ(HeadOf(Action::kRead, Reason::kReadConfigUnknown),
            m + " will be read during apply\n(config refers to values not yet known)\n");
  EXPECT_EQ(HeadOf(Action::kDelete, Reason::kDeleteNoConfig),
            m + " will be destroyed\n(because cloud_server.web is not in configuration)\n");
  EXPECT_EQ(HeadOf(Action::kDelete, Reason::kDeleteNoModule),
            m + " will be destroyed\n(because module.m[0] is not in configuration)\n");
  EXPECT_EQ(HeadOf(Action::kDelete, Reason::kDeleteCountIndex, int64_t{3}),
            m + "[3] will be destroyed\n(because index [3] is out of range for count)\n");
  EXPECT_EQ(HeadOf(Action::kDelete, Reason::kDeleteEachKey, "eu"),
            m + "[\"eu\"] will be destroyed\n(because key [\"eu\"] is not in for_each map)\n");
  EXPECT_EQ(HeadOf(Action::kDelete, Reason::kDeleteWrongRepetition),
            m + " will be destroyed\n(because resource uses count or for_each)\n");
  EXPECT_EQ(HeadOf(Action::kDelete, Reason::kDeleteNotEnabled),
            m + " will be destroyed\n(because enabled is false)\n");
}

TEST(RenderChange, SaysWhereAnObjectComesFrom) {
  ResourceChange change = Update();
  change.previous_address = *address::Parse("cloud_server.old");
  change.import_id = "i-\"1";
  change.deposed = "0a1b2c3d";
  EXPECT_EQ(Head(change),
            "cloud_server.web (deposed object 0a1b2c3d) will be updated in-place\n"
            "(left over from a partially-failed replacement of this instance)\n"
            "(moved from cloud_server.old)\n"
            "(imported from \"i-\\\"1\")\n");
  EXPECT_EQ(Head(Update(), ChangeOrigin::kDetected), "cloud_server.web has changed\n");

  ResourceChange moved = ServerChange(Action::kNoOp, change.before, change.before);
  EXPECT_EQ(RenderChange(moved, ChangeOrigin::kPlanned, {}), "");
  moved.previous_address = change.previous_address;
  EXPECT_EQ(RenderChange(moved, ChangeOrigin::kPlanned, {}),
            R"(  # cloud_server.old has moved to cloud_server.web
    resource "cloud_server" "web" {
        id    = "i-1"
        tags  = {
            "a" = "1"
        }
        # (2 unchanged attributes hidden)
    })");
}

TEST(RenderChange, SaysWhy) {
  ResourceChange change = Update();
  change.causes = {{"size", "var.size", {.filename = "main.tf", .start = {.line = 12}}},
                   {"tags", "{\n  a = local.x\n}", {.filename = "main.tf", .start = {.line = 13}}}};
  EXPECT_EQ(Head(change),
            "cloud_server.web will be updated in-place\n"
            "because main.tf:12 size = var.size\n"
            "because main.tf:13 tags = { a = local.x }\n");
  EXPECT_EQ(Head(change, ChangeOrigin::kPlanned, {.shows_causes = false}),
            "cloud_server.web will be updated in-place\n");
  change.causes.resize(20, change.causes[0]);
  EXPECT_NE(Head(change).find("and of 12 arguments more\n"), std::string::npos) << Head(change);
}

TEST(RenderChange, ShowsWhatIsForgottenWithoutSymbols) {
  ResourceChange change = ServerChange(Action::kForget, Server(R"({"id": "i-1"})"), Value::Null());
  EXPECT_EQ(RenderChange(change, ChangeOrigin::kPlanned, {}),
            R"(  # cloud_server.web will be removed from the Andon state but will not be destroyed
  . resource "cloud_server" "web" {
    id    = "i-1"
    token = (write-only attribute)
})");
}

// The plan of a project that has secrets in every place where one can be.
Plan PlanWithSecrets() {
  constexpr std::string_view kObject = R"({
    "id": "i-1", "password": "hunter2", "size": "t3", "network": {"cidr": "10/8", "psk": "hunter2"},
    "egress": [{"key": "hunter2"}], "endpoint": {"e": {"key": "hunter2"}},
    "ingress": [{"key": "hunter2"}], "root": {"key": "hunter2"}, "timeouts": {"key": "hunter2"}})";
  Value before = Server(kObject);
  Value marked = With(before, "size", Value::String("hunter2").WithMarks(value::Mark::kSensitive));
  Value other = Server(R"({"id": "i-1", "password": "x", "size": "t4"})");
  SourceRange range{.filename = "main.tf"};
  Plan plan;
  for (Action action : {Action::kCreate, Action::kUpdate, Action::kDelete, Action::kForget,
                        Action::kDeleteThenCreate, Action::kRead}) {
    ResourceChange change = ServerChange(action, marked, other);
    change.address.key = static_cast<int64_t>(plan.changes.size());
    bool is_new = action == Action::kCreate || action == Action::kRead;
    if (is_new) change.after = change.before;
    if (is_new) change.before = Value::Null();
    if (action == Action::kDelete || action == Action::kForget) change.after = Value::Null();
    change.causes = {{"password", "\"hunter2\"", range},
                     {"size", "\"hunter2\"", range},
                     {"root", "\"hunter2\"", range}};
    change.replace_paths = {value::Path().Attribute("password")};
    plan.changes.push_back(change);
    plan.drift.push_back(change);
  }
  Value secret = Value::String("hunter2");
  plan.outputs = {
      {"a", Action::kCreate, Value::Null(), secret, true},
      {"b", Action::kUpdate, secret, Value::String("x"), true},
      {"c", Action::kDelete, secret, Value::Null(), true},
      {"d", Action::kCreate, Value::Null(),
       Value::Object({{"in", secret.WithMarks(value::Mark::kSensitive)}}), false},
      {"e", Action::kUpdate, Value::String("x"),
       Value::String("{\"a\": \"hunter2\"}").WithMarks(value::Mark::kSensitive), true},
      {"f", Action::kCreate, Value::Null(), secret.WithMarks(value::Mark::kEphemeral), false},
  };
  plan.variables["password"] = secret.WithMarks(value::Mark::kSensitive);
  return plan;
}

TEST(RenderPlan, NeverShowsWhatIsSensitive) {
  Plan plan = PlanWithSecrets();
  for (bool concise : {false, true}) {
    for (bool color : {false, true}) {
      std::string text = RenderPlan(plan, {.color = color, .concise = concise});
      EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
      EXPECT_NE(text.find("(sensitive value)"), std::string::npos);
    }
  }
  for (const Json& event : PlanEvents({}, Timestamp(), plan)) {
    EXPECT_EQ(event.Dump().find("hunter2"), std::string::npos) << event.Dump();
  }
  std::string shown = RenderPlan(plan, {.show_sensitive = true});
  EXPECT_NE(shown.find("password = \"hunter2\" -> \"x\""), std::string::npos) << shown;
}

TEST(RenderPlan, HasTheWholeInOrder) {
  Plan plan;
  ResourceChange change = Update();
  ResourceChange data = ServerChange(Action::kRead, Value::Null(), change.after);
  data.address.is_data = true;
  ResourceChange gone = ServerChange(Action::kDelete, change.before, Value::Null());
  gone.address.is_data = true;
  gone.address.name = "gone";
  plan.changes = {change, data, gone};
  plan.outputs = {{"long_name", Action::kCreate, Value::Null(), Value::Number(1)},
                  {"b", Action::kNoOp, Value::True(), Value::True()},
                  {"c", Action::kDelete, Value::True(), Value::Null()}};
  plan.drift = {Update()};
  std::string text = RenderPlan(plan, {.width = 0});
  EXPECT_EQ(text, R"(
Note: Objects have changed outside of Andon

Since the last "andon apply" somebody or something else changed these objects, which may have a part in this plan:

  # cloud_server.web has changed
  ~ resource "cloud_server" "web" {
        id    = "i-1"
      ~ size  = "t3" -> "t4"
        tags  = {
            "a" = "1"
        }
      ~ token = (write-only attribute)
    }

The plan below may undo them or respond to them, unless the configuration says the same, or ignores these arguments with ignore_changes.

──────────────────────────────────────────────────────────────────────────────

Andon made the following plan with the selected providers. What is done to a resource is shown by these symbols:
  ~ update in-place (current -> planned)
 <= read (data resources)

Andon will perform the following actions:

  # data.cloud_server.web will be read during apply
 <= data "cloud_server" "web" {
      + id    = "i-1"
      + size  = "t4"
      + tags  = {
          + "a" = "1"
        }
      + token = (write-only attribute)
    }

  # cloud_server.web will be updated in-place
  ~ resource "cloud_server" "web" {
        id    = "i-1"
      ~ size  = "t3" -> "t4"
        tags  = {
            "a" = "1"
        }
      ~ token = (write-only attribute)
    }

Plan: 0 to add, 1 to change, 0 to destroy.

Changes to Outputs:
  - c         = true -> null
  + long_name = 1
)");
  std::string concise = RenderPlan(plan, {.concise = true});
  EXPECT_EQ(concise.find("<="), std::string::npos);
  EXPECT_EQ(concise.find("data.cloud_server"), std::string::npos);
}

TEST(RenderPlan, SaysWhyThereIsNothingToDo) {
  Plan plan;
  plan.changes = {ServerChange(Action::kNoOp, Server(R"({"id": "i"})"), Server(R"({"id": "i"})"))};
  auto has = [&](std::string_view words) {
    std::string text = RenderPlan(plan, {.width = 40});
    return text.find(words) != std::string::npos && text.starts_with('\n') && text.ends_with('\n');
  };
  EXPECT_TRUE(has("No changes. Your infrastructure matches the configuration.\n"));
  plan.mode = infra::Mode::kDestroy;
  EXPECT_TRUE(has("No changes. No objects need to be destroyed.\n"));
  plan.mode = infra::Mode::kRefreshOnly;
  EXPECT_TRUE(has("No changes. Your infrastructure still matches the configuration.\n"));
  plan.drift = {Update()};
  EXPECT_TRUE(has("cloud_server.web has changed"));
  EXPECT_FALSE(has("No changes."));
  // What drifted and has no part in a plan is noise.
  plan.mode = infra::Mode::kNormal;
  EXPECT_FALSE(has("has changed"));
  plan.diagnostics.Error("AN0000", "Wrong", "");
  EXPECT_TRUE(has("Planning failed."));
}

TEST(RenderPlan, SaysThatOnlyOutputsChange) {
  Plan plan;
  plan.outputs = {{"a", Action::kUpdate, Value::Number(1), Value::Dynamic()}};
  std::string text = RenderPlan(plan, {});
  EXPECT_NE(text.find("Changes to Outputs:\n  ~ a = 1 -> (known after apply)\n"),
            std::string::npos);
  EXPECT_NE(text.find("save these new output values"), std::string::npos);
  EXPECT_EQ(text.find("Plan:"), std::string::npos);
}

TEST(RenderPlan, WrapsSentencesAndColors) {
  Plan plan;
  plan.changes = {Update()};
  RenderOptions options{.width = 40};
  auto lines = Split(RenderPlan(plan, options), '\n');
  EXPECT_LE(std::max_element(lines.begin(), lines.end(),
                             [](const auto& a, const auto& b) { return a.size() < b.size(); })
                ->size(),
            45u);
  EXPECT_EQ(RenderPlan(plan, options).find('\033'), std::string::npos);
  // Without its colors the text is the same.
  std::string colored = RenderPlan(plan, {.color = true, .width = 40});
  EXPECT_NE(colored.find("\033[33m~\033[0m"), std::string::npos);
  for (size_t at = 0; (at = colored.find('\033')) != std::string::npos;) {
    colored.erase(at, colored.find('m', at) + 1 - at);
  }
  EXPECT_EQ(colored, RenderPlan(plan, options));
}

}  // namespace
}  // namespace andon::infratext
