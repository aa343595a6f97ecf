#include "incident/notice.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "notify/deliver.h"
#include "store/database.h"

namespace andon::incident {
namespace {

constexpr size_t kChecksTold = 5;
constexpr size_t kCausesTold = 3;

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

std::string Names(const std::vector<std::string>& datasets) {
  std::vector<std::string> names;
  for (const auto& d : datasets) names.push_back(NameOf(d));
  return Join(names, ", ");
}

std::string_view KindOf(Notice notice) {
  switch (notice) {
    case Notice::kOpened:
      return "incident_opened";
    case Notice::kUpdated:
      return "incident_updated";
    case Notice::kResolved:
      return "incident_resolved";
  }
  return "";
}

std::string TextOf(const Incident& in, std::string_view what, Timestamp now) {
  std::string text = fmt::format("{}\n", what);
  for (size_t i = 0; i < std::min(in.checks.size(), kChecksTold); ++i) {
    text += fmt::format("- {}.{}: {}\n", NameOf(in.checks[i].dataset), in.checks[i].name,
                        in.checks[i].message);
  }
  if (in.checks.size() > kChecksTold)
    text += fmt::format("- and {} more\n", in.checks.size() - kChecksTold);
  for (const auto& b : in.breaks) text += fmt::format("- {}\n", b);
  if (!in.is_over()) {
    if (!in.causes.empty() && !in.causes[0].is_cleared()) {
      text += fmt::format("Likely cause: {}\n", in.causes[0].title);
      for (const Evidence& e : in.causes[0].evidence) {
        if (e.supports) text += fmt::format("  {}\n", e.sentence);
      }
    }
    text += fmt::format("Reached: {}\n", in.impact.ToText());
    if (in.last_good_version && !in.accepted_at) {
      text += fmt::format("Readers go on with version @{}.\n", *in.last_good_version);
    }
    text += fmt::format("andon incident show {}\n", in.number);
  } else {
    Times times = TimesOf(in, now);
    text += fmt::format(
        "Detected after {}, resolved after {}; served stale for {}, served bad for {}.\n",
        TimeText(times.to_detection.value_or(Duration(0))),
        TimeText(times.to_resolution.value_or(Duration(0))), TimeText(times.served_stale),
        TimeText(times.served_bad));
  }
  return text;
}

}  // namespace

std::string TitleOf(const Incident& in) {
  std::string names = Names(in.datasets);
  std::string on = in.delivery ? " on " + in.delivery->path : "";
  switch (in.kind) {
    case FailureKind::kChecks: {
      std::set<std::string> failed;
      for (const auto& c : in.checks) failed.insert(c.dataset + "." + c.name);
      return fmt::format("{}: {} failed{}", names,
                         Count(static_cast<int64_t>(failed.size()), "check"), on);
    }
    case FailureKind::kContract:
      return fmt::format("{}: the columns of {} are not those declared", names,
                         in.delivery ? in.delivery->path : "its input");
    case FailureKind::kTask:
      return fmt::format("{}: the task failed", names);
    case FailureKind::kUnreadable:
      return fmt::format("{}: {} cannot be read", names,
                         in.delivery ? in.delivery->path : "a delivery");
    case FailureKind::kFreshness:
      return fmt::format("{} is late", names);
  }
  return names;
}

notify::Message MakeMessage(const Incident& in, Notice notice, std::string_view what,
                            Timestamp now) {
  Json data = ToJson(in);
  Json checks = Json::List();
  for (const Json& check : data["checks"].items()) {
    Json told = check;
    told.Remove("sample");
    checks.Push(std::move(told));
  }
  data.Set("checks", std::move(checks));
  Json causes = Json::List();
  for (const Json& cause : data["causes"].items()) {
    if (causes.size() < kCausesTold) causes.Push(cause);
  }
  data.Set("causes", std::move(causes));
  data.Set("times", ToJson(TimesOf(in, now)));
  data.Set("what", what);
  std::string_view sign = notice == Notice::kOpened     ? "opened"
                          : notice == Notice::kResolved ? "resolved"
                                                        : "updated";
  return {.kind = std::string(KindOf(notice)),
          .severity = notice == Notice::kResolved ? "info" : in.severity,
          .title = fmt::format("Incident {} {}: {}", in.number, sign, in.title),
          .text = TextOf(in, what, now),
          .address = in.datasets.empty() ? "" : in.datasets.front(),
          .time = now,
          .data = Json::Object({{"incident", std::move(data)}})};
}

std::vector<std::string> ChannelsOf(const definition::Project& project,
                                    const std::vector<std::string>& datasets) {
  std::vector<std::string> channels;
  auto add = [&](const std::vector<std::string>& list) {
    for (const auto& c : list) {
      if (std::find(channels.begin(), channels.end(), c) == channels.end()) channels.push_back(c);
    }
  };
  for (const auto& address : datasets) {
    const definition::Dataset* dataset = project.FindDataset(address);
    if (!dataset) continue;
    if (const definition::Team* team = project.FindTeam(dataset->owner)) add(team->channels);
  }
  if (channels.empty()) add(project.channels_default);
  return channels;
}

Result<void> Tell(store::Transaction& tx, const Context& context, Incident& in, Notice notice,
                  std::string_view what, Timestamp now) {
  ++in.transitions;
  notify::Message message = MakeMessage(in, notice, what, now);
  // Incident and transition: a receiver that sees it twice knows it.
  message.key = fmt::format("{}/incident/{}/{}", context.project.name, in.number, in.transitions);
  for (const auto& channel : ChannelsOf(context.project, in.datasets)) {
    TRY(notify::Notify(tx, channel, message, now));
  }
  return {};
}

}  // namespace andon::incident
