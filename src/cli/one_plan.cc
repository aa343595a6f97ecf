#include "cli/one_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "builtin/language.h"
#include "cli/infrastructure_plan_file.h"
#include "cli/planning.h"
#include "infratext/events_json.h"
#include "infratext/render.h"
#include "plan/plan_file.h"
#include "plan/render.h"

namespace andon::cli {
namespace {

const infratext::Speaker& Program() {
  static const infratext::Speaker kSpeaker{.version = ANDON_VERSION};
  return kSpeaker;
}

infratext::ChangeCounts CountData(const plan::Plan& plan) {
  int replaced = plan.Count(plan::Action::kReplace);
  return {.add = plan.Count(plan::Action::kCreate) + replaced,
          .change = plan.Count(plan::Action::kUpdate),
          .remove = plan.Count(plan::Action::kDelete) + replaced};
}

infratext::ChangeCounts CountAll(const OnePlan& plan) {
  infratext::ChangeCounts all;
  if (plan.planned != nullptr) all = infratext::CountChanges(*plan.planned->plan);
  if (plan.data != nullptr) {
    infratext::ChangeCounts data = CountData(*plan.data);
    all.add += data.add;
    all.change += data.change;
    all.remove += data.remove;
  }
  return all;
}

// Objects that change, a replaced one once.
int ChangedObjects(const infra::Plan& plan) {
  int count = 0;
  for (const infra::ResourceChange& change : plan.changes)
    count += change.action != infra::Action::kNoOp && change.action != infra::Action::kRead;
  return count;
}

int ChangedObjects(const plan::Plan& plan) {
  int count = 0;
  for (const plan::Step& step : plan.steps) count += step.action != plan::Action::kNone;
  return count;
}

std::string TextOf(const Context& context, const Arguments& arguments, const OnePlan& plan) {
  infratext::RenderOptions options = TextOptionsOf(context, arguments);
  options.color = false;
  bool is_both = plan.infrastructure->has_data;
  options.is_part = is_both;
  std::string text = infratext::RenderPlan(*plan.planned->plan, options);
  if (!is_both) return text;
  if (plan.data != nullptr)
    text += "\n" + plan::RenderPlan(*plan.data, {.width = context.width, .is_part = true});
  return text + "\n" + SummaryOf(plan) + "\n";
}

void ShowWithoutSummary(const Context& context, const std::vector<Json>& events) {
  for (const Json& event : events) {
    if (event["type"].AsString() != "change_summary") context.Event(event);
  }
}

}  // namespace

Targets TargetsOf(const Arguments& arguments) {
  Targets targets;
  for (std::string& text : arguments.List("target")) {
    auto address = address::Parse(text);
    bool is_data = address.ok() && builtin::DataLanguage().Find(address->kind) != nullptr;
    (is_data ? targets.data : targets.infrastructure).push_back(std::move(text));
  }
  return targets;
}

bool TargetsInfrastructureAlone(const Arguments& arguments) {
  Targets targets = TargetsOf(arguments);
  return !targets.infrastructure.empty() && targets.data.empty();
}

bool TargetsDataAlone(const Arguments& arguments) {
  Targets targets = TargetsOf(arguments);
  return !targets.data.empty() && targets.infrastructure.empty();
}

void ShowInfrastructurePart(const Context& context, const Arguments& arguments,
                            const infra::Plan& plan) {
  if (context.json)
    return ShowWithoutSummary(context,
                              infratext::PlanEvents(Program(), context.clock->Now(), plan));
  infratext::RenderOptions options = TextOptionsOf(context, arguments);
  options.is_part = true;
  context.Print(infratext::RenderPlan(plan, options));
}

void ShowDataPart(const Context& context, const plan::Plan& plan) {
  if (context.json) return ShowWithoutSummary(context, plan::PlanEvents(plan));
  plan::RenderOptions options = RenderOptionsOf(context);
  options.is_part = true;
  std::string text = plan::RenderPlan(plan, options);
  if (!text.empty()) context.Print("\n" + text);
}

std::string SummaryOf(const OnePlan& plan) {
  bool data_changes = plan.data != nullptr && plan.data->has_changes();
  bool infra_changes = plan.planned != nullptr && plan.planned->plan->has_changes();
  if (!data_changes && !infra_changes && !plan.data_waits)
    return "No changes. Infrastructure and data are as the files say.";
  std::string text = infratext::SummaryText(CountAll(plan), infratext::Operation::kPlan);
  if (plan.data_waits) return text + " Data: planned once this is applied.";
  return text + fmt::format(" Infrastructure: {}; data: {}.", ChangedObjects(*plan.planned->plan),
                            plan.data != nullptr ? ChangedObjects(*plan.data) : 0);
}

void ShowSummary(const Context& context, const OnePlan& plan) {
  std::string text = SummaryOf(plan);
  if (context.json) {
    Json event = infratext::ChangeSummaryEvent(Program(), context.clock->Now(), CountAll(plan),
                                               infratext::Operation::kPlan);
    event.Set("@message", text);
    if (plan.data_waits) event.Set("data_waits", true);
    return context.Event(event);
  }
  size_t head = text.find_first_of(":.") + 1;
  context.Line("\n" + context.Paint("bold", text.substr(0, head)) + text.substr(head));
}

Result<void> SaveOnePlan(const std::string& path, const Context& context,
                         const Arguments& arguments, const OnePlan& plan) {
  SavedData data{.waits = plan.data_waits};
  Json document;
  if (plan.data != nullptr) {
    if (plan.data->has_changes()) data.plan = plan::WritePlanFile(*plan.data);
    document = plan::PlanDocument(*plan.data);
  } else if (plan.data_waits) {
    document = Json::Object({{"waits", true}});
  }
  const infra::Plan& infra = *plan.planned->plan;
  TRY(SavePlan(path, context, arguments, *plan.infrastructure, infra.state, infra,
               *plan.planned->pool, data, TextOf(context, arguments, plan), document));
  if (context.json || context.quiet) return {};
  context.Line(
      context.speaks_as_other()
          ? fmt::format("\nSaved the plan to: {0}\n\nTo perform exactly these actions, run "
                        "the following command to apply:\n    {1} apply \"{0}\"",
                        path, context.command())
          : fmt::format("Saved to {0}. To do exactly this: andon apply {0}", path));
  if (plan.data_waits)
    context.Note(
        "The data's part is not in it: it reads what only this apply can tell. Once it is applied, "
        "\"andon apply\" plans the data, and asks.");
  return {};
}

}  // namespace andon::cli
