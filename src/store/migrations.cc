#include "store/migrations.h"

namespace andon::store {
namespace {

// The tables. What is common to them:
//   *_at, time, since, until   microseconds since the epoch, UTC
//   dataset, address           address of the object: "dataset.payment"
//   run_id                     text; empty or null where no run did it
//   body                       JSON object with everything that no look-up needs;
//                              whoever owns the table owns its members
//   state                      a word of the table's owner
// Columns are only what is searched, ordered or joined by; the rest is in `body`.
constexpr std::string_view kControl = R"sql(
-- Single values: project_id, …
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- Every change as a fact, in order; never changed, never removed.
CREATE TABLE journal (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  time       INTEGER NOT NULL,
  actor      TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  address    TEXT    NOT NULL DEFAULT '',
  run_id     TEXT    NOT NULL DEFAULT '',
  release_id INTEGER NOT NULL DEFAULT 0,
  body       TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX journal_address ON journal (address, seq);
CREATE INDEX journal_kind    ON journal (kind, seq);
CREATE INDEX journal_time    ON journal (time);
CREATE INDEX journal_run     ON journal (run_id, seq);
CREATE INDEX journal_release ON journal (release_id, seq);

-- Notifications to send; state queued, delivered, failed.
CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  channel    TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  state      TEXT    NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  next_at    INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_error TEXT    NOT NULL DEFAULT '',
  body       TEXT    NOT NULL,
  UNIQUE (channel, key)
);
CREATE INDEX outbox_due ON outbox (state, next_at);

-- Who holds what; token is random, pid_start tells a reused pid.
CREATE TABLE leases (
  name       TEXT    NOT NULL PRIMARY KEY,
  token      TEXT    NOT NULL,
  host       TEXT    NOT NULL,
  pid        INTEGER NOT NULL,
  pid_start  INTEGER NOT NULL,
  command    TEXT    NOT NULL,
  user_name  TEXT    NOT NULL,
  since      INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);

-- A release: opened before the first change, closed after the last.
CREATE TABLE releases (
  release_id INTEGER PRIMARY KEY AUTOINCREMENT,
  state      TEXT    NOT NULL,
  opened_at  INTEGER NOT NULL,
  closed_at  INTEGER,
  actor      TEXT    NOT NULL DEFAULT '',
  body       TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX releases_state ON releases (state);

-- Contents by their SHA-256 (hex): definitions, SQL files.
CREATE TABLE blobs (
  hash    TEXT NOT NULL PRIMARY KEY,
  content BLOB NOT NULL
);

-- The manifest of a release: which definition each address has.
CREATE TABLE release_objects (
  release_id INTEGER NOT NULL REFERENCES releases (release_id),
  address    TEXT    NOT NULL,
  hash       TEXT    NOT NULL REFERENCES blobs (hash),
  PRIMARY KEY (release_id, address)
);
CREATE INDEX release_objects_address ON release_objects (address, release_id);
CREATE INDEX release_objects_hash    ON release_objects (hash);

-- One `andon run`, or one scheduled run of a pipeline (address).
CREATE TABLE runs (
  run_id     TEXT    NOT NULL PRIMARY KEY,
  address    TEXT    NOT NULL DEFAULT '',
  state      TEXT    NOT NULL,
  release_id INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  actor      TEXT    NOT NULL DEFAULT '',
  body       TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX runs_started ON runs (started_at);
CREATE INDEX runs_state   ON runs (state);
CREATE INDEX runs_address ON runs (address, started_at);

-- One attempt of one task of a run.
CREATE TABLE run_tasks (
  run_id     TEXT    NOT NULL REFERENCES runs (run_id),
  task       TEXT    NOT NULL,
  attempt    INTEGER NOT NULL DEFAULT 1,
  dataset    TEXT    NOT NULL DEFAULT '',
  state      TEXT    NOT NULL,
  started_at INTEGER,
  ended_at   INTEGER,
  body       TEXT    NOT NULL DEFAULT '{}',
  PRIMARY KEY (run_id, task, attempt)
);
CREATE INDEX run_tasks_dataset ON run_tasks (dataset, started_at);
CREATE INDEX run_tasks_state   ON run_tasks (state);

-- What a source delivered: a file, or a slice of a table; hash of its content.
CREATE TABLE deliveries (
  delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset     TEXT    NOT NULL,
  source      TEXT    NOT NULL DEFAULT '',
  path        TEXT    NOT NULL DEFAULT '',
  hash        TEXT    NOT NULL DEFAULT '',
  period      TEXT    NOT NULL DEFAULT '',
  state       TEXT    NOT NULL,
  arrived_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  run_id      TEXT    NOT NULL DEFAULT '',
  body        TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX deliveries_state  ON deliveries (dataset, state);
CREATE INDEX deliveries_period ON deliveries (dataset, period);
CREATE INDEX deliveries_hash   ON deliveries (dataset, hash);
CREATE INDEX deliveries_path   ON deliveries (dataset, path);
CREATE INDEX deliveries_run    ON deliveries (run_id);

-- The n-th publish of a dataset on main is version n; numbers are never used again.
CREATE TABLE dataset_versions (
  dataset      TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  snapshot_id  INTEGER NOT NULL,
  state        TEXT    NOT NULL,
  published_at INTEGER NOT NULL,
  run_id       TEXT    NOT NULL DEFAULT '',
  release_id   INTEGER NOT NULL DEFAULT 0,
  body         TEXT    NOT NULL DEFAULT '{}',
  PRIMARY KEY (dataset, version)
);
CREATE INDEX dataset_versions_snapshot ON dataset_versions (dataset, snapshot_id);
CREATE INDEX dataset_versions_time     ON dataset_versions (dataset, published_at);
CREATE INDEX dataset_versions_run      ON dataset_versions (run_id);

-- How far a source was read; a cursor belongs to a snapshot of the dataset.
CREATE TABLE cursors (
  dataset     TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  snapshot_id INTEGER NOT NULL,
  state       TEXT    NOT NULL DEFAULT '',
  updated_at  INTEGER NOT NULL,
  run_id      TEXT    NOT NULL DEFAULT '',
  body        TEXT    NOT NULL DEFAULT '{}',
  PRIMARY KEY (dataset, name, snapshot_id)
);
CREATE INDEX cursors_run ON cursors (run_id);

-- The verdict on one check; scope is what was looked at (delivery, branch, main).
CREATE TABLE check_results (
  result_id   INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset     TEXT    NOT NULL,
  check_key   TEXT    NOT NULL,
  scope       TEXT    NOT NULL DEFAULT '',
  state       TEXT    NOT NULL,
  severity    TEXT    NOT NULL DEFAULT '',
  time        INTEGER NOT NULL,
  run_id      TEXT    NOT NULL DEFAULT '',
  snapshot_id INTEGER NOT NULL DEFAULT 0,
  version     INTEGER NOT NULL DEFAULT 0,
  delivery_id INTEGER NOT NULL DEFAULT 0,
  body        TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX check_results_dataset ON check_results (dataset, time);
CREATE INDEX check_results_check   ON check_results (dataset, check_key, time);
CREATE INDEX check_results_run     ON check_results (run_id);
CREATE INDEX check_results_state   ON check_results (state, time);

-- The state of one metric over one data file; bytes of `content` are the owner's.
CREATE TABLE check_states (
  dataset    TEXT    NOT NULL,
  file       TEXT    NOT NULL,
  metric     TEXT    NOT NULL,
  updated_at INTEGER NOT NULL,
  content    BLOB,
  body       TEXT    NOT NULL DEFAULT '{}',
  PRIMARY KEY (dataset, file, metric)
);

-- One incident per cause; cause_key says which.
CREATE TABLE incidents (
  incident_id     INTEGER PRIMARY KEY AUTOINCREMENT,
  state           TEXT    NOT NULL,
  dataset         TEXT    NOT NULL DEFAULT '',
  cause_key       TEXT    NOT NULL DEFAULT '',
  severity        TEXT    NOT NULL DEFAULT '',
  opened_at       INTEGER NOT NULL,
  acknowledged_at INTEGER,
  resolved_at     INTEGER,
  run_id          TEXT    NOT NULL DEFAULT '',
  release_id      INTEGER NOT NULL DEFAULT 0,
  body            TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX incidents_state   ON incidents (state);
CREATE INDEX incidents_dataset ON incidents (dataset, state);
CREATE INDEX incidents_cause   ON incidents (cause_key, state);
CREATE INDEX incidents_opened  ON incidents (opened_at);

-- An incident's timeline.
CREATE TABLE incident_events (
  event_id    INTEGER PRIMARY KEY AUTOINCREMENT,
  incident_id INTEGER NOT NULL REFERENCES incidents (incident_id),
  time        INTEGER NOT NULL,
  kind        TEXT    NOT NULL,
  actor       TEXT    NOT NULL DEFAULT '',
  body        TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX incident_events_incident ON incident_events (incident_id, event_id);

-- A dataset that is held: by a person, a red upstream, a rollback; state active, released.
CREATE TABLE holds (
  hold_id     INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset     TEXT    NOT NULL,
  kind        TEXT    NOT NULL DEFAULT '',
  state       TEXT    NOT NULL,
  since       INTEGER NOT NULL,
  until       INTEGER,
  released_at INTEGER,
  actor       TEXT    NOT NULL DEFAULT '',
  run_id      TEXT    NOT NULL DEFAULT '',
  incident_id INTEGER NOT NULL DEFAULT 0,
  body        TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX holds_dataset ON holds (dataset, state);
CREATE INDEX holds_state   ON holds (state);

-- The present state of each alarm; item tells the instances of one alarm apart.
CREATE TABLE alarms_state (
  address    TEXT    NOT NULL,
  item       TEXT    NOT NULL DEFAULT '',
  state      TEXT    NOT NULL,
  since      INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body       TEXT    NOT NULL DEFAULT '{}',
  PRIMARY KEY (address, item)
);

-- When a pipeline (address) ran last and is due next.
CREATE TABLE schedules (
  address    TEXT    NOT NULL PRIMARY KEY,
  state      TEXT    NOT NULL DEFAULT '',
  last_at    INTEGER,
  next_at    INTEGER,
  updated_at INTEGER NOT NULL,
  body       TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX schedules_next ON schedules (next_at);

-- Small documents that need no table of their own (store/meta.h).
CREATE TABLE documents (
  kind       TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  state      TEXT    NOT NULL DEFAULT '',
  updated_at INTEGER NOT NULL,
  body       TEXT    NOT NULL DEFAULT '{}',
  PRIMARY KEY (kind, key)
);
)sql";

// Iceberg's SQL catalog, column for column what PyIceberg creates, so that it opens
// this file as its own. IF NOT EXISTS: it may have been first.
constexpr std::string_view kIcebergCatalog = R"sql(
CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name)
);
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (catalog_name, namespace, property_key)
);

-- What our own transaction is about to commit (store/foreign_commit.h).
CREATE TABLE iceberg_expected (
  metadata_location TEXT NOT NULL PRIMARY KEY
);
)sql";

// One trigger per change, each with two statements: triggers of one event run in no
// promised order, so "is it expected" and "forget it" must stand in one. They run
// on the other tool's connection, hence only functions that every SQLite has.
constexpr std::string_view kForeignCommits = R"sql(
CREATE TRIGGER iceberg_tables_created AFTER INSERT ON iceberg_tables BEGIN
  INSERT INTO journal (time, actor, kind, address, body)
  SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000, 'foreign',
         'foreign_commit', 'dataset.' || NEW.table_name,
         json_object('action', 'create', 'catalog', NEW.catalog_name,
                     'namespace', NEW.table_namespace, 'table', NEW.table_name,
                     'metadata_location', NEW.metadata_location,
                     'previous_metadata_location', NEW.previous_metadata_location)
  WHERE NOT EXISTS (SELECT 1 FROM iceberg_expected
                    WHERE metadata_location = NEW.metadata_location);
  DELETE FROM iceberg_expected WHERE metadata_location = NEW.metadata_location;
END;
CREATE TRIGGER iceberg_tables_committed AFTER UPDATE ON iceberg_tables BEGIN
  INSERT INTO journal (time, actor, kind, address, body)
  SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000, 'foreign',
         'foreign_commit', 'dataset.' || NEW.table_name,
         json_object('action',
                     CASE WHEN OLD.table_name = NEW.table_name
                           AND OLD.table_namespace = NEW.table_namespace
                          THEN 'commit' ELSE 'rename' END,
                     'catalog', NEW.catalog_name,
                     'namespace', NEW.table_namespace, 'table', NEW.table_name,
                     'metadata_location', NEW.metadata_location,
                     'previous_metadata_location', NEW.previous_metadata_location)
  WHERE NOT EXISTS (SELECT 1 FROM iceberg_expected
                    WHERE metadata_location = NEW.metadata_location);
  DELETE FROM iceberg_expected WHERE metadata_location = NEW.metadata_location;
END;
CREATE TRIGGER iceberg_tables_dropped AFTER DELETE ON iceberg_tables BEGIN
  INSERT INTO journal (time, actor, kind, address, body)
  SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000, 'foreign',
         'foreign_commit', 'dataset.' || OLD.table_name,
         json_object('action', 'drop', 'catalog', OLD.catalog_name,
                     'namespace', OLD.table_namespace, 'table', OLD.table_name,
                     'metadata_location', OLD.metadata_location,
                     'previous_metadata_location', OLD.previous_metadata_location)
  WHERE NOT EXISTS (SELECT 1 FROM iceberg_expected
                    WHERE metadata_location = OLD.metadata_location);
  DELETE FROM iceberg_expected WHERE metadata_location = OLD.metadata_location;
END;
)sql";

// The sender that has a message in hand, "host/pid/start of the process" (store/outbox.cc): what a
// killed one had is free at once.
constexpr std::string_view kOutboxClaims = R"sql(
ALTER TABLE outbox ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
)sql";

// What belongs together in check_results: one suite over one batch at one time. Bad rows stand
// apart, as they are kept for a shorter time. Results of older files become validations too.
constexpr std::string_view kValidations = R"sql(
-- A suite as it was when it ran: its checks in order. Many validations share one.
CREATE TABLE suites (
  hash    TEXT NOT NULL PRIMARY KEY,
  content TEXT NOT NULL
);

-- dataset: its address; where there is no project, the name of what was looked at.
-- state: passed, warning, failed, error.
CREATE TABLE validations (
  validation_id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid          TEXT    NOT NULL UNIQUE,
  dataset       TEXT    NOT NULL,
  batch         TEXT    NOT NULL DEFAULT '',
  state         TEXT    NOT NULL,
  time          INTEGER NOT NULL,
  run_id        TEXT    NOT NULL DEFAULT '',
  release_id    INTEGER NOT NULL DEFAULT 0,
  version       INTEGER NOT NULL DEFAULT 0,
  snapshot_id   INTEGER NOT NULL DEFAULT 0,
  suite_hash    TEXT    NOT NULL DEFAULT '',
  body          TEXT    NOT NULL DEFAULT '{}'
);
CREATE INDEX validations_dataset ON validations (dataset, validation_id);
CREATE INDEX validations_time    ON validations (time);
CREATE INDEX validations_run     ON validations (run_id);
CREATE INDEX validations_suite   ON validations (suite_hash);

-- observed: the observed value where it is a number, for charts.
ALTER TABLE check_results ADD COLUMN validation_id      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE check_results ADD COLUMN ordinal            INTEGER NOT NULL DEFAULT 0;
ALTER TABLE check_results ADD COLUMN type               TEXT NOT NULL DEFAULT '';
ALTER TABLE check_results ADD COLUMN observed           REAL;
ALTER TABLE check_results ADD COLUMN unexpected_percent REAL;
CREATE INDEX check_results_validation ON check_results (validation_id, ordinal);

-- The bad rows and values of one result.
CREATE TABLE check_samples (
  result_id INTEGER NOT NULL PRIMARY KEY,
  time      INTEGER NOT NULL,
  body      TEXT    NOT NULL
);
CREATE INDEX check_samples_time ON check_samples (time);

INSERT INTO validations (uuid, dataset, state, time, run_id, version, snapshot_id, body)
SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
             substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' ||
             hex(randomblob(6))),
       dataset,
       CASE WHEN sum(state = 'error' AND severity = 'critical') > 0 THEN 'error'
            WHEN sum(state = 'failed' AND severity = 'critical') > 0 THEN 'failed'
            WHEN sum(state <> 'passed') > 0 THEN 'warning' ELSE 'passed' END,
       time, run_id, version, snapshot_id, '{"trigger":"run"}'
FROM check_results GROUP BY dataset, run_id, time, snapshot_id, version
ORDER BY min(result_id);
UPDATE check_results SET ordinal = result_id, type = coalesce(json_extract(body, '$.type'), ''),
  observed = CASE WHEN json_type(body, '$.observed_value') IN ('integer', 'real')
                  THEN json_extract(body, '$.observed_value') END,
  unexpected_percent = json_extract(body, '$.unexpected_percent'),
  validation_id = (SELECT v.validation_id FROM validations v
                   WHERE v.dataset = check_results.dataset AND v.run_id = check_results.run_id
                     AND v.time = check_results.time
                     AND v.snapshot_id = check_results.snapshot_id
                     AND v.version = check_results.version);
INSERT INTO check_samples (result_id, time, body)
SELECT result_id, time,
       json_object('sample', json_extract(body, '$.sample'), 'partial_unexpected_list',
                   json_extract(body, '$.partial_unexpected_list'))
FROM check_results WHERE state <> 'passed';
UPDATE check_results
SET body = json_remove(body, '$.sample', '$.partial_unexpected_list', '$.bad_rows_sql');
)sql";

constexpr std::string_view kStates = R"sql(
-- A workspace of a backend "andon".
CREATE TABLE states (
  state_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  name      TEXT NOT NULL,
  workspace TEXT NOT NULL,
  UNIQUE (name, workspace)
);

-- Each state that was written; head is the state without its objects, or all of it, encrypted.
CREATE TABLE state_versions (
  state_id INTEGER NOT NULL REFERENCES states (state_id),
  version  INTEGER NOT NULL,
  time     INTEGER NOT NULL,
  actor    TEXT    NOT NULL,
  serial   INTEGER NOT NULL,
  lineage  TEXT    NOT NULL,
  digest   TEXT    NOT NULL,
  changed  INTEGER NOT NULL,
  objects  INTEGER NOT NULL,
  head     TEXT    NOT NULL,
  PRIMARY KEY (state_id, version)
);

-- An object of the versions from `since` on, before `until`; its content is a blob.
CREATE TABLE state_objects (
  state_id INTEGER NOT NULL REFERENCES states (state_id),
  address  TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  until    INTEGER,
  hash     TEXT    NOT NULL,
  PRIMARY KEY (state_id, address, since)
);
CREATE INDEX state_objects_present ON state_objects (state_id) WHERE until IS NULL;
)sql";

}  // namespace

const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> kMigrations = {
      {1, "control tables", kControl},
      {2, "Iceberg's SQL catalog", kIcebergCatalog},
      {3, "facts of foreign commits", kForeignCommits},
      {4, "senders of notifications", kOutboxClaims},
      {5, "validations", kValidations},
      {6, "states", kStates},
  };
  return kMigrations;
}

int SchemaVersion() { return Migrations().back().version; }

}  // namespace andon::store
