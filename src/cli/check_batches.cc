#include "cli/check_batches.h"

#include <fmt/format.h>

#include "base/text.h"

namespace andon::cli {

Result<BatchChoice> ReadBatchChoice(const Arguments& arguments,
                                    const std::map<std::string, std::string>& of_dataset) {
  BatchChoice choice{.name = arguments.String("batch"), .all = arguments.Bool("all-batches")};
  if (!choice.name.empty() && choice.all)
    return Error::Invalid(
        "-batch names one batch, -all-batches means every one: give one of them.");
  std::string how = arguments.String("batches");
  if (auto named = of_dataset.find(how); named != of_dataset.end()) how = named->second;
  if (how.empty()) {
    if (choice.name.empty() && !choice.all) return choice;
    std::vector<std::string> names;
    for (const auto& [name, by] : of_dataset) names.push_back(name);
    std::string_view flag = choice.all ? "all-batches" : "batch";
    if (names.empty())
      return Error::Invalid("-{} needs -batches, as -batches='month(payment_date)'.", flag);
    if (names.size() > 1)
      return Error::Invalid("-{} needs -batches: one of {}.", flag, Join(names, ", "));
    how = of_dataset.begin()->second;
  }
  choice.definition = TRY(quality::ParseBatches(how));
  return choice;
}

std::string ExplainBatches(const BatchChoice& choice) {
  const std::string how = quality::ToString(choice.definition);
  if (!choice.definition.file_regex.empty()) return "Batches: one for each file of " + how + ".";
  if (!choice.all)
    return fmt::format("Batches: {} of {}, whose rows alone are read.",
                       choice.name.empty() ? "the last" : choice.name, how);
  return fmt::format("Batches: all of {}; what a scan computes it computes for each of them.", how);
}

}  // namespace andon::cli
