// A saved plan of infrastructure (plan -out): what was planned, against which files and state,
// and with which variables.
//
// Applying it plans once more, from the state as the plan had read it and without asking how
// things stand, and goes on only where exactly the same comes out: so the file needs no copy of
// what providers alone understand, and nothing is done that was not shown.
// Where the folder has data too, their part stands in it whole (plan/plan_file.h), or that it waits
// for the apply.
// Sensitive values stand in the file, as in the state: it is readable by its owner alone, and
// encrypted where the encryption block has a target "plan".
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/infrastructure.h"

namespace andon::cli {

struct SavedPlan {
  std::string configuration;  // Digest of the files.
  std::string lineage;        // Of the state that it was made against,
  uint64_t serial = 0;        // and its serial.
  std::string changes;        // Digest of what is to be done.
  infra::Mode mode = infra::Mode::kNormal;
  std::map<std::string, std::vector<std::string>> flags;  // -target and the like.
  std::vector<std::pair<std::string, value::Value>> variables;
  state::State state;                          // As it was read from the world.
  std::map<std::string, std::string> imports;  // Ids, by address.
  std::string json;                            // As `show -json` prints it.
  std::string text;                            // As `show` prints it.
  SavedData data;
};

// Also one that is encrypted.
bool IsSavedPlan(std::string_view text);
Result<SavedPlan> ReadSavedPlan(const std::string& path, const encryption::Codec& codec);

// `prior` is the state that the plan began with. `text` is the whole plan as `show` prints it,
// `data_document` what `show -json` has of the data, null for nothing.
Result<void> SavePlan(const std::string& path, const Context& context, const Arguments& arguments,
                      const Infrastructure& infrastructure, const state::State& prior,
                      const infra::Plan& plan, infra::ProviderPool& pool, const SavedData& data,
                      const std::string& text, const Json& data_document);

// What is to be done, as one digest: equal plans have equal ones.
std::string DigestOfChanges(const infra::Plan& plan);

}  // namespace andon::cli
