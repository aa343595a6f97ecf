#include "line/check_specs.h"

#include <algorithm>

namespace andon::line {
namespace {

// "dataset.payment" -> "payment" where the project has it.
Json WithTableNames(const definition::Project& project, const Json& value) {
  if (value.is_object()) {
    if (value["dataset"].is_string() && value.size() <= 2) {
      if (const auto* found = project.FindDataset(value["dataset"].AsString())) return found->name;
    }
    Json out = Json::Object();
    for (const auto& [key, member] : value.members()) {
      out.Set(key, WithTableNames(project, member));
    }
    return out;
  }
  if (value.is_string() && value.AsString().substr(0, 8) == "dataset.") {
    if (const auto* found = project.FindDataset(value.AsString())) return found->name;
  }
  return value;
}

SourceRange RangeOf(const std::string& position) {
  size_t colon = position.rfind(':');
  if (position.empty() || colon == position.npos) return {};
  SourceRange range{.filename = position.substr(0, colon)};
  int line = 0;
  for (char c : position.substr(colon + 1)) {
    if (c < '0' || c > '9' || line > 100'000'000) return range;
    line = line * 10 + (c - '0');
  }
  range.start.line = range.end.line = line;
  return range;
}

quality::CheckSpec Implied(const definition::Dataset& dataset, const definition::Column& column,
                           std::string_view what, std::string type, Json kwargs) {
  kwargs.Set("column", column.name);
  quality::CheckSpec spec{
      .name = fmt::format("{}.{}", column.name, what),
      .type = std::move(type),
      .kwargs = std::move(kwargs),
      .declared = RangeOf(definition::PositionOf(dataset.positions, "columns." + column.name))};
  spec.severity = quality::SeverityFromString(column.severity);
  spec.quarantine_max = column.quarantine_max.value_or(quality::kQuarantineMax);
  return spec;
}

}  // namespace

std::vector<quality::CheckSpec> ChecksOf(const definition::Project& project,
                                         const definition::Dataset& dataset) {
  std::vector<quality::CheckSpec> out;
  for (const definition::Column& column : dataset.columns) {
    if (column.required) {
      out.push_back(Implied(dataset, column, "required", "expect_column_values_to_not_be_null",
                            Json::Object()));
    }
    if (column.unique) {
      out.push_back(
          Implied(dataset, column, "unique", "expect_column_values_to_be_unique", Json::Object()));
    }
    if (column.references) {
      const definition::Dataset* other = project.FindDataset(column.references->dataset);
      if (!other) continue;
      out.push_back(Implied(dataset, column, "references", "expect_column_values_to_exist_in_table",
                            Json::Object({{"other_table_name", other->name},
                                          {"other_column", column.references->column}})));
    }
  }
  // Nobody tells when rows arrive in somebody else's table: it is asked whenever it is checked.
  if (dataset.is_external() && dataset.freshness) {
    const definition::Freshness& freshness = *dataset.freshness;
    quality::CheckSpec check{
        .name = FreshnessCheckOf(dataset),
        .type = "expect_table_last_write_to_be_younger_than",
        .kwargs = Json::Object({{"max_age", freshness.max}}),
        .declared = RangeOf(definition::PositionOf(dataset.positions, "freshness"))};
    if (!freshness.of.empty()) {
      check.type = "expect_column_newest_value_to_be_younger_than";
      check.kwargs.Set("column", freshness.of);
    }
    out.push_back(std::move(check));
  }
  for (const definition::Check& check : dataset.checks) {
    quality::CheckSpec spec{.name = check.name,
                            .type = check.type,
                            .kwargs = WithTableNames(project, check.kwargs),
                            .declared = RangeOf(check.position)};
    spec.severity = quality::SeverityFromString(check.severity);
    spec.quarantine_max = check.quarantine_max.value_or(quality::kQuarantineMax);
    if (check.on == "delivery") {
      spec.on_delivery = true;
      spec.on_dataset = false;
    } else if (check.on == "dataset") {
      spec.on_delivery = false;
      spec.on_dataset = true;
    } else if (check.on == "both") {
      spec.on_delivery = spec.on_dataset = true;
    }
    out.push_back(std::move(spec));
  }
  return out;
}

std::string FreshnessCheckOf(const definition::Dataset& dataset) {
  if (!dataset.is_external() || !dataset.freshness) return "";
  const std::string& of = dataset.freshness->of;
  return (of.empty() ? "last_write" : of) + ".freshness";
}

std::vector<sql::ColumnInfo> ColumnInfosOf(const definition::Dataset& dataset) {
  std::vector<sql::ColumnInfo> out;
  for (const definition::Column& column : dataset.columns)
    out.push_back({column.name, column.type});
  return out;
}

std::vector<Verdict> Merge(const std::vector<quality::CheckSpec>& checks,
                           const CheckOutcome& outcome) {
  std::vector<Verdict> out;
  for (const quality::CheckSpec& check : checks) {
    const quality::CheckResult* on_delivery = nullptr;
    int64_t delivery_id = 0;
    for (const DeliveryChecks& delivery : outcome.deliveries) {
      for (const quality::CheckResult& result : delivery.results) {
        if (result.name != check.name) continue;
        // The first delivery that fails stands for all.
        if (!on_delivery || (on_delivery->success() && !result.success())) {
          on_delivery = &result;
          delivery_id = delivery.delivery_id;
        }
      }
    }
    const quality::CheckResult* on_dataset = nullptr;
    for (const quality::CheckResult& result : outcome.dataset) {
      if (result.name == check.name) on_dataset = &result;
    }
    if (on_delivery && (!on_delivery->success() || !on_dataset)) {
      out.push_back({check, *on_delivery, "delivery", delivery_id});
    } else if (on_dataset) {
      out.push_back({check, *on_dataset, "dataset", 0});
    }
  }
  return out;
}

void Mask(const validation::PiiColumns& pii, std::vector<Verdict>* verdicts) {
  for (Verdict& v : *verdicts) validation::Mask(pii, v.check, &v.result);
}

std::vector<validation::CheckedCheck> ToCheckedChecks(const std::vector<Verdict>& verdicts) {
  std::vector<validation::CheckedCheck> out;
  for (const Verdict& v : verdicts) out.push_back({v.check, v.result, v.scope, v.delivery_id});
  return out;
}

incident::FailedCheck ToFailedCheck(const std::string& dataset, const Verdict& verdict) {
  const quality::CheckResult& r = verdict.result;
  Json sample;
  if (!r.sample.rows.empty()) {
    Json columns = Json::List(), rows = Json::List();
    for (const sql::ColumnInfo& column : r.sample.columns) columns.Push(column.name);
    for (const auto& row : r.sample.rows) rows.Push(Json::List(row));
    sample = Json::Object({{"columns", std::move(columns)}, {"rows", std::move(rows)}});
  }
  std::string position;
  if (verdict.check.declared.exists()) {
    position =
        fmt::format("{}:{}", verdict.check.declared.filename, verdict.check.declared.start.line);
  }
  return {.dataset = dataset,
          .name = r.name,
          .type = r.type,
          .severity = std::string(quality::ToString(r.severity)),
          .scope = verdict.scope,
          .message = r.message,
          .observed_value = r.observed_value,
          .unexpected_count = r.unexpected_count.value_or(0),
          .element_count = r.element_count.value_or(0),
          .position = position,
          .sample = std::move(sample),
          .first_bad = r.first_bad};
}

bool IsRed(const Verdict& verdict) {
  return !verdict.result.success() && verdict.check.severity == quality::CheckSeverity::kCritical;
}

}  // namespace andon::line
