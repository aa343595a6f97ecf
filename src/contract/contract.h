// What a dataset promises, compared with what came.
//
// Columns are declared once, with the dataset; a contract promises some of them to its
// consumers. Before a delivery is loaded, and before a branch is published, its actual columns
// are compared with both: a break is data with a sentence, and nothing of the delivery is loaded.
//
//   for (const Break& b : CompareColumns(dataset, contracts, actual)) fmt::print("{}\n",
//   b.sentence);
//   // Column "amount" is missing; "payment_amount" came instead: renamed? contract.payment
//   promises it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "definition/definition.h"

namespace andon::contract {

// A column as it came. The type is one of definition::Column's; empty where the format has none
// (CSV): then types are the checks' business and are not compared here.
struct ActualColumn {
  std::string name;
  std::string type;
};

enum class BreakKind { kMissing, kRenamed, kTypeChanged, kExtra };
std::string_view ToString(BreakKind kind);  // "missing", "renamed", "type_changed", "extra"

struct Break {
  BreakKind kind = BreakKind::kMissing;
  std::string dataset;   // Address.
  std::string column;    // As declared; of kExtra as it came.
  std::string found;     // kRenamed: the likely new name; kTypeChanged: the type that came.
  std::string expected;  // kTypeChanged: the declared type.
  std::vector<std::string> contracts;  // Addresses of the contracts that promise the column.
  std::vector<std::string> consumers;  // Of those contracts.
  std::string position;                // "file:line" of the declaration; may be empty.
  bool is_breaking = true;  // An extra column, and a type that widens without loss, are not.
  std::string sentence;     // The whole story, for a person.
};

// Breaks first, in the order of the declared columns, then what is only to be known. A column
// counts as renamed where exactly one new column is near in name (or holds it as a word) and
// its type, if known, fits. Contracts whose status is retired, and other datasets', are ignored.
std::vector<Break> CompareColumns(const definition::Dataset& dataset,
                                  const std::vector<definition::Contract>& contracts,
                                  const std::vector<ActualColumn>& actual);
bool HasBreaking(const std::vector<Break>& breaks);
// "amount is missing (renamed to payment_amount?), currency came": for one line of a run.
std::string Summarize(const std::vector<Break>& breaks);

Json ToJson(const Break& entry);
Break BreakFromJson(const Json& json);

// True where every value of type `from` is one of `to` (int → long, decimal(5,2) → decimal(9,2)).
bool Widens(std::string_view from, std::string_view to);

// True where one name may well be the other, renamed: in another case, with a typing mistake, or
// with more words (amount, payment_amount).
bool IsNearName(std::string_view a, std::string_view b);

// A freshness that a contract promises, beside the one that its dataset is watched for.
struct FreshnessPromise {
  std::string promised;  // Duration.
  std::string dataset;   // Address.
  std::string own;       // Duration; empty: the dataset says none.
};

struct FreshnessProblem {
  bool is_error = false;  // A promise that nobody watches is a warning only.
  std::string sentence;
  std::string help;  // May be empty.
};

// Freshness is said once, with the dataset; a contract may only be looser. A text that is no
// duration is nothing to compare: its form is the language's business.
std::optional<FreshnessProblem> CheckFreshness(const FreshnessPromise& promise);

// The contracts that promise something of `dataset`, retired ones left out.
std::vector<const definition::Contract*> ContractsOf(const definition::Project& project,
                                                     std::string_view dataset);

}  // namespace andon::contract
