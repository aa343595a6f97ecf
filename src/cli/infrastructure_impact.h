// What a change of infrastructure reaches: from the resources that change, by the data blocks that
// read them, along the lineage.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "config/module.h"
#include "definition/definition.h"
#include "infra/plan.h"

namespace andon::cli {

struct ReachedByResource {
  std::string address;
  std::string action;                  // "replace"
  std::vector<std::string> readers;    // Data blocks that read it: "source.shop".
  std::vector<std::string> datasets;   // What they are, or are made of it, and so on.
  std::vector<std::string> pipelines;  // That build one of these.
  std::vector<std::string> contracts;
  std::vector<std::string> consumers;

  Json ToJson() const;
  // "aws_db_instance.shop (replace): source.shop, 2 datasets (payment, revenue), …"
  std::string ToText() const;
};

// One for each resource that changes and that a data block reads. `module` declares the blocks,
// `project` is what they are, as far as that is known.
std::vector<ReachedByResource> ImpactOf(const infra::Plan& plan, const config::Module& module,
                                        const definition::Project& project);
// The same of one resource.
ReachedByResource ImpactOf(const std::string& address, std::string action,
                           const std::set<std::string>& readers,
                           const definition::Project& project);

}  // namespace andon::cli
