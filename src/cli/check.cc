#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "cli/command.h"
#include "cli/failed_checks.h"
#include "cli/world.h"
#include "io/local_file_system.h"
#include "line/check_now.h"
#include "line/intervene.h"
#include "line/sight.h"

namespace andon::cli {
namespace {

struct Totals {
  int checks = 0, failed = 0, warned = 0, datasets = 0;
};

// "payment", "payment.amount_in_range", "payment.customer_id.references".
Result<std::map<std::string, line::CheckNowOptions>> ReadNames(
    const definition::Project& project, const std::vector<std::string>& words,
    const line::CheckNowOptions& common) {
  std::map<std::string, line::CheckNowOptions> out;
  for (std::string word : words) {
    if (word.substr(0, 8) == "dataset.") word = word.substr(8);
    const size_t dot = word.find('.');
    const definition::Dataset* dataset = TRY(line::FindDataset(project, word.substr(0, dot)));
    auto [it, is_new] = out.emplace(dataset->address, common);
    if (dot == word.npos) {
      it->second.only.clear();
    } else if (is_new || !it->second.only.empty()) {
      it->second.only.insert(word.substr(dot + 1));
    }
  }
  return out;
}

Json ToEvent(const line::CheckedDataset& checked, const line::Verdict& v) {
  Json event = Json::Object({{"type", "check"}, {"dataset", checked.address}});
  const Json result = quality::ToJson(v.result);
  for (const auto& [key, value] : result.members()) {
    event.Set(key == "type" ? "expectation" : key, value);
  }
  return event;
}

void Print(const Context& context, const line::CheckedDataset& checked, int sample,
           Totals& totals) {
  if (!context.json) {
    context.Line(
        context.Paint("bold", checked.name) +
        (checked.has_data ? "" : context.Paint("dim", "  was never published: nothing to check")));
  }
  for (const line::Verdict& v : checked.verdicts) {
    ++totals.checks;
    const bool is_critical = v.check.severity == quality::CheckSeverity::kCritical;
    if (!v.result.success()) ++(is_critical ? totals.failed : totals.warned);
    context.Event(ToEvent(checked, v));
    if (context.json) continue;
    if (v.result.success()) {
      std::string says = quality::Describe(v.check);
      context.Line(fmt::format("  {} {}{}", context.Paint("green", "✔"), v.result.name,
                               context.Paint("dim", "  " + says.substr(0, says.find('\n')))));
    } else {
      PrintFailedChecks(context, {line::ToFailedCheck(checked.address, v)}, "  ", sample);
    }
  }
}

ExitCode RunCheck(Context& context, const Arguments& arguments) {
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  const definition::Project& project = (*world)->project();
  line::CheckNowOptions common{.memory_bytes = arguments.Integer("memory-mb") << 20,
                               .explain = arguments.Bool("explain")};
  auto at = ReadReference(arguments.String("at"), context.clock->Now());
  if (!at.ok()) return context.Fail(at.error());
  common.at = *at;
  auto names = ReadNames(project, arguments.positional, common);
  if (!names.ok()) return context.Fail(names.error());
  auto sight = line::Look((*world)->db(), project);
  if (!sight.ok()) return context.Fail(sight.error());
  if (arguments.Has("select") || names->empty()) {
    auto selected = pipeline::Select(
        project, sight->line,
        arguments.Has("select") ? arguments.List("select") : std::vector<std::string>{"*"});
    if (!selected.ok()) return context.Fail(selected.error());
    for (const std::string& address : *selected) names->emplace(address, common);
  }
  const Timestamp started = context.clock->Now();
  Totals totals;
  for (const pipeline::Unit& unit : sight->line.units) {
    for (const std::string& address : unit.datasets) {
      auto options = names->find(address);
      if (options == names->end()) continue;
      auto checked =
          line::CheckNow(*(*world)->world, *sight, *project.FindDataset(address), options->second);
      if (!checked.ok()) return context.Fail(checked.error());
      ++totals.datasets;
      if (common.explain) {
        context.Event(Json::Object(
            {{"type", "explanation"}, {"dataset", address}, {"text", checked->explanation}}));
        if (!context.json) {
          context.Line(checked->has_data ? std::string(Trim(checked->explanation))
                                         : checked->name + " was never published: nothing to scan");
        }
        continue;
      }
      Print(context, *checked, static_cast<int>(arguments.Integer("sample", 3)), totals);
    }
  }
  if (common.explain) return ExitCode::kDone;
  const Duration took = context.clock->Now() - started;
  context.Event(Json::Object({{"type", "check_ended"},
                              {"checks", totals.checks},
                              {"failed", totals.failed},
                              {"warnings", totals.warned},
                              {"duration_ms", took.count() / 1000}}));
  if (!context.json) {
    context.Line(
        fmt::format("Checked {}: {}, {} failed{} in {}.", Count(totals.datasets, "dataset"),
                    Count(totals.checks, "check"), totals.failed,
                    totals.warned ? fmt::format(", {}", Count(totals.warned, "warning")) : "",
                    HumanDuration(took)));
  }
  return totals.failed > 0 ? ExitCode::kChecksFailed : ExitCode::kDone;
}

}  // namespace

extern const Command kCheck = {
    .name = "check",
    .group = Group::kTest,
    .summary = "Run the data tests now, on what is published",
    .usage = "[DATASET[.CHECK]…]",
    .description =
        "Judges the datasets as they stand on main, or at another reference, and changes nothing: "
        "no incident "
        "opens, nothing is held. Checks that look at a delivery alone are left out. Exits with 3 "
        "where a "
        "critical check fails; warnings do not count.",
    .positional_max = -1,
    .flags = {{"select", FlagKind::kList, "SELECTION", "Datasets, as \"andon run\" selects them."},
              {"at", FlagKind::kString, "REF",
               "A version, tag, branch or time instead of main: @2, audit, 2026-01-01."},
              {"explain", FlagKind::kBool, "",
               "Print the scans that would be made, and make none."},
              {"sample", FlagKind::kInteger, "N", "Rows shown of each failing check; default 3."},
              {"memory-mb", FlagKind::kInteger, "N", "Memory; default: a quarter of the machine."}},
    .examples = {{"andon check", "Every dataset."},
                 {"andon check payment.amount_in_range", "One check."},
                 {"andon check payment -explain",
                  "What answers each check, without reading rows."}},
    .run = RunCheck,
};

}  // namespace andon::cli
