#include "pipeline/staleness.h"

#include "base/json_strings.h"
#include "base/text.h"

namespace andon::pipeline {
namespace {

// "dataset.payment" -> "payment".
std::string_view Plain(std::string_view address) {
  size_t dot = address.rfind('.');
  return dot == address.npos ? address : address.substr(dot + 1);
}

}  // namespace

std::string Fingerprint(const definition::Dataset& dataset, bool with_checks) {
  Json json = Json::Object({{"source", dataset.source},
                            {"table", dataset.source_table},
                            {"sql", dataset.sql},
                            {"mode", definition::ToString(dataset.load.mode)},
                            {"key", Strings(dataset.load.key)},
                            {"cursor", dataset.load.cursor},
                            {"by", dataset.load.by},
                            {"grain", dataset.load.grain},
                            {"on_duplicate", dataset.load.on_duplicate},
                            {"partition_by", Strings(dataset.partition_by)}});
  Json columns = Json::List();
  for (const definition::Column& column : dataset.columns) {
    Json entry =
        Json::Object({{"name", column.name}, {"type", column.type}, {"required", column.required}});
    if (with_checks) {
      entry.Set("unique", column.unique);
      if (column.references) {
        entry.Set("references", column.references->dataset + "." + column.references->column);
      }
      if (column.quarantines()) entry.Set("severity", column.severity);
      if (column.quarantine_max) entry.Set("quarantine_max", *column.quarantine_max);
    }
    columns.Push(std::move(entry));
  }
  json.Set("columns", std::move(columns));
  if (with_checks) {
    Json checks = Json::List();
    for (const definition::Check& check : dataset.checks) {
      Json entry = Json::Object({{"name", check.name},
                                 {"type", check.type},
                                 {"kwargs", check.kwargs},
                                 {"severity", check.severity},
                                 {"on", check.on}});
      if (check.quarantine_max) entry.Set("quarantine_max", *check.quarantine_max);
      checks.Push(std::move(entry));
    }
    json.Set("checks", std::move(checks));
  }
  return Sha256(json.Dump());
}

Json ToJson(const Basis& basis) {
  Json inputs = Json::Object();
  for (const auto& [address, version] : basis.inputs) inputs.Set(address, version);
  Json json = Json::Object(
      {{"definition", basis.definition}, {"shape", basis.shape}, {"inputs", std::move(inputs)}});
  if (!basis.interval.empty()) json.Set("interval", basis.interval);
  return json;
}

Basis BasisFromJson(const Json& json) {
  Basis basis{.definition = json["definition"].AsString(), .shape = json["shape"].AsString()};
  for (const auto& [address, version] : json["inputs"].members()) {
    basis.inputs[address] = version.AsInteger();
  }
  basis.interval = json["interval"].AsString();
  return basis;
}

namespace {

Need NeedOfLoad(const definition::Dataset& dataset, const DatasetFacts& facts, bool force) {
  Need need;
  const std::string definition = Fingerprint(dataset, true);
  need.is_red = facts.failed && facts.failed->definition == definition;
  if (facts.red_deliveries > 0) {
    need.is_red = true;
    if (facts.failed && facts.failed->definition != definition) need.retry_red = true;
  }
  if (force) {
    need.work = Work::kLoad;
    need.why = "asked for";
  } else if (facts.new_deliveries > 0) {
    need.work = Work::kLoad;
    need.why = Count(facts.new_deliveries, "new delivery", "new deliveries");
  } else if (need.retry_red) {
    need.work = Work::kLoad;
    need.why = "its definition changed since a delivery was rejected";
  } else if (facts.published && facts.published->shape != Fingerprint(dataset, false) &&
             !(facts.failed && facts.failed->definition == definition)) {
    need.work = Work::kShape;
    need.why = "its columns or its load changed";
  } else {
    need.why = facts.published ? "up to date" : SayNothingDelivered(facts);
  }
  return need;
}

}  // namespace

std::string SayNothingDelivered(const DatasetFacts& facts) {
  if (facts.expected_path.empty()) return "nothing was delivered";
  return fmt::format("nothing was delivered: there is no file {}; put it there and run again",
                     facts.expected_path);
}

Need NeedOf(const definition::Dataset& dataset, const DatasetFacts& facts,
            const std::vector<std::string>& reads, const std::map<std::string, int64_t>& inputs,
            const std::string& interval, bool force) {
  if (!facts.hold.empty()) {
    return {.why = facts.hold, .is_red = facts.red_deliveries > 0, .is_held = true};
  }
  if (dataset.sql.empty()) return NeedOfLoad(dataset, facts, force);

  Basis now{.definition = Fingerprint(dataset, true),
            .shape = Fingerprint(dataset, false),
            .interval = interval};
  for (const std::string& input : reads) {
    auto it = inputs.find(input);
    if (it == inputs.end()) {
      return {.why = fmt::format("{} has no data yet", Plain(input))};
    }
    now.inputs[input] = it->second;
  }
  Need need;
  if (force) {
    need.work = Work::kBuild;
    need.why = "asked for";
  } else if (!facts.published) {
    need.work = Work::kBuild;
    need.why = "it was never built";
  } else if (facts.published->definition != now.definition) {
    need.work = Work::kBuild;
    need.why = "its definition changed";
  } else if (facts.published->interval != interval) {
    need.work = Work::kBuild;
    need.why = fmt::format("it was not built for {}", interval);
  } else {
    for (const auto& [input, version] : now.inputs) {
      auto used = facts.published->inputs.find(input);
      if (used != facts.published->inputs.end() && used->second == version) continue;
      need.work = Work::kBuild;
      need.why = fmt::format("{} has a new version", Plain(input));
      break;
    }
  }
  if (need.work == Work::kNone) {
    need.why = "up to date";
  } else if (!force && facts.failed && *facts.failed == now) {
    need = {.why = "its checks failed, and nothing changed since", .is_red = true};
  }
  return need;
}

}  // namespace andon::pipeline
