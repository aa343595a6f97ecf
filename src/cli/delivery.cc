#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/world.h"
#include "ingest/deliveries.h"
#include "line/intervene.h"

namespace andon::cli {
namespace {

using ingest::Delivery;
using ingest::DeliveryState;

std::string NameOf(const std::string& address) { return address.substr(address.rfind('.') + 1); }

std::string Painted(const Context& context, DeliveryState state) {
  std::string_view style = state == DeliveryState::kLoaded       ? "green"
                           : state == DeliveryState::kNew        ? "yellow"
                           : state == DeliveryState::kSuperseded ? "dim"
                                                                 : "red";
  return context.Paint(style, ingest::ToString(state));
}

// What stands beside a state: the version it is in, why it is not.
std::string Remark(const Delivery& d) {
  if (d.state == DeliveryState::kLoaded) return fmt::format("in @{}", d.version);
  if (d.state == DeliveryState::kSuperseded && d.superseded_by) {
    return fmt::format("delivery {} came instead", d.superseded_by);
  }
  return d.reason;
}

ExitCode RunList(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  const int64_t limit = arguments.Integer("limit", 50);
  const std::string wanted = arguments.positional.empty() ? "" : NameOf(arguments.positional[0]);
  auto list =
      (*db)->Read([&](store::Transaction& tx) { return ingest::ListAllDeliveries(tx, 100'000); });
  if (!list.ok()) return context.Fail(list.error());
  TextTable table{.header = {"#", "dataset", "period", "arrived", "state", "rows", "file", ""},
                  .right = {true, false, false, false, false, true}};
  for (const Delivery& d : *list) {
    if (!wanted.empty() && NameOf(d.dataset) != wanted) continue;
    if (arguments.Has("state") && arguments.String("state") != ingest::ToString(d.state)) continue;
    if (static_cast<int64_t>(table.rows.size()) >= limit) break;
    Json event = ingest::ToJson(d);
    event.Set("type", "delivery");
    context.Event(event);
    table.rows.push_back({std::to_string(d.id), NameOf(d.dataset), d.period, Moment(d.arrived_at),
                          std::string(ingest::ToString(d.state)),
                          d.rows >= 0 ? WithThousands(d.rows) : "", d.path, Remark(d)});
  }
  if (context.json) return ExitCode::kDone;
  if (table.rows.empty()) {
    context.Line("No deliveries: \"andon run\" looks for them.");
    return ExitCode::kDone;
  }
  std::reverse(table.rows.begin(), table.rows.end());
  context.Print(Format(table, context));
  context.Line(
      fmt::format("{}.", Count(static_cast<int64_t>(table.rows.size()), "delivery", "deliveries")));
  return ExitCode::kDone;
}

ExitCode RunShow(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto found = (*db)->Read(
      [&](store::Transaction& tx) { return ingest::FindDelivery(tx, arguments.positional[0]); });
  if (!found.ok()) return context.Fail(found.error());
  const Delivery& d = *found;
  Json event = ingest::ToJson(d);
  event.Set("type", "delivery");
  context.Event(event);
  if (context.json) return ExitCode::kDone;
  context.Line(fmt::format("Delivery {}: {}  {}", d.id, context.Paint("bold", d.path),
                           Painted(context, d.state)));
  auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) context.Line(fmt::format("  {:<9} {}", name, value));
  };
  line("dataset", NameOf(d.dataset));
  line("period", d.period);
  line("arrived", Moment(d.arrived_at));
  line("size", WithThousands(d.size) + " bytes");
  if (d.rows >= 0) line("rows", WithThousands(d.rows));
  line("sha256", d.hash);
  line("run", d.run_id);
  line("", Remark(d));
  return ExitCode::kDone;
}

ExitCode Change(Context& context, const Arguments& arguments, bool is_retry) {
  auto world = OpenWorldToChange(context);
  if (!world.ok()) return context.Fail(world.error());
  const std::string& wanted = arguments.positional[0];
  auto changed = is_retry
                     ? line::RetryDelivery(*(*world)->world, wanted)
                     : line::RejectDelivery(*(*world)->world, wanted, arguments.String("reason"));
  if (!changed.ok()) return context.Fail(changed.error());
  SendNotifications(context, **world);
  Json event = ingest::ToJson(*changed);
  event.Set("type", "delivery");
  context.Event(event);
  if (context.json) return ExitCode::kDone;
  context.Line(
      is_retry
          ? fmt::format("Delivery {} ({}) is tried again by the next \"andon run\".", changed->id,
                        changed->path)
          : fmt::format("Delivery {} ({}) is rejected: it is not loaded until \"andon delivery "
                        "retry {}\".",
                        changed->id, changed->path, changed->id));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kDeliveryList = {
    .name = "delivery list",
    .group = Group::kRun,
    .summary = "What arrived, and what became of it",
    .usage = "[DATASET]",
    .description =
        "States: new (not looked at yet), loaded, rejected (checks or contract), unreadable, "
        "superseded "
        "(a later one of the same period came).",
    .positional_max = 1,
    .flags = {{"state", FlagKind::kString, "STATE", "Only those in this state."},
              {"limit", FlagKind::kInteger, "N", "The newest so many; default 50."}},
    .examples = {{"andon delivery list", "Of all datasets."},
                 {"andon delivery list payment -state=rejected", "What payment did not take."}},
    .run = RunList,
};

extern const Command kDeliveryShow = {
    .name = "delivery show",
    .group = Group::kRun,
    .summary = "One delivery",
    .usage = "NUMBER | PATH",
    .description =
        "By its number in \"andon delivery list\", or by its path (the latest of that path).",
    .positional_min = 1,
    .positional_max = 1,
    .examples = {{"andon delivery show 3", "By number."},
                 {"andon delivery show deliveries/payment-2005-07.csv", "By path."}},
    .run = RunShow,
};

extern const Command kDeliveryReject = {
    .name = "delivery reject",
    .group = Group::kRun,
    .summary = "Do not load a delivery",
    .usage = "NUMBER | PATH",
    .description =
        "The delivery is left alone until \"andon delivery retry\", or until its file changes. One "
        "that "
        "is rejected already, by its checks, is withdrawn: its dataset is no longer red for it, "
        "and its "
        "incident ends.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"reason", FlagKind::kString, "TEXT", "Why, for the journal."}},
    .examples = {{"andon delivery reject 3 -reason 'a test file'", "By number."},
                 {"andon delivery reject deliveries/payment-2005-08.csv", "By path."}},
    .run = [](Context& context,
              const Arguments& arguments) { return Change(context, arguments, false); },
};

extern const Command kDeliveryRetry = {
    .name = "delivery retry",
    .group = Group::kRun,
    .summary = "Try a rejected delivery again",
    .usage = "NUMBER | PATH",
    .description = "The next run loads and checks it as if it had just arrived.",
    .positional_min = 1,
    .positional_max = 1,
    .examples = {{"andon delivery retry 3", "By number."},
                 {"andon delivery retry deliveries/payment-2005-08.csv", "By path."}},
    .run = [](Context& context,
              const Arguments& arguments) { return Change(context, arguments, true); },
};

}  // namespace andon::cli
