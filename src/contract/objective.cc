#include "contract/objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace andon::contract {
namespace {

// "99.95", never rounded up to a promise that was not kept.
std::string Percent(double share) {
  double percent = std::floor(share * 1e6 + 1e-6) / 1e4;
  std::string text = fmt::format("{:.4f}", percent);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

// No time at all has seconds as well.
std::string Length(Duration d) { return d.count() == 0 ? "0 s" : HumanDuration(d); }

std::optional<double> ShareOf(const SlaProperty& sla) {
  double value = 0;
  if (sla.value.is_number()) {
    value = sla.value.AsDouble();
  } else {
    std::string text = sla.value.AsString();
    if (text.ends_with('%')) text.pop_back();
    auto number = Json::Parse(std::string(Trim(text)));
    if (!number.ok() || !number->is_number()) return std::nullopt;
    value = number->AsDouble();
  }
  if (value < 0 || value > 100) return std::nullopt;
  return value / 100;
}

class Measurement {
 public:
  Measurement(const std::vector<SlaProperty>& sla, const ServiceFacts& facts)
      : sla_(sla), facts_(facts) {
    for (const SlaProperty& property : sla) {
      if (property.property == "availability") availability_ = ShareOf(property);
    }
  }

  std::vector<Objective> Run() {
    std::vector<Objective> out;
    for (const SlaProperty& sla : sla_) out.push_back(One(sla));
    return out;
  }

 private:
  Duration window() const { return facts_.window.to - facts_.window.from; }

  Objective One(const SlaProperty& sla) {
    Objective o{.property = sla.property};
    auto duration = DurationOf(sla);
    std::string value = sla.value.is_string() ? sla.value.AsString() : sla.value.Dump();
    o.promised = duration           ? *duration
                 : sla.unit.empty() ? value
                                    : fmt::format("{} {}", value, sla.unit);
    if (sla.property == "availability") return Availability(sla, std::move(o));
    std::optional<Duration> limit;
    if (duration) {
      if (auto parsed = ParseDuration(*duration); parsed.ok()) limit = *parsed;
    }
    if (sla.property == "freshness" || sla.property == "latency")
      return limit ? Freshness(*limit, std::move(o)) : NoLimit(std::move(o));
    if (sla.property == "frequency")
      return limit ? Frequency(*limit, std::move(o)) : NoLimit(std::move(o));
    if (sla.property == "retention")
      return limit ? Retention(*limit, std::move(o)) : NoLimit(std::move(o));
    if (sla.property.starts_with("timeTo"))
      return limit ? Times(*limit, std::move(o)) : NoLimit(std::move(o));
    o.why_not = "nothing measures it";
    return o;
  }

  static Objective NoLimit(Objective o) {
    o.why_not = "the promise is no duration";
    return o;
  }

  Objective Availability(const SlaProperty& sla, Objective o) {
    auto share = ShareOf(sla);
    if (!share || window() <= Duration(0)) {
      o.why_not = share ? "no time has passed" : "the promise is no share";
      return o;
    }
    o.promised = Percent(*share);
    Duration down = Covered(facts_.down, facts_.window);
    double measured = 1 - static_cast<double>(down.count()) / static_cast<double>(window().count());
    o.measured = Percent(measured);
    o.budget = Budget();
    o.spent = down;
    o.is_met = down <= *o.budget;
    return o;
  }

  Duration Budget() const {
    if (!availability_) return Duration(0);
    // Rounded, so that 99.9 % of thirty days is 43m 12s and not a microsecond less.
    return Duration(static_cast<int64_t>(
        std::round((1 - *availability_) * static_cast<double>(window().count()))));
  }

  // The times between arrivals, with what stood before the window and what stands now.
  std::vector<Span> Gaps() const {
    std::vector<Timestamp> arrivals = facts_.arrivals;
    std::sort(arrivals.begin(), arrivals.end());
    std::vector<Span> gaps;
    for (size_t i = 0; i < arrivals.size(); ++i) {
      Timestamp end = i + 1 < arrivals.size() ? arrivals[i + 1] : facts_.window.to;
      if (end > facts_.window.from && end > arrivals[i]) gaps.push_back({arrivals[i], end});
    }
    return gaps;
  }

  Objective Freshness(Duration limit, Objective o) {
    std::vector<Span> gaps = Gaps();
    if (facts_.arrivals.empty()) {
      o.why_not = "no data has arrived yet";
      return o;
    }
    Duration longest(0);
    std::vector<Span> late;
    for (const Span& gap : gaps) {
      longest = std::max(longest, gap.to - gap.from);
      if (gap.to - gap.from > limit) late.push_back({gap.from + limit, gap.to});
    }
    o.measured = fmt::format("at most {}", HumanDuration(longest));
    o.spent = Covered(late, facts_.window);
    if (availability_) o.budget = Budget();
    o.is_met = *o.spent <= o.budget.value_or(Duration(0));
    return o;
  }

  Objective Frequency(Duration limit, Objective o) {
    if (facts_.arrivals.empty()) {
      o.why_not = "no data has arrived yet";
      return o;
    }
    Duration longest(0);
    for (const Span& gap : Gaps()) longest = std::max(longest, gap.to - gap.from);
    o.measured = fmt::format("every {} at the latest", HumanDuration(longest));
    o.is_met = longest <= limit;
    return o;
  }

  Objective Retention(Duration limit, Objective o) {
    if (!facts_.retained) {
      o.why_not = "the data does not say how far back it reaches";
      return o;
    }
    o.measured = HumanDuration(*facts_.retained);
    // A young table cannot reach back; it only must not have lost anything.
    o.is_met = *facts_.retained >= limit ? std::optional<bool>(true) : std::nullopt;
    if (!o.is_met) o.why_not = "there is no older data yet";
    return o;
  }

  Objective Times(Duration limit, Objective o) {
    Duration longest(0);
    int64_t count = 0, beyond = 0;
    for (const IncidentTimes& incident : facts_.incidents) {
      if (incident.detected < facts_.window.from || incident.began > facts_.window.to) continue;
      Timestamp end = incident.detected, from = incident.began;
      if (o.property == "timeToNotify") {
        from = incident.detected;
        end = incident.notified.value_or(facts_.window.to);
      }
      if (o.property == "timeToRepair") {
        from = incident.detected;
        end = incident.repaired.value_or(facts_.window.to);
      }
      Duration took = std::max(Duration(0), Duration(end - from));
      longest = std::max(longest, took);
      ++count;
      if (took > limit) ++beyond;
    }
    if (o.property != "timeToDetect" && o.property != "timeToNotify" &&
        o.property != "timeToRepair") {
      o.why_not = "nothing measures it";
      return o;
    }
    if (count == 0) {
      o.measured = "no incident";
      o.is_met = true;
      return o;
    }
    o.measured = fmt::format("at most {}, {}", Length(longest), Count(count, "incident"));
    if (beyond > 0) o.measured += fmt::format(", {} beyond", beyond);
    o.is_met = beyond == 0;
    return o;
  }

  const std::vector<SlaProperty>& sla_;
  const ServiceFacts& facts_;
  std::optional<double> availability_;
};

}  // namespace

std::optional<double> Objective::budget_left() const {
  if (!budget || !spent) return std::nullopt;
  if (budget->count() == 0) return spent->count() == 0 ? 1.0 : -1.0;
  return 1 - static_cast<double>(spent->count()) / static_cast<double>(budget->count());
}

Duration Covered(std::vector<Span> spans, const Span& window) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from < b.from; });
  Duration total(0);
  Timestamp reached = window.from;
  for (const Span& span : spans) {
    Timestamp from = std::max(span.from, reached), to = std::min(span.to, window.to);
    if (to <= from) continue;
    total += to - from;
    reached = to;
  }
  return total;
}

std::vector<Objective> Measure(const std::vector<SlaProperty>& sla, const ServiceFacts& facts) {
  return Measurement(sla, facts).Run();
}

std::string BudgetText(const Objective& o) {
  if (!o.budget || !o.spent) return "";
  if (o.spent->count() == 0) return fmt::format("nothing of {} spent", Length(*o.budget));
  std::string text = fmt::format("{} of {} spent", Length(*o.spent), Length(*o.budget));
  if (o.budget->count() > 0)
    text += fmt::format(" ({:.0f} %)", std::ceil((1 - *o.budget_left()) * 100 - 1e-9));
  return text;
}

Json ToJson(const Objective& o) {
  Json json = Json::Object({{"property", o.property}, {"promised", o.promised}});
  if (!o.measured.empty()) json.Set("measured", o.measured);
  if (!o.why_not.empty()) json.Set("why_not", o.why_not);
  if (o.is_met) json.Set("met", *o.is_met);
  auto seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
  if (o.budget) json.Set("budget_seconds", seconds(*o.budget));
  if (o.spent) json.Set("spent_seconds", seconds(*o.spent));
  if (auto left = o.budget_left()) json.Set("budget_left", *left);
  return json;
}

}  // namespace andon::contract
