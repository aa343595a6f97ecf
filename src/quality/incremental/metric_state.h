// What one data file contributes to a metric: computed once, kept, and merged with the states of
// the other files into the metric's value, exactly as if all files were read.
//
//   kCount    count(*), count(x), rows that a predicate holds for        a number
//   kSum      sums and means of integers and decimals                    38 digits and a count
//   kDoubles  sums and means of floating point                           in the order of the rows
//   kExtreme  min, max of numbers, texts, dates, times                   the value
//   kMoments  standard deviation                                         count, mean, squares
//   kKeys     different keys, of which each should stand once  a run of words or bits: key_states.h
//   kValues   median, quantiles, counts of different values              values with their counts,
//                                                                        up to kStateValuesMax
//
// Sums of doubles depend on their order: a file's is computed on one thread in the order of its
// rows, and the files' are merged in the order of the manifest. So a full check and an incremental
// one give the same bits.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "quality/args.h"
#include "sql/aggregate.h"
#include "sql/result_set.h"

namespace andon::quality {

// Different values of a column that a state holds; beyond it the metric is computed in full.
inline constexpr int64_t kStateValuesMax = 1'000;
// A text that is longer makes no state.
inline constexpr size_t kStateTextMax = 4'096;

enum class StateKind { kCount, kSum, kDoubles, kExtreme, kMoments, kValues, kKeys };

// None: the metric's states do not merge, or what it reads is not known (written SQL, another
// table).
std::optional<StateKind> StateKindOf(const sql::Aggregate& metric, const ColumnIndex& columns);
// Whether the rows' order counts: floating point.
bool IsInOrder(const sql::Aggregate& metric, StateKind kind, const ColumnIndex& columns);

// Names the state over time. `column_ids`: what makes a column the same one ("3:decimal(5,2)"), so
// that a state does not outlive its column's renaming, while another column's does not touch it.
std::string StateName(const sql::Aggregate& metric, StateKind kind,
                      const std::map<std::string, std::string>& column_ids);

// The items of a SELECT over the file's rows that give its state.
std::vector<std::string> StateItems(const sql::Aggregate& metric, StateKind kind);
// Their values as a state; false where there can be none. Of kValues: null where ValuesSql is to
// be asked besides.
Json ReadState(StateKind kind, const sql::ResultSet& row, size_t first);

// Of kValues: a row for each value with its count. `weight`: the column of a relation of counts by
// value that says how many; empty: each row is one.
std::string ValuesSql(const sql::Aggregate& metric, std::string_view relation,
                      const std::string& weight = {});
Json ReadValues(const sql::ResultSet& rows);

// The state of a file of which statistics know the metric's value; none: it does not follow.
std::optional<Json> StateFromValue(StateKind kind, const Json& value, const std::string& type);

// The metric's value, as a query's JSON; none where it does not follow from the states.
std::optional<Json> MergeStates(const sql::Aggregate& metric, StateKind kind,
                                const std::string& type, const std::vector<const Json*>& states);

}  // namespace andon::quality
