// The lines of `-json`: what a run does, one event per line, for programs that watch it.
//
// Each function gives one event; whoever prints it writes Dump() and a newline. Members are
// those of version 1.2 of the stream, which Terraform and OpenTofu write. No sensitive value
// stands in an event. Numbers beyond 64 bits, which only outputs can have, are rounded.
//
//   std::cout << VersionEvent(speaker, clock.Now()).Dump() << '\n';
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/source.h"
#include "infra/plan.h"
#include "state/state.h"

namespace andon::infratext {

inline constexpr std::string_view kEventsVersion = "1.2";

// Who runs: the names by which programs know it.
struct Speaker {
  std::string product = "Andon";    // In the message of the first event.
  std::string key = "andon";        // The member with the version: "terraform", "tofu".
  std::string module = "andon.ui";  // "@module": "terraform.ui", "tofu.ui".
  std::string version;
};

// How many objects a plan changes, or an apply changed.
struct ChangeCounts {
  int add = 0;
  int change = 0;
  int import = 0;
  int remove = 0;
  int forget = 0;
};
ChangeCounts CountChanges(const infra::Plan& plan);

enum class Operation { kPlan, kApply, kDestroy };
// "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.": the last line for people too.
std::string SummaryText(const ChangeCounts& counts, Operation operation);

// An object that a run works on, in an event.
struct EventObject {
  address::Address address;
  infra::Action action = infra::Action::kNoOp;
  // Before, at a start; after, at an end; marked where it is sensitive. Its id or name is shown.
  value::Value value;
};

Json VersionEvent(const Speaker& speaker, Timestamp now);
Json LogEvent(const Speaker& speaker, Timestamp now, std::string_view message);
Json DiagnosticEvent(const Speaker& speaker, Timestamp now, const Diagnostic& diagnostic,
                     const Sources& sources);

Json PlannedChangeEvent(const Speaker& speaker, Timestamp now, const infra::ResourceChange& change);
Json ResourceDriftEvent(const Speaker& speaker, Timestamp now, const infra::ResourceChange& drift);
Json ChangeSummaryEvent(const Speaker& speaker, Timestamp now, const ChangeCounts& counts,
                        Operation operation);
Json OutputsEvent(const Speaker& speaker, Timestamp now,
                  const std::map<std::string, state::Output>& outputs);
Json PlannedOutputsEvent(const Speaker& speaker, Timestamp now,
                         const std::vector<infra::OutputChange>& outputs);
// All events of a finished plan in their order: drift, changes, the summary, outputs.
std::vector<Json> PlanEvents(const Speaker& speaker, Timestamp now, const infra::Plan& plan);

Json RefreshStartEvent(const Speaker& speaker, Timestamp now, const EventObject& object);
Json RefreshCompleteEvent(const Speaker& speaker, Timestamp now, const EventObject& object);
Json ApplyStartEvent(const Speaker& speaker, Timestamp now, const EventObject& object);
Json ApplyProgressEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                        Duration elapsed);
Json ApplyCompleteEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                        Duration elapsed);
Json ApplyErroredEvent(const Speaker& speaker, Timestamp now, const EventObject& object,
                       Duration elapsed);

Json ProvisionStartEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                         std::string_view provisioner);
// One line of what it prints.
Json ProvisionProgressEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                            std::string_view provisioner, std::string_view line);
Json ProvisionCompleteEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                            std::string_view provisioner);
Json ProvisionErroredEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                           std::string_view provisioner);

// What is done with an ephemeral resource: "Opening...", "Open complete".
Json EphemeralStartEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                         std::string_view message);
Json EphemeralCompleteEvent(const Speaker& speaker, Timestamp now, const address::Address& address,
                            std::string_view message);

// The line of an event for people: "aws_vpc.a: Creating...",
// "aws_vpc.a: Creation complete after 3s [id=vpc-1]". It is the event's message, but that data
// sources are refreshed to programs and read to people, and that only these hear how long an
// ephemeral resource took (`elapsed`).
std::string LineOf(const Json& event, Duration elapsed = Duration(0));

}  // namespace andon::infratext
