#include <fmt/format.h>

#include "base/text.h"
#include "cli/contract_source.h"
#include "cli/planning.h"
#include "contract/compare.h"
#include "contract/declared.h"
#include "release/release.h"

namespace andon::cli {
namespace {

struct Pair {
  std::string title;
  contract::Document before, after;
};

// Two files, a file against its last commit, or the project against its current release.
Result<std::vector<Pair>> Pairs(Context& context, const Arguments& arguments) {
  const auto& words = arguments.positional;
  std::vector<Pair> pairs;
  if (!words.empty()) {
    std::string old_word = words.size() == 2 ? words[0] : fmt::format("git:HEAD:{}", words[0]);
    if (words.size() == 1 && !NamesFile(words[0])) {
      return Error::Invalid(
          "With one argument a file is compared with its last commit; \"{}\" is no file.\nhelp: "
          "\"andon contract diff\" compares the project with its current release",
          words[0]);
    }
    ContractSource before = TRY(ReadContractSource(context, arguments, old_word));
    ContractSource after = TRY(ReadContractSource(context, arguments, words.back()));
    pairs.push_back({fmt::format("{} -> {}", old_word, words.back()), std::move(before.document),
                     std::move(after.document)});
    return pairs;
  }
  definition::Project now = TRY(DeclaredProject(context, arguments));
  auto db = TRY(OpenDatabaseIfAny(context));
  if (!db) return pairs;
  definition::Project released = TRY(release::CurrentProject(*db));
  for (const definition::Contract& before : released.contracts) {
    auto after = FindContract(now, before.address);
    contract::Document was = contract::DocumentOf(released, before);
    contract::Document is = was;
    if (after.ok()) {
      is = contract::DocumentOf(now, **after);
    } else {
      Json retired = was.json;
      retired.Set("status", "retired");
      is = contract::DocumentOf(std::move(retired));
    }
    pairs.push_back({before.address, std::move(was), std::move(is)});
  }
  return pairs;
}

void Print(const Context& context, const Pair& pair, const contract::Comparison& comparison,
           bool markdown) {
  if (context.json) {
    for (const contract::Change& change : comparison.changes) {
      Json event = Json::Object({{"type", "contract_change"}, {"contract", pair.after.title()}});
      const Json json = contract::ToJson(change);
      for (const auto& [name, value] : json.members()) event.Set(name, value);
      context.Event(event);
    }
    Json summary = contract::ToJson(comparison);
    summary.Remove("changes");
    Json event = Json::Object({{"type", "contract_diff"},
                               {"contract", pair.after.title()},
                               {"changes", static_cast<int64_t>(comparison.changes.size())}});
    for (const auto& [name, value] : summary.members()) event.Set(name, value);
    context.Event(event);
  } else if (markdown) {
    context.Print(contract::ToMarkdown(comparison, pair.title));
  } else {
    context.Line(context.Paint("bold", pair.title));
    context.Print(contract::ToText(comparison));
  }
}

ExitCode Run(Context& context, const Arguments& arguments) {
  std::string fail_on = arguments.String("fail-on", "breaking");
  if (fail_on != "breaking" && fail_on != "version" && fail_on != "none")
    return context.Fail(
        Error::Invalid("-fail-on takes breaking, version or none, not \"{}\".", fail_on));
  auto pairs = Pairs(context, arguments);
  if (!pairs.ok()) return context.Fail(pairs.error());
  if (pairs->empty() && !context.json)
    context.Line("Nothing was applied yet: there is no contract to compare with.");
  bool fails = false, first = true;
  for (const Pair& pair : *pairs) {
    contract::Comparison comparison = contract::Compare(pair.before, pair.after);
    if (!first && !context.json) context.Line();
    first = false;
    Print(context, pair, comparison, arguments.String("format") == "markdown");
    fails |= fail_on == "breaking" && comparison.is_breaking();
    fails |= fail_on == "version" && !comparison.version_fits;
  }
  return fails ? ExitCode::kBreaking : ExitCode::kDone;
}

}  // namespace

extern const Command kContractDiff = {
    .name = "contract diff",
    .group = Group::kTest,
    .summary = "What changed between two versions of a contract, and whom it breaks",
    .usage = "[OLD] [NEW]",
    .description =
        "OLD and NEW are files, files of commits (git:main:payment.odcs.yaml, as git show has "
        "them), or contracts of the project. With one file, it is compared with its last commit; "
        "with none, the project's files with the current release. Each change says whether it "
        "loosens or tightens the promise and whether it breaks consumers; then which version is "
        "demanded. Needs neither a project nor a lake, so it runs in the producer's repository. "
        "Exit code 5 where something breaks.",
    .positional_min = 0,
    .positional_max = 2,
    .flags = WithVariableFlags({
        {"fail-on", FlagKind::kString, "WHAT",
         "breaking (the default): exit code 5 for any breaking change; version: only where the "
         "version does not fit what changed; none."},
        {"format", FlagKind::kString, "FORMAT", "text, or markdown for a comment in a review."},
    }),
    .examples = {{"andon contract diff git:main:payment.odcs.yaml payment.odcs.yaml",
                  "What a change in review does to a contract."},
                 {"andon contract diff", "The project's files against what is applied."}},
    .run = Run,
};

}  // namespace andon::cli
