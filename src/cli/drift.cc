#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/open_project.h"
#include "policy/drift.h"

namespace andon::cli {
namespace {

std::string DifferenceText(const policy::Drift& drift) {
  if (drift.action == "delete") return "deleted";
  std::vector<std::string> parts;
  for (const policy::DriftedAttribute& a : drift.attributes)
    parts.push_back(fmt::format("{}: {} -> {}", a.name, a.before, a.after));
  return Join(parts, "; ");
}

ExitCode Run(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  const bool all = arguments.Bool("all");
  auto drifts = policy::ReadDrift(**db, all);
  if (!drifts.ok()) return context.Fail(drifts.error());
  TextTable table{.header = {"resource", "first seen", "last seen", "what"}};
  if (all) table.header.insert(table.header.begin() + 3, "gone");
  for (const policy::Drift& drift : *drifts) {
    Json event = drift.ToJson();
    event.Set("type", "drift");
    context.Event(event);
    table.rows.push_back({drift.address, ToRfc3339(drift.first_seen), ToRfc3339(drift.last_seen)});
    if (all) table.rows.back().push_back(drift.is_gone ? ToRfc3339(drift.gone) : "");
    table.rows.back().push_back(DifferenceText(drift));
  }
  if (context.json) return ExitCode::kDone;
  if (drifts->empty())
    context.Line("No drift is known. A plan or a refresh that sees some records it.");
  else
    context.Print(Format(table, context));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kDrift = {
    .name = "drift",
    .group = Group::kChange,
    .summary = "What was changed outside since the last apply, and since when",
    .usage = "",
    .description =
        "Every plan and refresh compares the resources with the state. What somebody or something "
        "else changed is recorded, once for each distinct difference, with the times at which it "
        "was first and last seen, and that it is gone. Only in a project with data has the "
        "control database in which it stands. Asks no provider: it tells what is recorded.",
    .flags = {{"all", FlagKind::kBool, "", "Also what is gone."}},
    .examples = {{"andon drift", "What differs now, as far as was seen."},
                 {"andon drift -all -json", "The whole history, for programs."}},
    .run = Run,
};

}  // namespace andon::cli
