#include "validation/red_since.h"

#include <fmt/format.h>

#include <map>

namespace andon::validation {
namespace {

// A check that has been red for longer is red "since" the oldest of these.
constexpr int64_t kLookedAtMax = 1'000;

std::vector<std::string> NamesOf(const Json& identifiers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : identifiers.members()) names.push_back(name);
  return names;
}

// A run judges the whole, whatever came with it.
std::vector<std::string> KindOf(const std::string& trigger, const Json& identifiers) {
  return trigger == "run" ? std::vector<std::string>() : NamesOf(identifiers);
}

std::string Told(const RedSince::Moment& moment) {
  std::string text =
      fmt::format("validation {} of {}", moment.validation, ToRfc3339(moment.time).substr(0, 10));
  if (!moment.batch.empty()) text = fmt::format("batch {}, {}", moment.batch, text);
  if (!moment.run_id.empty() && moment.release_id > 0)
    text += fmt::format(" (run {}, release {})", moment.run_id, moment.release_id);
  return text;
}

const quality::CheckResult* ResultOf(const JudgedBatch& batch, const std::string& check) {
  for (const quality::CheckResult* result : batch.results) {
    if (result->name == check) return result;
  }
  return nullptr;
}

}  // namespace

Result<std::optional<RedSince>> FindRedSince(store::Transaction& tx, const Validation& now,
                                             std::string_view check) {
  const std::vector<std::string> kind = KindOf(now.trigger, now.batch_identifiers);
  auto rows = TRY(tx.Query(
      "SELECT v.validation_id, v.batch, v.time, v.run_id, v.release_id, v.body, r.state "
      "FROM check_results r JOIN validations v ON v.validation_id = r.validation_id "
      "WHERE r.dataset = ? AND r.check_key = ? ORDER BY r.time DESC, r.validation_id DESC LIMIT ?",
      {now.dataset.empty() ? now.name : now.dataset, std::string(check), kLookedAtMax}));
  std::optional<RedSince> since;
  for (const store::Row& row : rows) {
    const Json body = row.Document("body");
    const std::string& trigger = body["trigger"].AsString();
    if (KindOf(trigger, body["batch_identifiers"]) != kind) continue;
    const std::string state = row.Text("state");
    // A check that broke says nothing of the data.
    if (state != "passed" && state != "failed") continue;
    const bool has_run = trigger == "run";
    RedSince::Moment moment{.validation = row.Integer("validation_id"),
                            .batch = has_run ? "" : row.Text("batch"),
                            .time = row.Time("time"),
                            .run_id = has_run ? row.Text("run_id") : "",
                            .release_id = row.Integer("release_id")};
    if (!since) since.emplace();
    if (state == "passed") {
      since->last_green = std::move(moment);
      break;
    }
    since->first_red = std::move(moment);
  }
  return since;
}

std::string Sentence(const RedSince& since) {
  const std::string green = since.last_green ? Told(*since.last_green) : "";
  if (!since.first_red) return fmt::format("It was green until now: {} was the last one.", green);
  const std::string red = Told(*since.first_red);
  if (green.empty()) return fmt::format("Red since {}, the first that is kept.", red);
  return fmt::format("Red since {}; {} was the last green one.", red, green);
}

void TellRedSince(const std::vector<JudgedBatch>& batches) {
  if (batches.size() < 2) return;
  struct Row {
    std::string first_red, last_green;
  };
  std::map<std::string, Row> rows;  // By check: the unbroken row of failures until here.
  for (const JudgedBatch& batch : batches) {
    for (quality::CheckResult* result : batch.results) {
      Row& row = rows[result->name];
      if (result->success()) {
        row = {.first_red = {}, .last_green = batch.name};
        continue;
      }
      if (result->state != quality::CheckState::kFailed) continue;
      if (row.first_red.empty()) row.first_red = batch.name;
      result->first_bad =
          row.last_green.empty()
              ? fmt::format("Red since {}; no batch before it is green.", row.first_red)
              : fmt::format("Red since {}; {} is the last green batch.", row.first_red,
                            row.last_green);
    }
  }
}

std::vector<RedBatches> RedBatchesOf(const std::vector<JudgedBatch>& batches) {
  std::vector<RedBatches> out;
  if (batches.size() < 2) return out;
  for (const quality::CheckResult* first : batches[0].results) {
    RedBatches of{.check = first->name};
    for (const JudgedBatch& batch : batches) {
      const quality::CheckResult* result = ResultOf(batch, of.check);
      if (!result || result->state == quality::CheckState::kError) continue;
      if (!result->success() && of.red++ == 0) of.first = batch.name;
      if (result->success() && of.red == 0) of.last_green = batch.name;
    }
    if (of.red > 0) out.push_back(std::move(of));
  }
  return out;
}

}  // namespace andon::validation
