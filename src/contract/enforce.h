// Whether a change of a project may take back what its contracts promise.
//
//   for (const ContractChange& c : Enforce(before, after, now))
//     if (c.comparison.is_breaking() && !c.is_allowed) fmt::print("{}: {}\n", c.address, c.why);
//
// A breaking change is allowed where the contract's version goes up by what is demanded, and either
// every consumer agreed (`agreed`), or the notice is over (`announced` plus `notice`, both of the
// contract as it was or is). A contract without a notice has none to wait for. One that is removed
// altogether must have been deprecated before.
//
// Pure: the projects and the time are given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "contract/compare.h"
#include "definition/definition.h"

namespace andon::contract {

struct ContractChange {
  std::string address;  // "contract.payment"
  std::string dataset;  // Address.
  Comparison comparison;
  bool is_removed = false;             // The contract itself is gone.
  bool was_deprecated = false;         // Before.
  std::vector<std::string> consumers;  // That it names, before or now.
  std::vector<std::string> waiting;    // Of them: those that did not agree.
  std::string notice;                  // As promised before; may be empty.
  std::optional<Timestamp> announced;
  std::optional<Timestamp> notice_over;  // Not set where nothing was announced.
  bool is_allowed = true;
  std::string why;       // Why not, in sentences.
  std::string help;      // What to do instead.
  std::string position;  // "file:line" of the contract, as it is now or was.
};

// The contracts whose documents differ, those that break something first.
std::vector<ContractChange> Enforce(const definition::Project& before,
                                    const definition::Project& after, Timestamp now);

}  // namespace andon::contract
