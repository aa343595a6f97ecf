#include "cli/incident_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace andon::cli {
namespace {

void Pair(const Context& context, std::string_view indent, std::string_view name,
          std::string_view value) {
  context.Line(
      fmt::format("{}{} {}", indent, context.Paint("dim", fmt::format("{:<18}", name)), value));
}

}  // namespace

std::string ShortTime(Timestamp t) {
  std::string text = ToRfc3339(std::chrono::floor<std::chrono::seconds>(t));
  if (text.size() > 10) text[10] = ' ';
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " UTC");
  return text;
}

std::string Ago(Timestamp t, Timestamp now) {
  if (t > now) return "in " + incident::TimeText(t - now);
  if (now - t < std::chrono::seconds(1)) return "just now";
  return incident::TimeText(now - t) + " ago";
}

std::string PaintState(const Context& context, const incident::Incident& in) {
  std::string_view style = in.is_over()                         ? "green"
                           : in.state == incident::State::kOpen ? "red"
                                                                : "yellow";
  return context.Paint(style, incident::ToString(in.state));
}

void PrintCauses(const Context& context, const incident::Incident& in, std::string_view indent) {
  int n = 0;
  for (const incident::Cause& cause : in.causes) {
    std::string kind(incident::ToString(cause.kind));
    if (cause.is_cleared()) {
      context.Line(
          fmt::format("{}{}", indent,
                      context.Paint("dim", fmt::format("-  {} ({}, cleared)", cause.title, kind))));
    } else {
      context.Line(
          fmt::format("{}{}. {} {}", indent, ++n, context.Paint("bold", cause.title),
                      context.Paint("dim", fmt::format("({}, {:.2f})", kind, cause.score))));
    }
    for (const incident::Evidence& e : cause.evidence) {
      context.Line(fmt::format(
          "{}   {} {}", indent,
          e.supports ? context.Paint("green", "+") : context.Paint("yellow", "−"), e.sentence));
    }
  }
  if (in.causes.empty()) context.Line(std::string(indent) + "Nothing is known yet.");
}

void PrintImpact(const Context& context, const incident::Incident& in, std::string_view indent) {
  context.Line(fmt::format("{}{}", indent, in.impact.ToText()));
  for (const auto& reached : in.impact.datasets) {
    std::string held;
    for (const auto& h : in.held) {
      if (h.dataset == reached.id) held = "  held since " + ShortTime(h.since);
    }
    context.Line(fmt::format("{}  {}{}", indent, reached.id, context.Paint("yellow", held)));
  }
  for (const auto& consumer : in.impact.consumers)
    context.Line(fmt::format("{}  {}  (consumer)", indent, consumer));
  for (const auto& contract : in.impact.contracts)
    context.Line(fmt::format("{}  {}  (contract)", indent, contract));
}

void PrintTimes(const Context& context, const board::IncidentDetail& detail,
                std::string_view indent) {
  const incident::Incident& in = detail.incident;
  const incident::Times& t = detail.times;
  bool is_delivery = in.delivery && in.began_at == in.delivery->arrived_at;
  Pair(context, indent, "began",
       ShortTime(in.began_at) + (is_delivery ? "  (the delivery arrived)" : ""));
  Pair(context, indent, "opened",
       ShortTime(in.opened_at) + (in.run_id.empty() ? "" : "  by run " + in.run_id));
  if (in.acknowledged_at)
    Pair(context, indent, "acknowledged",
         ShortTime(*in.acknowledged_at) + "  by " + in.acknowledged_by);
  if (!in.assignee.empty()) Pair(context, indent, "assigned to", in.assignee);
  if (in.accepted_at) {
    Pair(context, indent, "accepted",
         ShortTime(*in.accepted_at) + "  by " + in.accepted_by +
             (in.accepted_until ? ", until " + ShortTime(*in.accepted_until) : "") + ": " +
             in.accepted_reason);
  }
  if (in.resolved_at)
    Pair(context, indent, "resolved", ShortTime(*in.resolved_at) + "  by " + in.resolved_by);
  if (t.to_detection)
    Pair(context, indent, "time to detection", incident::TimeText(*t.to_detection));
  if (t.to_resolution)
    Pair(context, indent, "time to resolution", incident::TimeText(*t.to_resolution));
  Pair(context, indent, "data downtime",
       incident::TimeText(t.downtime) + (in.is_over() ? "" : " so far"));
  std::string stale = incident::TimeText(t.served_stale);
  if (in.last_good_version)
    stale += fmt::format("  (readers had version @{})", *in.last_good_version);
  Pair(context, indent, "served stale", stale);
  Pair(context, indent, "served bad", incident::TimeText(t.served_bad));
}

void PrintTimeline(const Context& context, const board::IncidentDetail& detail,
                   std::string_view indent) {
  for (const incident::Event& e : detail.events) {
    std::string kind = e.kind;
    for (char& c : kind) c = c == '_' ? ' ' : c;
    context.Line(fmt::format("{}{}  {:<16}  {}  {}", indent, context.Paint("dim", ShortTime(e.at)),
                             kind, e.text, context.Paint("dim", e.actor)));
  }
}

}  // namespace andon::cli
