#include "contract/enforce.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/declared.h"

namespace andon::contract {
namespace {

std::string Day(Timestamp t) { return ToRfc3339(t).substr(0, 10); }

void AddMissing(const std::vector<std::string>& from, std::vector<std::string>* to) {
  for (const std::string& item : from) {
    if (std::find(to->begin(), to->end(), item) == to->end()) to->push_back(item);
  }
}

// As HCL writes consumers: objects as references, others in quotes.
std::string ListOf(const std::vector<std::string>& consumers) {
  std::vector<std::string> items;
  for (const std::string& consumer : consumers) {
    bool is_address = consumer.starts_with("team.") || consumer.starts_with("dataset.") ||
                      consumer.starts_with("person.");
    items.push_back(is_address ? consumer : fmt::format("\"{}\"", consumer));
  }
  return fmt::format("[{}]", Join(items, ", "));
}

void SetNotice(const definition::Contract& was, const definition::Contract* is,
               ContractChange* change) {
  change->notice = was.notice;
  auto announced = ParseTimestamp(is && !is->announced.empty() ? is->announced : was.announced);
  if (announced.ok()) change->announced = *announced;
  auto notice = ParseDuration(was.notice);
  if (change->announced && notice.ok()) change->notice_over = *change->announced + *notice;
}

void Judge(Timestamp now, ContractChange* c) {
  if (!c->comparison.is_breaking()) return;
  const Comparison& comparison = c->comparison;
  bool version_fits = c->is_removed ? c->was_deprecated : comparison.version_fits;
  bool has_notice = !c->notice.empty();
  bool notice_over = !has_notice || (c->notice_over && *c->notice_over <= now);
  bool all_agreed = !c->consumers.empty() && c->waiting.empty();
  c->is_allowed = version_fits && (all_agreed || notice_over);
  if (c->is_allowed) return;
  std::vector<std::string> why, help;
  if (!version_fits && c->is_removed) {
    why.emplace_back("The contract is removed, and was not deprecated before.");
    help.emplace_back("status = \"deprecated\"");
  } else if (!version_fits) {
    why.push_back(fmt::format("The version is {}, and {} is demanded.", comparison.version_after,
                              comparison.version_wanted));
    help.push_back(fmt::format("version = \"{}\"", comparison.version_wanted));
  }
  if (!all_agreed && !notice_over) {
    why.push_back(
        c->notice_over
            ? fmt::format("The notice of {} is over on {}.", c->notice, Day(*c->notice_over))
            : fmt::format("A notice of {} is promised, and nothing was announced.", c->notice));
    if (!c->waiting.empty()) {
      why.push_back(fmt::format("{} did not agree.", Join(c->waiting, ", ")));
      help.push_back(fmt::format("agreed = {}", ListOf(c->consumers)));
    } else if (!c->announced) {
      help.push_back(fmt::format("announced = \"{}\"", Day(now)));
    }
  }
  c->why = Join(why, " ");
  std::string keep;
  for (const Change& change : comparison.changes) {
    if (change.is_breaking && !change.compatible.empty() && keep.empty())
      keep = fmt::format("{}: {}", change.path, change.compatible);
  }
  c->help = keep;
  if (!help.empty())
    c->help +=
        fmt::format("{}bump {} and {}", keep.empty() ? "" : "; or ", c->address, Join(help, ", "));
}

}  // namespace

std::vector<ContractChange> Enforce(const definition::Project& before,
                                    const definition::Project& after, Timestamp now) {
  std::vector<ContractChange> out;
  for (const definition::Contract& was : before.contracts) {
    const definition::Contract* is = nullptr;
    for (const definition::Contract& candidate : after.contracts) {
      if (candidate.address == was.address) is = &candidate;
    }
    Document old_document = DocumentOf(before, was), new_document = old_document;
    if (is) {
      new_document = DocumentOf(after, *is);
    } else {
      Json retired = old_document.json;
      retired.Set("status", "retired");
      new_document = DocumentOf(std::move(retired));
    }
    ContractChange change{.address = was.address,
                          .dataset = is ? is->dataset : was.dataset,
                          .comparison = Compare(old_document, new_document),
                          .is_removed = is == nullptr,
                          .was_deprecated = was.status == "deprecated",
                          .consumers = was.consumers};
    if (change.comparison.changes.empty()) continue;
    if (is) AddMissing(is->consumers, &change.consumers);
    for (const std::string& consumer : change.consumers) {
      const auto& agreed = is ? is->agreed : was.agreed;
      if (std::find(agreed.begin(), agreed.end(), consumer) == agreed.end())
        change.waiting.push_back(consumer);
    }
    const Json& positions = is ? is->positions : was.positions;
    change.position = definition::PositionOf(positions, "version");
    if (change.position.empty()) change.position = definition::PositionOf(positions, "");
    SetNotice(was, is, &change);
    Judge(now, &change);
    out.push_back(std::move(change));
  }
  std::stable_partition(out.begin(), out.end(),
                        [](const ContractChange& c) { return c.comparison.is_breaking(); });
  return out;
}

}  // namespace andon::contract
