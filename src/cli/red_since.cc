#include "cli/red_since.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/checked_dataset.h"

namespace andon::cli {

std::vector<validation::JudgedBatch> Judged(std::vector<line::CheckedDataset>* batches) {
  std::vector<validation::JudgedBatch> out;
  for (line::CheckedDataset& checked : *batches) {
    validation::JudgedBatch batch{.name = checked.batch.name, .results = {}};
    for (line::Verdict& verdict : checked.verdicts) batch.results.push_back(&verdict.result);
    out.push_back(std::move(batch));
  }
  return out;
}

std::vector<validation::JudgedBatch> Judged(std::vector<quality::BatchResults>* batches) {
  std::vector<validation::JudgedBatch> out;
  for (quality::BatchResults& judged : *batches) {
    validation::JudgedBatch batch{.name = judged.batch.name, .results = {}};
    for (quality::CheckResult& result : judged.results) batch.results.push_back(&result);
    out.push_back(std::move(batch));
  }
  return out;
}

void SetRedSince(store::Database& db, const definition::Dataset& dataset,
                 std::vector<line::CheckedDataset>* batches) {
  if (batches->size() > 1) return validation::TellRedSince(Judged(batches));
  for (line::CheckedDataset& checked : *batches) {
    // What is looked at of the past has no place in the history of main.
    if (!dataset.is_external() && checked.branch != "main") continue;
    const validation::Validation now = ToValidation(dataset, checked, {}, {});
    for (line::Verdict& verdict : checked.verdicts) {
      quality::CheckResult& result = verdict.result;
      if (result.state != quality::CheckState::kFailed || !result.first_bad.empty()) continue;
      auto since = db.Read(
          [&](store::Transaction& tx) { return validation::FindRedSince(tx, now, result.name); });
      if (since.ok() && *since) result.first_bad = validation::Sentence(**since);
    }
  }
}

void TellRedBatches(const Context& context, const std::string& dataset,
                    const std::vector<validation::JudgedBatch>& batches, bool prints) {
  for (const validation::RedBatches& red : validation::RedBatchesOf(batches)) {
    const auto count = static_cast<int64_t>(batches.size());
    context.Event(
        Json::Object({{"type", "red_batches"},
                      {"dataset", dataset},
                      {"check", red.check},
                      {"batches", count},
                      {"red", red.red},
                      {"first_red", red.first},
                      {"last_green", red.last_green.empty() ? Json() : Json(red.last_green)}}));
    if (!prints || context.json) continue;
    context.Line(fmt::format(
        "{} is red in {} of {}: first in {}{}.", context.Paint("bold", red.check), red.red,
        Count(count, "batch", "batches"), red.first,
        red.last_green.empty() ? "" : fmt::format(", last green before it in {}", red.last_green)));
  }
}

}  // namespace andon::cli
