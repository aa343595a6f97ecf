// What a project declares, as plain data: datasets, sources, contracts, …
//
// `plan` and `builtin` evaluate the *.andon.hcl files and record, under a
// release, one object for each block: its address, its kind and its attributes
// as JSON (names as in docs/reference/blocks). Everything that *works* on
// datasets (ingest, line, incident, server, …) reads these structs instead, made
// from a release by ReadProject, and so never sees HCL.
//
// JSON of references: an object is its address ("team.payments"); a source's
// table is {"source": "source.deliveries", "table": "payment"}; a column is
// {"dataset": "dataset.customer", "column": "customer_id"}; a secret is
// {"secret": "env://NAME"}, resolved only where it is used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::definition {

// One object of a release. `attributes` is what its hash covers; positions are
// kept beside, so that a moved line is no change.
struct Object {
  std::string address;  // "dataset.payment", "module.eu.dataset.payment[\"x\"]"
  std::string kind;     // "dataset", "source", "contract", …; "andon" for the settings
  std::string type;     // second word of two-label blocks: "files", "webhook"; else empty
  Json attributes;
  Json
      positions;  // {"": "f.andon.hcl:14", "sql": "revenue.sql:1", "checks.x": "f.andon.hcl:55", …}
  // What follows from the attributes of this and other objects, found once by plan and no part of
  // the hash: {"inputs": ["dataset.payment", …], "lineage": {"revenue":
  // ["dataset.payment.amount"]}}
  Json derived;
};

// "file:line" where the object, or its part ("sql", "checks.amount_in_range",
// "columns.amount"), is written; empty where it is not known.
std::string PositionOf(const Json& positions, std::string_view part);

struct ColumnReference {
  std::string dataset;  // address
  std::string column;
};

struct Column {
  std::string name;
  std::string type;  // boolean int long float double decimal(p,s) date time timestamp timestamptz
                     // string uuid binary
  bool required = false;
  bool unique = false;
  std::optional<ColumnReference> references;
  std::string unit;
  std::string doc;
  std::string timezone;  // IANA name; empty where it was not said.
  // Data of people, masked in samples, messages and pages. Where it is not said, a model's column
  // is what the columns are that it is computed from.
  std::optional<bool> pii;
  // What a failure of its `required`, `unique` and `references` does: "critical" (also where it is
  // not said) or "quarantine".
  std::string severity;
  std::optional<double> quarantine_max;  // Where it is said.

  bool has_rule() const { return required || unique || references.has_value(); }
  bool quarantines() const { return has_rule() && severity == "quarantine"; }
};

struct Check {
  std::string name;      // Its identity over time.
  std::string type;      // "expect_column_values_to_be_between", …
  Json kwargs;           // Great Expectations' names, with mostly and row_condition.
  std::string severity;  // "critical" (default), "quarantine", "warning", "info"
  std::optional<double> quarantine_max = {};  // Where it is said.
  std::string on;        // "delivery", "dataset", or empty for the expectation's default
  std::string position;  // "file:line"
};

enum class LoadMode { kAppend, kMerge, kReplace, kReplaceInterval };
std::string_view ToString(LoadMode mode);  // "append", "merge", "replace", "replace_interval"

struct Load {
  LoadMode mode = LoadMode::kReplace;
  std::vector<std::string> key;
  std::string cursor;        // Column; empty for none.
  std::string lookback;      // Duration.
  std::string by;            // Time column of replace_interval.
  std::string grain;         // "hour", "day", "week", "month", "year"
  std::string on_duplicate;  // "" or "latest by <column>"
};

struct Freshness {
  std::string max;     // Duration.
  std::string of;      // Event-time column; empty: since the last arrival.
  std::string during;  // "Mon-Fri 08:00-20:00"; empty: always.
};

struct Dataset {
  std::string address;
  std::string name;  // The table's name: label, and key where there is one.
  std::string description;
  std::string owner;  // "team.payments", "person.ana" or empty.
  std::vector<std::string> tags;
  std::string source;        // "source.deliveries"; empty for a model.
  std::string source_table;  // "payment"
  std::string sql;           // Text of the model; empty for an ingested dataset.
  std::string sql_file;      // "models/daily_revenue.sql", relative to the project; may be empty.
  std::string external_source;  // "dbt.shop" of a table that somebody else builds; else empty.
  std::string external_table;   // As it is called there: "main.orders".
  Load load;
  std::vector<Column> columns;  // In the order of the source.
  std::vector<Check> checks;
  std::vector<std::string> partition_by;  // "month(payment_date)", "bucket(16, id)", "staff_id"
  std::map<std::string, std::string> batches;  // {"monthly": "month(payment_date)"}
  std::optional<Freshness> freshness;
  std::string schedule;  // Cron or duration; empty for none.
  std::string timezone;
  std::vector<std::string> depends_on;  // Addresses, explicit.
  Json positions;
  // Addresses of the datasets that its SQL and its checks read, and `depends_on`: what must be
  // ready before it. Not its `references`, which never order.
  std::vector<std::string> inputs;
  // Of a model: the columns ("dataset.payment.amount") that each of its columns is computed from.
  std::map<std::string, std::vector<std::string>> lineage;

  // Never written by Andon: checked where it is.
  bool is_external() const { return !external_source.empty(); }
  const Column* FindColumn(std::string_view column) const;
};

struct Source {
  std::string address;
  std::string name;
  std::string type;  // "files", "postgres", "sqlite", "duckdb"; "dbt" of a dbt project
  std::string path;  // "deliveries/{table}-{period}.csv"; of a dbt project its folder
  Json options;      // csv: delimiter, quote, null, encoding, …; of all others the attributes
  Json positions;
};

struct Channel {
  std::string address;
  std::string name;
  std::string type;  // "webhook", "log"
  Json settings;     // Attributes as declared, secrets as references.
};

struct Person {
  std::string address, name, email;
};

struct Team {
  std::string address, name;
  std::vector<std::string> members;   // "person.ana"
  std::vector<std::string> channels;  // "channel.alerts"
};

struct Contract {
  std::string address, name;
  std::string dataset;  // address
  std::string version;
  std::string status;  // proposed | draft | active | deprecated | retired
  std::string purpose;
  std::vector<std::string> promised;   // Columns.
  std::vector<std::string> consumers;  // Addresses, or free names.
  Json sla;                            // {"freshness": "1h", …}
  std::string notice;                  // Duration.
  std::string owner;                   // Where it is not the dataset's; may be empty.
  std::string description;
  // Whom the data serves: [{"who": …, "decision": …, "by_when": …, "latency": …, "confirmed_by": …,
  // "confirmed_at": …, "columns": […], "checks": […]}]
  Json need;
  std::string announced;  // The day on which consumers were told of a break; may be empty.
  std::vector<std::string> agreed;  // Consumers that agreed to it.
  Json odcs;          // What the exported document has besides, in the standard's words.
  Json document;      // Of a contract that is a file of the standard: the whole of it; else null.
  std::string table;  // Which object of such a file the dataset is.
  Json positions;
};

struct Pipeline {
  std::string address, name;
  std::string schedule;            // Cron ("0 6 * * *") or a duration ("15m"); empty: by hand.
  std::string timezone;            // Default UTC.
  std::vector<std::string> build;  // Dataset addresses, with all that they need and is stale.
  int retries = 0;
  std::string retry_delay;  // Default "30s"; doubles, at most 30 minutes.
  std::string timeout;      // Empty: none.
  Json positions;
};

// Datasets, or batches of them, that are validated together, and what is done with the results.
struct Checkpoint {
  struct Validate {
    std::string dataset;  // Address.
    std::string batches;  // A name of the dataset's `batches`; empty: the whole.
    std::string batch;    // "last" (also empty), "all", or the name of one.
  };
  // One of docs, notify and report is set.
  struct Action {
    std::string docs;    // The folder that Data Docs are built into.
    std::string notify;  // "channel.alerts"
    std::string report;  // "junit:payments.xml"
    std::string on;      // "failure", "success", "all"
  };
  std::string address, name;
  std::string description;
  std::vector<Validate> validate;
  std::vector<Action> actions;
  Json positions;
};

// How long results of checks are kept; durations.
struct Retention {
  std::string validations = "400d";  // The verdicts, counts and observed values.
  std::string samples = "30d";       // The bad rows.
};

// Everything that one release declares.
struct Project {
  std::string name = "default";  // Namespace of the lake's tables.
  std::string lake = "lake";     // Folder, relative to the project's folder, or absolute.
  Retention retention;
  std::vector<std::string>
      channels_default;  // andon { channels = [...] }: told of incidents without owner
  std::vector<Dataset> datasets;
  std::vector<Source> sources;
  std::vector<Channel> channels;
  std::vector<Person> people;
  std::vector<Team> teams;
  std::vector<Contract> contracts;
  std::vector<Pipeline> pipelines;
  std::vector<Checkpoint> checkpoints;

  const Dataset* FindDataset(std::string_view address_or_name) const;
  const Source* FindSource(std::string_view address) const;
  const Channel* FindChannel(std::string_view address) const;
  const Team* FindTeam(std::string_view address) const;
};

// Decodes a release. kCorrupt for an object that no version of Andon wrote.
Result<Project> ReadProject(const std::vector<Object>& objects);

}  // namespace andon::definition
