// andon ledger, andon mark: what happened, by whom, in one list.
#include "board/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/world.h"

namespace andon::cli {
namespace {

// "7d", "-1d", "yesterday", "2026-11-20", "2026-11-20T08:00:00Z".
Result<Timestamp> ReadMoment(const std::string& text, Timestamp now) {
  if (auto back = ParseDuration(text.starts_with("-") ? text.substr(1) : text); back.ok())
    return now - *back;
  if (text == "now") return now;
  const Timestamp today = std::chrono::floor<std::chrono::days>(now);
  if (text == "today") return today;
  if (text == "yesterday") return today - std::chrono::days(1);
  auto at = ParseTimestamp(text);
  if (at.ok()) return *at;
  return Error::Invalid(
      "\"{}\" is no time: say how long ago (7d, 2h), yesterday, or when (2026-11-20, "
      "2026-11-20T08:00:00Z).",
      text);
}

Result<board::LedgerFilter> FilterOf(const Arguments& arguments, Timestamp now) {
  board::LedgerFilter filter{.actor = arguments.String("actor"),
                             .run_id = arguments.String("run"),
                             .release_id = arguments.Integer("release", 0),
                             .limit = arguments.Integer("limit", 50)};
  if (!arguments.positional.empty()) filter.address = arguments.positional[0];
  const std::vector<std::string> known = board::FactKinds();
  for (std::string& kind : arguments.List("kind")) {
    if (std::ranges::find(known, kind) == known.end()) {
      std::string meant = DidYouMean(kind, known);
      return Error::Invalid("There is no kind of fact \"{}\"{}", kind,
                            meant.empty() ? ": there are " + Join(known, ", ") + "."
                                          : ": did you mean \"" + meant + "\"?");
    }
    filter.kinds.push_back(std::move(kind));
  }
  if (arguments.Has("since")) filter.from = TRY(ReadMoment(arguments.String("since"), now));
  if (arguments.Has("until")) filter.before = TRY(ReadMoment(arguments.String("until"), now));
  if (filter.limit < 1 || filter.limit > 100'000)
    return Error::Invalid("-limit is from 1 to 100,000.");
  return filter;
}

ExitCode RunLedger(Context& context, const Arguments& arguments) {
  auto filter = FilterOf(arguments, context.clock->Now());
  if (!filter.ok()) return context.Fail(filter.error());
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto entries =
      (*db)->Read([&](store::Transaction& tx) { return board::ReadLedger(tx, *filter); });
  if (!entries.ok()) return context.Fail(entries.error());
  TextTable table{.header = {"time", "by", "what", "says"}};
  for (const board::LedgerEntry& entry : *entries) {
    Json event = ToJson(entry);
    event.Set("type", "fact");
    context.Event(event);
    table.rows.push_back(
        {Moment(entry.fact.time), entry.fact.actor, entry.fact.address, entry.text});
  }
  if (context.json) return ExitCode::kDone;
  if (entries->empty()) {
    context.Line("The ledger has no such fact.");
    return ExitCode::kDone;
  }
  context.Print(Format(table, context));
  if (std::ssize(*entries) == filter->limit)
    context.Line(fmt::format("The newest {}; -limit gives more.", filter->limit));
  return ExitCode::kDone;
}

ExitCode RunMark(Context& context, const Arguments& arguments) {
  board::Mark mark{.service = arguments.String("service"),
                   .version = arguments.String("version"),
                   .commit = arguments.String("commit"),
                   .url = arguments.String("url"),
                   .environment = arguments.String("environment")};
  if (!arguments.positional.empty()) mark.text = arguments.positional[0];
  const Timestamp now = context.clock->Now();
  if (arguments.Has("at")) {
    auto at = ReadMoment(arguments.String("at"), now);
    if (!at.ok()) return context.Fail(at.error());
    mark.at = *at;
  }
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto seq = board::RecordMark(**db, mark, context.actor, now);
  if (!seq.ok()) return context.Fail(seq.error());
  context.Event(Json::Object({{"type", "mark"}, {"seq", *seq}}));
  if (!context.json) context.Line(fmt::format("Marked: fact {} of the ledger.", *seq));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kLedger = {
    .name = "ledger",
    .group = Group::kWatch,
    .summary = "What happened, when and by whom",
    .usage = "[ADDRESS]",
    .description =
        "Everything that changes is a fact of one ledger: releases, changes of infrastructure and "
        "drift, runs, deliveries, verdicts, publishes, incidents, what people did, and marks that "
        "others set. The newest first; of one object with its ADDRESS. With -json the whole fact, "
        "with what was before and after.",
    .positional_max = 1,
    .flags = {{"since", FlagKind::kString, "TIME", "From then on: 7d, yesterday, 2026-11-20."},
              {"until", FlagKind::kString, "TIME", "Before then."},
              {"kind", FlagKind::kList, "KIND",
               "Only these: published, resource_changed, …; may be given several times."},
              {"actor", FlagKind::kString, "NAME", "Only what somebody of that name did."},
              {"run", FlagKind::kString, "ID", "Only of this run."},
              {"release", FlagKind::kInteger, "N", "Only of this release."},
              {"limit", FlagKind::kInteger, "N", "So many at most; 50 by default."}},
    .examples = {{"andon ledger -since=2d", "What happened in the last two days."},
                 {"andon ledger aws_db_instance.shop -json",
                  "What was done to a database, with before and after."}},
    .run = RunLedger,
};

extern const Command kMark = {
    .name = "mark",
    .group = Group::kWatch,
    .summary = "Put a change that happened outside into the ledger",
    .usage = "[TEXT]",
    .description =
        "A deployment of an application, a switch that was turned: it stands in the ledger with "
        "its time, beside Andon's own changes. A server takes the same as POST "
        "/api/v1/deployments.",
    .positional_max = 1,
    .flags = {{"service", FlagKind::kString, "NAME", "What was deployed."},
              {"version", FlagKind::kString, "VERSION", "Its version."},
              {"commit", FlagKind::kString, "HASH", "Of its source."},
              {"url", FlagKind::kString, "URL", "Where to read more."},
              {"environment", FlagKind::kString, "NAME", "Where to."},
              {"at", FlagKind::kString, "TIME", "When; now without it."}},
    .examples = {{"andon mark -service=checkout -version=2.1", "After a deployment."},
                 {"andon mark \"feature switch new_prices turned on\"", "Anything else."}},
    .run = RunMark,
};

}  // namespace andon::cli
