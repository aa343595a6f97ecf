#include "cli/checked_dataset.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/failed_checks.h"
#include "line/external.h"

namespace andon::cli {
namespace {

Json ToEvent(const line::CheckedDataset& checked, const line::Verdict& v) {
  Json event = Json::Object({{"type", "check"}, {"dataset", checked.address}});
  if (!checked.batch.name.empty()) event.Set("batch", checked.batch.name);
  const Json result = quality::ToJson(v.result);
  for (const auto& [key, value] : result.members()) {
    event.Set(key == "type" ? "expectation" : key, value);
  }
  return event;
}

void Head(const Context& context, const line::CheckedDataset& checked, bool is_one_of_many) {
  std::string line = context.Paint(
      "bold", checked.name + (checked.batch.name.empty() ? "" : " " + checked.batch.name));
  if (!checked.has_data) line += context.Paint("dim", "  was never published: nothing to check");
  if (is_one_of_many) {
    int passed = 0;
    for (const line::Verdict& v : checked.verdicts) passed += v.result.success();
    line += fmt::format("  {} {} of {} passed", context.Paint("green", "✔"), passed,
                        checked.verdicts.size());
  }
  context.Line(line);
}

// Promised columns that are not there: of all batches together.
void TellBreaks(const Context& context, const line::CheckedDataset& checked, bool is_silent,
                CheckTotals* totals) {
  for (const std::string& sentence : checked.breaks) {
    ++totals->missing;
    context.Event(Json::Object(
        {{"type", "contract_broken"}, {"dataset", checked.address}, {"message", sentence}}));
    if (!is_silent)
      context.Line(fmt::format("  {} contract: {}", context.Paint("red", "✖"), sentence));
  }
}

}  // namespace

void TellChecked(const Context& context, const std::vector<line::CheckedDataset>& batches,
                 int sample, CheckTotals* totals) {
  const bool is_silent = context.json || !totals->prints;
  const bool is_many = batches.size() > 1;
  for (const line::CheckedDataset& checked : batches) {
    if (!checked.batch.name.empty()) ++totals->batches;
    if (!is_silent) Head(context, checked, is_many);
    if (&checked == &batches[0]) TellBreaks(context, checked, is_silent, totals);
    for (const line::Verdict& v : checked.verdicts) {
      ++totals->checks;
      const bool is_critical = v.check.severity == quality::CheckSeverity::kCritical;
      const bool is_broken = v.result.state == quality::CheckState::kError;
      if (!v.result.success())
        ++(!is_critical ? totals->warned : is_broken ? totals->errors : totals->failed);
      context.Event(ToEvent(checked, v));
      if (is_silent) continue;
      if (!v.result.success()) {
        incident::FailedCheck failed = line::ToFailedCheck(checked.address, v);
        // A check that broke says nothing of the data.
        if (is_broken) failed.message = "error: " + failed.message;
        PrintFailedChecks(context, {std::move(failed)}, "  ", sample);
      } else if (!is_many) {
        std::string says = quality::Describe(v.check);
        context.Line(fmt::format("  {} {}{}", context.Paint("green", "✔"), v.result.name,
                                 context.Paint("dim", "  " + says.substr(0, says.find('\n')))));
      }
    }
  }
}

validation::Validation ToValidation(const definition::Dataset& dataset,
                                    const line::CheckedDataset& checked, Timestamp started,
                                    Duration took) {
  return {.id = RandomUuid(),
          .name = checked.name,
          .dataset = checked.address,
          .source = dataset.is_external() ? line::PlaceOf(dataset) : "",
          .batch = checked.batch.name,
          .batch_identifiers = checked.batch.identifiers,
          .branch = checked.branch,
          .version = checked.version,
          .snapshot_id = checked.snapshot_id,
          .trigger = "check",
          .rows = checked.batch.rows,
          .bytes = checked.bytes_read,
          .started = started,
          .duration = took,
          .results = line::ToCheckedChecks(checked.verdicts)};
}

}  // namespace andon::cli
