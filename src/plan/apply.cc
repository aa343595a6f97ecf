#include "plan/apply.h"

#include <fmt/format.h>

#include "config/codes.h"

namespace andon::plan {

using value::Value;

std::string Applied::Summary() const {
  return fmt::format("Apply complete! Objects: {} added, {} changed, {} destroyed.", added, changed,
                     destroyed);
}

namespace {

// False where going on makes no sense: what was done could not be recorded.
bool ApplyStep(const Step& step, const ApplyOptions& options, Applied* applied) {
  if (options.progress) options.progress(step, false);
  provider::ApplyResourceChangeResponse response =
      options.provider->ApplyResourceChange({.type = step.address.kind,
                                             .prior = step.prior,
                                             .planned = step.planned,
                                             .config = step.planned});
  bool failed = provider::HasErrors(response.diagnostics);
  applied->diagnostics.Append(provider::WithoutPaths(std::move(response.diagnostics)));
  if (options.record) {
    Result<void> recorded = options.record(step, response.state);
    if (!recorded.ok()) {
      config::Report(&applied->diagnostics, config::kNotRecorded, recorded.error().message, {});
      return false;
    }
  }
  if (failed) return true;
  if (options.progress) options.progress(step, true);
  if (step.action == Action::kCreate || step.action == Action::kReplace) ++applied->added;
  if (step.action == Action::kDelete || step.action == Action::kReplace) ++applied->destroyed;
  if (step.action == Action::kUpdate) ++applied->changed;
  return true;
}

}  // namespace

Applied Apply(const Plan& plan, const ApplyOptions& options) {
  Applied applied;
  auto stopped = [&] {
    if (!options.stop.stop_requested()) return false;
    config::Report(&applied.diagnostics, config::kInterrupted,
                   "What was applied so far is recorded; apply again to go on.", {});
    return true;
  };
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
    if (step->action != Action::kDelete) continue;
    if (stopped() || !ApplyStep(*step, options, &applied)) return applied;
  }
  for (const Step& step : plan.steps) {
    if (step.action == Action::kNone || step.action == Action::kDelete) continue;
    if (stopped() || !ApplyStep(step, options, &applied)) return applied;
  }
  return applied;
}

}  // namespace andon::plan
