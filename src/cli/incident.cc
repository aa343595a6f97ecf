// `andon incident …`: what is wrong, since when, whom it hits, and what people do about it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "board/board.h"
#include "board/outbox.h"
#include "cli/command.h"
#include "cli/failed_checks.h"
#include "cli/incident_text.h"
#include "cli/open_project.h"
#include "cli/world.h"
#include "incident/incident.h"
#include "line/accept.h"
#include "lineage/lineage.h"
#include "release/release.h"

namespace andon::cli {
namespace {

std::string NumberOf(const Arguments& arguments) {
  return arguments.positional.empty() ? "last" : arguments.positional[0];
}

Result<board::IncidentDetail> ReadDetail(Context& context, const Arguments& arguments) {
  auto db = TRY(OpenDatabase(context, false));
  return db->Read([&](store::Transaction& tx) {
    return board::ReadIncident(tx, NumberOf(arguments), context.clock->Now());
  });
}

// What was enqueued goes out at once; what fails is tried again by the next run, or by the server.
void Send(Context& context, store::Database& db, const definition::Project& project) {
  std::vector<std::string> problems;
  auto sent = board::DeliverOutbox(db, project, context.project_dir, *context.clock, &problems);
  if (!sent.ok()) problems.push_back(sent.error().message);
  for (const auto& problem : problems) context.Note("warning: " + problem);
}

// A change by a person: opens the project, runs `body`, sends what it enqueued, says `done`.
template <typename Body>
ExitCode Change(Context& context, const Arguments& arguments, std::string_view done, Body body) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  auto release = release::CurrentId(*opened->db);
  if (!release.ok()) return context.Fail(release.error());
  lineage::Graph graph = lineage::Graph::Build(opened->project);
  incident::Context about{opened->project, graph, *release, context.actor};
  Timestamp now = context.clock->Now();
  auto changed = opened->db->Write([&](store::Transaction& tx) -> Result<board::IncidentDetail> {
    incident::Incident found = TRY(incident::Find(tx, NumberOf(arguments)));
    int64_t number = found.number;
    TRY(body(tx, about, number, now));
    return board::ReadIncident(tx, std::to_string(number), now);
  });
  if (!changed.ok()) return context.Fail(changed.error());
  Send(context, *opened->db, opened->project);
  if (context.json) {
    Json event = Json::Object({{"type", "incident"}});
    event.Set("incident", board::ToJson(*changed));
    context.Event(event);
  } else {
    context.Line(fmt::format("Incident {} {}.", changed->incident.number, done));
  }
  return ExitCode::kDone;
}

ExitCode RunList(Context& context, const Arguments& arguments) {
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  incident::Filter filter{.limit = arguments.Integer("limit", 50)};
  if (arguments.Bool("open")) filter.is_over = false;
  if (arguments.Has("dataset")) {
    filter.dataset = arguments.String("dataset");
    if (!filter.dataset.starts_with("dataset.")) filter.dataset = "dataset." + filter.dataset;
  }
  auto list = (*db)->Read([&](store::Transaction& tx) { return incident::List(tx, filter); });
  if (!list.ok()) return context.Fail(list.error());
  Timestamp now = context.clock->Now();
  TextTable table{.header = {"incident", "state", "severity", "opened", "downtime", "what"},
                  .right = {true}};
  for (const auto& in : *list) {
    incident::Times times = incident::TimesOf(in, now);
    Json event = Json::Object({{"type", "incident"}});
    event.Set("incident", incident::ToJson(in));
    event.Set("times", incident::ToJson(times));
    context.Event(event);
    table.rows.push_back({std::to_string(in.number), PaintState(context, in), in.severity,
                          ShortTime(in.opened_at), incident::TimeText(times.downtime), in.title});
  }
  if (context.json) return ExitCode::kDone;
  if (table.rows.empty()) {
    context.Line(filter.is_over ? "No incident is open." : "There has been no incident.");
  } else {
    context.Print(Format(table, context));
  }
  return ExitCode::kDone;
}

void PrintFailure(const Context& context, const incident::Incident& in) {
  if (!in.message.empty()) context.Line("  " + in.message);
  for (const auto& b : in.breaks) context.Line("  " + b);
  PrintFailedChecks(context, in.checks, "  ");
}

void PrintNextSteps(const Context& context, const incident::Incident& in) {
  if (in.is_over()) return;
  auto step = [&](std::string_view command, std::string_view says) {
    context.Line(fmt::format("  {:<58} {}", command, context.Paint("dim", says)));
  };
  context.Line();
  context.Line(context.Paint("bold", "What to do"));
  if (in.state == incident::State::kOpen)
    step(fmt::format("andon incident ack {}", in.number), "you are on it");
  // Somebody else's table, checked where it is: there is no branch to publish.
  const bool is_in_place =
      std::any_of(in.causes.begin(), in.causes.end(),
                  [](const incident::Cause& c) { return c.title.starts_with("The rows of "); });
  if (is_in_place) step("correct the rows there, then andon run", "the incident resolves itself");
  if (in.delivery) step("deliver a corrected file, then andon run", "the incident resolves itself");
  if (!in.causes.empty() && in.causes[0].kind == incident::CauseKind::kCode &&
      in.causes[0].release_id > 1) {
    step(fmt::format("andon release rollback {}", in.causes[0].release_id - 1),
         "take the code back");
  }
  if (in.kind == incident::FailureKind::kChecks && in.state != incident::State::kAccepted &&
      !is_in_place) {
    step(fmt::format("andon incident accept {} -reason '…' -until 7d", in.number),
         "publish all the same");
  }
}

ExitCode RunShow(Context& context, const Arguments& arguments) {
  auto detail = ReadDetail(context, arguments);
  if (!detail.ok()) return context.Fail(detail.error());
  const incident::Incident& in = detail->incident;
  if (context.json) {
    context.Event(board::ToJson(*detail));
    return ExitCode::kDone;
  }
  context.Line(fmt::format("{}  {}  {}",
                           context.Paint("bold", fmt::format("Incident {}", in.number)),
                           PaintState(context, in), in.severity));
  context.Line(in.title);
  context.Line();
  PrintTimes(context, *detail, "  ");
  context.Line();
  context.Line(context.Paint("bold", "What failed"));
  PrintFailure(context, in);
  context.Line();
  context.Line(context.Paint("bold", "Likely causes"));
  PrintCauses(context, in, "  ");
  context.Line();
  context.Line(context.Paint("bold", "Reached"));
  PrintImpact(context, in, "  ");
  context.Line();
  context.Line(context.Paint("bold", "Timeline"));
  PrintTimeline(context, *detail, "  ");
  PrintNextSteps(context, in);
  return ExitCode::kDone;
}

ExitCode RunWhy(Context& context, const Arguments& arguments) {
  auto detail = ReadDetail(context, arguments);
  if (!detail.ok()) return context.Fail(detail.error());
  if (context.json) {
    for (const auto& cause : detail->incident.causes) {
      Json event = Json::Object({{"type", "cause"}, {"incident", detail->incident.number}});
      event.Set("cause", incident::ToJson(cause));
      context.Event(event);
    }
    return ExitCode::kDone;
  }
  context.Line(fmt::format("Incident {}: {}", detail->incident.number, detail->incident.title));
  PrintCauses(context, detail->incident, "  ");
  return ExitCode::kDone;
}

ExitCode RunImpact(Context& context, const Arguments& arguments) {
  auto detail = ReadDetail(context, arguments);
  if (!detail.ok()) return context.Fail(detail.error());
  if (context.json) {
    Json event = Json::Object({{"type", "impact"}, {"incident", detail->incident.number}});
    event.Set("impact", detail->incident.impact.ToJson());
    context.Event(event);
    return ExitCode::kDone;
  }
  context.Line(fmt::format("Incident {}: {}", detail->incident.number, detail->incident.title));
  PrintImpact(context, detail->incident, "  ");
  return ExitCode::kDone;
}

ExitCode RunAck(Context& context, const Arguments& arguments) {
  return Change(context, arguments, "is acknowledged",
                [](store::Transaction& tx, const incident::Context& about, int64_t n,
                   Timestamp now) { return incident::Acknowledge(tx, about, n, now); });
}

ExitCode RunAssign(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  // A person of the project by name; anybody else as written.
  std::string to = arguments.positional[1];
  for (const auto& person : opened->project.people) {
    if (person.name == to || person.email == to) to = person.address;
  }
  return Change(context, arguments, "is assigned to " + to,
                [&](store::Transaction& tx, const incident::Context& about, int64_t n,
                    Timestamp now) { return incident::Assign(tx, about, n, to, now); });
}

ExitCode RunNote(Context& context, const Arguments& arguments) {
  return Change(
      context, arguments, "has a new note",
      [&](store::Transaction& tx, const incident::Context& about, int64_t n, Timestamp now) {
        return incident::AddNote(tx, about, n, arguments.positional[1], now);
      });
}

ExitCode RunResolve(Context& context, const Arguments& arguments) {
  return Change(
      context, arguments, "is resolved",
      [&](store::Transaction& tx, const incident::Context& about, int64_t n, Timestamp now) {
        return incident::Resolve(tx, about, n, arguments.String("note"), now);
      });
}

// A point of time, or a duration from now.
Result<Timestamp> ReadUntil(const std::string& text, Timestamp now) {
  if (auto span = ParseDuration(text); span.ok()) return now + *span;
  auto at = ParseTimestamp(text);
  if (!at.ok())
    return Error::Invalid("\"{}\" is no time: use 7d, 12h, 2026-11-27 or 2026-11-27T18:00:00Z",
                          text);
  if (*at <= now) return Error::Invalid("-until {} lies in the past", text);
  return *at;
}

ExitCode RunAccept(Context& context, const Arguments& arguments) {
  if (Trim(arguments.String("reason")).empty()) {
    return context.Fail(
        Error::Invalid("Accepting red data needs -reason 'why': it stays with the version"));
  }
  if (!arguments.Has("until")) {
    return context.Fail(
        Error::Invalid("Accepting red data needs an end: -until 7d, or -until 2026-11-27"));
  }
  auto until = ReadUntil(arguments.String("until"), context.clock->Now());
  if (!until.ok()) return context.Fail(until.error());
  auto world = OpenWorldToChange(context);
  if (!world.ok()) return context.Fail(world.error());
  auto found = (*world)->db().Read(
      [&](store::Transaction& tx) { return incident::Find(tx, NumberOf(arguments)); });
  if (!found.ok()) return context.Fail(found.error());
  auto report = line::AcceptIncident(*(*world)->world, found->number, arguments.String("reason"),
                                     *until, arguments.Time("lock-timeout"));
  if (!report.ok()) return context.Fail(report.error());
  Send(context, *(*world)->opened.db, (*world)->project());
  Json tables = Json::List();
  for (const auto& table : report->published) {
    tables.Push(
        Json::Object({{"dataset", table.name}, {"version", table.version}, {"rows", table.rows}}));
    if (!context.json) {
      context.Line(fmt::format("{} {}  published @{}, {}, accepted though red until {}",
                               context.Paint("yellow", "▲"), table.name, table.version,
                               Count(table.rows, "row"), ShortTime(*until)));
    }
  }
  context.Event(Json::Object({{"type", "incident_accepted"},
                              {"incident", found->number},
                              {"until", ToRfc3339(*until)},
                              {"published", std::move(tables)}}));
  if (!context.json)
    context.Line(
        fmt::format("Incident {} is accepted; \"andon run\" goes on downstream.", found->number));
  return ExitCode::kDone;
}

constexpr char kWhich[] = "Without a number: the last one.";

}  // namespace

extern const Command kIncidentList = {
    .name = "incident list",
    .group = Group::kRespond,
    .summary = "Incidents, newest first",
    .usage = "",
    .description =
        "One incident for each cause: the failed checks of one delivery, a broken contract, an "
        "unreadable "
        "file, a failed task, a missed freshness. What it holds downstream belongs to it.",
    .flags = {{"open", FlagKind::kBool, "", "Only those that are not over."},
              {"dataset", FlagKind::kString, "DATASET",
               "Only those that this dataset is red or held by."},
              {"limit", FlagKind::kInteger, "N", "At most so many; default 50."}},
    .examples = {{"andon incident list", "All of them."},
                 {"andon incident list -open", "What is wrong now."}},
    .run = RunList,
};

extern const Command kIncidentShow = {
    .name = "incident show",
    .group = Group::kRespond,
    .summary = "What failed, since when, whom it hits, and the likely causes",
    .usage = "[NUMBER | last]",
    .description = std::string("Times, failed checks with sample rows, ranked causes with their "
                               "evidence, what is held "
                               "downstream, and the timeline. ") +
                   kWhich,
    .positional_max = 1,
    .examples = {{"andon incident show", "The last incident."},
                 {"andon incident show 1 -json", "Incident 1, for a program."}},
    .run = RunShow,
};

extern const Command kIncidentWhy = {
    .name = "incident why",
    .group = Group::kRespond,
    .summary = "The likely causes of an incident, each with evidence",
    .usage = "[NUMBER | last]",
    .description = std::string("Data, code, upstream and environment are ranked by what the "
                               "journal knows since the last "
                               "good version: + speaks for a cause, − against it. ") +
                   kWhich,
    .positional_max = 1,
    .examples = {{"andon incident why", "Of the last incident."},
                 {"andon incident why 1", "Of incident 1."}},
    .run = RunWhy,
};

extern const Command kIncidentImpact = {
    .name = "incident impact",
    .group = Group::kRespond,
    .summary = "Datasets, consumers and contracts that an incident reaches",
    .usage = "[NUMBER | last]",
    .description = kWhich,
    .positional_max = 1,
    .examples = {{"andon incident impact", "Of the last incident."},
                 {"andon incident impact 1 -json", "For a program."}},
    .run = RunImpact,
};

extern const Command kIncidentAck = {
    .name = "incident ack",
    .group = Group::kRespond,
    .summary = "Say that you are on it",
    .usage = "[NUMBER | last]",
    .description = kWhich,
    .positional_max = 1,
    .examples = {{"andon incident ack", "The last incident."},
                 {"andon incident ack 1", "Incident 1."}},
    .run = RunAck,
};

extern const Command kIncidentAssign = {
    .name = "incident assign",
    .group = Group::kRespond,
    .summary = "Give an incident to somebody",
    .usage = "NUMBER|last PERSON",
    .description = "A person of the project by name or mail address, or any other name.",
    .positional_min = 2,
    .positional_max = 2,
    .examples = {{"andon incident assign 1 ana", "person.ana has it."},
                 {"andon incident assign last ben@example.com", "Somebody else."}},
    .run = RunAssign,
};

extern const Command kIncidentNote = {
    .name = "incident note",
    .group = Group::kRespond,
    .summary = "Add a sentence to the timeline",
    .usage = "NUMBER|last TEXT",
    .description = "Also after it is over.",
    .positional_min = 2,
    .positional_max = 2,
    .examples = {{"andon incident note 1 'asked the shop'", "To incident 1."},
                 {"andon incident note last 'file is on its way'", "To the last one."}},
    .run = RunNote,
};

extern const Command kIncidentAccept = {
    .name = "incident accept",
    .group = Group::kRespond,
    .summary = "Publish red data all the same, with a reason and an end",
    .usage = "[NUMBER | last]",
    .description =
        "The red data of the incident are published and marked as accepted: on the board, in the "
        "log of "
        "versions, in the journal. When the end passes before a green version came, the incident "
        "is open again. Where other versions were published meanwhile, rows that were only added "
        "are put on top of them; those that replace rows must be loaded anew first (\"andon "
        "delivery retry\", \"andon run\").",
    .positional_max = 1,
    .flags = {{"reason", FlagKind::kString, "TEXT", "Why; stays with the version."},
              {"until", FlagKind::kString, "TIME", "Until when: 7d, 12h, 2026-11-27."},
              {"lock-timeout", FlagKind::kDuration, "TIME", "Wait so long for a run to end."}},
    .examples = {{"andon incident accept 1 -reason 'finance needs August today' -until 7d",
                  "For a week."},
                 {"andon incident accept -reason 'known, ticket 12' -until 2030-01-01",
                  "The last one."}},
    .run = RunAccept,
};

extern const Command kIncidentResolve = {
    .name = "incident resolve",
    .group = Group::kRespond,
    .summary = "Close an incident by hand",
    .usage = "[NUMBER | last]",
    .description =
        "An incident resolves itself when its datasets publish green. This is for the others: the "
        "data will not "
        "come, or nothing was wrong.",
    .positional_max = 1,
    .flags = {{"note", FlagKind::kString, "TEXT", "Why, for the timeline."}},
    .examples = {{"andon incident resolve 1 -note 'the shop closed'", "Incident 1."},
                 {"andon incident resolve", "The last one."}},
    .run = RunResolve,
};

}  // namespace andon::cli
