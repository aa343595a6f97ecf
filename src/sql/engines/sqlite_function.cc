// The functions that checks need and SQLite has not.
#include <re2/re2.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "sql/engines/sqlite_internal.h"

namespace andon::sql {
namespace {

std::string_view TextOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (!text) return {};
  return {text, static_cast<size_t>(sqlite3_value_bytes(value))};
}

// A pattern is read once a statement: SQLite keeps it beside the constant argument.
void Regexp(sqlite3_context* context, sqlite3_value* text, sqlite3_value* pattern,
            int pattern_index) {
  if (sqlite3_value_type(text) == SQLITE_NULL || sqlite3_value_type(pattern) == SQLITE_NULL) return;
  auto* regex = static_cast<re2::RE2*>(sqlite3_get_auxdata(context, pattern_index));
  std::unique_ptr<re2::RE2> read;
  if (!regex) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    std::string_view written = TextOf(pattern);
    read = std::make_unique<re2::RE2>(re2::StringPiece(written.data(), written.size()), options);
    if (!read->ok()) {
      std::string message = "the regular expression is wrong: " + read->error();
      sqlite3_result_error(context, message.c_str(), static_cast<int>(message.size()));
      return;
    }
    regex = read.get();
  }
  std::string_view subject = TextOf(text);
  bool found = re2::RE2::PartialMatch(re2::StringPiece(subject.data(), subject.size()), *regex);
  sqlite3_result_int(context, found ? 1 : 0);
  if (read) {
    // From here on SQLite owns it, and may free it at once.
    sqlite3_set_auxdata(context, pattern_index, read.release(),
                        [](void* p) { delete static_cast<re2::RE2*>(p); });
  }
}

void RegexpFunction(sqlite3_context* context, int, sqlite3_value** args) {
  Regexp(context, args[0], args[1], 1);
}
// `text REGEXP pattern` is regexp(pattern, text).
void RegexpOperator(sqlite3_context* context, int, sqlite3_value** args) {
  Regexp(context, args[1], args[0], 0);
}

// The state of an aggregate, which SQLite keeps as zeroed bytes.
template <typename T>
T* StateOf(sqlite3_context* context) {
  auto** state = static_cast<T**>(sqlite3_aggregate_context(context, sizeof(T*)));
  if (!state) return nullptr;
  if (!*state) *state = std::make_unique<T>().release();
  return *state;
}

// Taken at the end; null where there was no row.
template <typename T>
std::unique_ptr<T> TakeState(sqlite3_context* context) {
  auto** state = static_cast<T**>(sqlite3_aggregate_context(context, 0));
  return std::unique_ptr<T>(state ? std::exchange(*state, nullptr) : nullptr);
}

// Our code may throw for want of memory alone, and SQLite must not see it.
template <typename F>
void WithoutThrowing(sqlite3_context* context, F body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

// Welford's recurrence: exact where the plain sum of squares cancels out.
struct Spread {
  int64_t count = 0;
  double mean = 0;
  double squares = 0;
};

void SpreadStep(sqlite3_context* context, int, sqlite3_value** args) {
  if (sqlite3_value_type(args[0]) == SQLITE_NULL) return;
  WithoutThrowing(context, [&] {
    auto* spread = StateOf<Spread>(context);
    if (!spread) return;
    double x = sqlite3_value_double(args[0]);
    double delta = x - spread->mean;
    spread->mean += delta / static_cast<double>(++spread->count);
    spread->squares += delta * (x - spread->mean);
  });
}

void SpreadFinal(sqlite3_context* context) {
  auto spread = TakeState<Spread>(context);
  if (!spread || spread->count < 2) return;
  sqlite3_result_double(context,
                        std::sqrt(spread->squares / static_cast<double>(spread->count - 1)));
}

void MedianStep(sqlite3_context* context, int, sqlite3_value** args) {
  if (sqlite3_value_type(args[0]) == SQLITE_NULL) return;
  WithoutThrowing(context, [&] {
    auto* values = StateOf<std::vector<double>>(context);
    if (values) values->push_back(sqlite3_value_double(args[0]));
  });
}

void MedianFinal(sqlite3_context* context) {
  auto values = TakeState<std::vector<double>>(context);
  if (!values || values->empty()) return;
  auto middle = values->begin() + static_cast<std::ptrdiff_t>(values->size() / 2);
  std::nth_element(values->begin(), middle, values->end());
  double median = *middle;
  if (values->size() % 2 == 0) {
    double below = *std::max_element(values->begin(), middle);
    median = below + (median - below) / 2;
  }
  sqlite3_result_double(context, median);
}

struct Number {
  bool is_integer;
  union {
    sqlite3_int64 integer;
    double real;
  };

  // Wide enough for both, so that neither loses a digit.
  long double Wide() const {
    return is_integer ? static_cast<long double>(integer) : static_cast<long double>(real);
  }
};

// In SQLite's order numbers stand before texts, and texts before blobs.
struct Quantile {
  double q = 0;
  std::vector<Number> numbers;
  std::vector<std::string> texts;
  std::vector<std::string> blobs;
};

void QuantileStep(sqlite3_context* context, int, sqlite3_value** args) {
  int type = sqlite3_value_type(args[0]);
  if (type == SQLITE_NULL) return;
  WithoutThrowing(context, [&] {
    auto* state = StateOf<Quantile>(context);
    if (!state) return;
    state->q = sqlite3_value_double(args[1]);
    if (type == SQLITE_TEXT) {
      state->texts.emplace_back(TextOf(args[0]));
    } else if (type == SQLITE_BLOB) {
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(args[0]));
      state->blobs.emplace_back(bytes ? bytes : "",
                                static_cast<size_t>(sqlite3_value_bytes(args[0])));
    } else {
      Number number{type == SQLITE_INTEGER, {0}};
      if (number.is_integer) {
        number.integer = sqlite3_value_int64(args[0]);
      } else {
        number.real = sqlite3_value_double(args[0]);
      }
      state->numbers.push_back(number);
    }
  });
}

void QuantileFinal(sqlite3_context* context) {
  auto state = TakeState<Quantile>(context);
  if (!state) return;
  size_t count = state->numbers.size() + state->texts.size() + state->blobs.size();
  if (count == 0) return;
  if (!(state->q >= 0 && state->q <= 1)) {
    sqlite3_result_error(context, "the share of a quantile is from 0 to 1", -1);
    return;
  }
  auto n = static_cast<double>(count);
  // As n - floor(n - n q): ceil(n q) would be one too high where n q is just above a whole number.
  auto rank = static_cast<size_t>(std::max(1.0, n - std::floor(n - n * state->q))) - 1;
  auto pick = [&rank](auto& values, auto less) {
    auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end(), less);
    return *at;
  };
  if (rank < state->numbers.size()) {
    Number found =
        pick(state->numbers, [](const Number& a, const Number& b) { return a.Wide() < b.Wide(); });
    if (found.is_integer) {
      sqlite3_result_int64(context, found.integer);
    } else {
      sqlite3_result_double(context, found.real);
    }
    return;
  }
  rank -= state->numbers.size();
  bool is_text = rank < state->texts.size();
  if (!is_text) rank -= state->texts.size();
  std::string found = pick(is_text ? state->texts : state->blobs, std::less<>());
  if (is_text) {
    sqlite3_result_text64(context, found.data(), found.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else {
    sqlite3_result_blob64(context, found.data(), found.size(), SQLITE_TRANSIENT);
  }
}

}  // namespace

int AddSqliteFunctions(sqlite3* db) {
  struct Row {
    const char* name;
    int arguments;
    void (*call)(sqlite3_context*, int, sqlite3_value**);
    void (*step)(sqlite3_context*, int, sqlite3_value**);
    void (*final)(sqlite3_context*);
  };
  constexpr Row kRows[] = {
      {"andon_regexp", 2, RegexpFunction, nullptr, nullptr},
      {"regexp", 2, RegexpOperator, nullptr, nullptr},
      {"andon_stddev", 1, nullptr, SpreadStep, SpreadFinal},
      {"andon_median", 1, nullptr, MedianStep, MedianFinal},
      {"andon_quantile_disc", 2, nullptr, QuantileStep, QuantileFinal},
  };
  for (const Row& row : kRows) {
    int code = sqlite3_create_function_v2(db, row.name, row.arguments,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                          nullptr, row.call, row.step, row.final, nullptr);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

}  // namespace andon::sql
