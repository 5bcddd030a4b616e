-- The library: runs and all that they recorded.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT, because a removed run's key must not come back while its points are still being deleted.
CREATE TABLE runs (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  preset TEXT,
  params TEXT NOT NULL CHECK (json_valid(params)),
  name TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  notes TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  queue_position INTEGER,
  created_at REAL NOT NULL,
  started_at REAL,
  ended_at REAL,
  active_ms REAL NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  attempt_started_at REAL,
  progress TEXT,
  engine TEXT,
  problem TEXT,
  -- Newest value of each metric and newest sample, kept here so that a list of runs reads one table.
  metrics TEXT NOT NULL DEFAULT '{}',
  thumbnail TEXT,
  restart_of TEXT,
  -- Batches of points taken in; charts say up to which one they know.
  cursor INTEGER NOT NULL DEFAULT 0,
  log_lines INTEGER NOT NULL DEFAULT 0,
  -- Set when the run is removed; what is its is then deleted in slices.
  removed_at REAL
) STRICT;
CREATE INDEX runs_by_queue_position ON runs (queue_position) WHERE queue_position IS NOT NULL;
CREATE INDEX runs_removed ON runs (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE attempts (
  run INTEGER NOT NULL REFERENCES runs (key),
  attempt INTEGER NOT NULL,
  pid INTEGER,
  process_start TEXT,
  -- Bytes of events.log that are in the library.
  log_offset INTEGER NOT NULL DEFAULT 0,
  -- Column names of the metrics frames by set number, for a reader that starts in the middle of the log.
  series_sets TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(series_sets)),
  started_at REAL NOT NULL,
  ended_at REAL,
  resumed_from INTEGER,
  PRIMARY KEY (run, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_open ON attempts (run, attempt) WHERE ended_at IS NULL;

CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (key),
  name TEXT NOT NULL,
  UNIQUE (run, name)
) STRICT;

-- NaN is NULL. ANY rather than REAL, because a REAL column turns -0.0 into 0.
CREATE TABLE points (
  series INTEGER NOT NULL REFERENCES series (id),
  step INTEGER NOT NULL,
  value ANY,
  PRIMARY KEY (series, step)
) STRICT, WITHOUT ROWID;

-- Roll-ups of points: node n of level k holds the summaries of up to 16 buckets, each of 16^k steps, from
-- step n * 16^(k+1) on; the layout of `data` is in src/main/store/pyramid.ts.
CREATE TABLE rollups (
  series INTEGER NOT NULL REFERENCES series (id),
  level INTEGER NOT NULL,
  node INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (series, level, node)
) STRICT, WITHOUT ROWID;

-- When each step with metrics was, once per run.
CREATE TABLE marks (
  run INTEGER NOT NULL REFERENCES runs (key),
  step INTEGER NOT NULL,
  epoch ANY,
  time ANY,
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- Samples and checkpoints by the SHA-256 of their content, in parts of at most a mebibyte.
CREATE TABLE blobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  bytes INTEGER NOT NULL,
  complete INTEGER NOT NULL
) STRICT;
CREATE INDEX blobs_incomplete ON blobs (id) WHERE complete = 0;

CREATE TABLE blob_parts (
  blob INTEGER NOT NULL REFERENCES blobs (id),
  part INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (blob, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE samples (
  run INTEGER NOT NULL REFERENCES runs (key),
  step INTEGER NOT NULL,
  name TEXT NOT NULL,
  epoch REAL NOT NULL,
  time REAL NOT NULL,
  columns INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  tile_width INTEGER NOT NULL,
  tile_height INTEGER NOT NULL,
  blob INTEGER NOT NULL REFERENCES blobs (id),
  PRIMARY KEY (run, step, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX samples_by_blob ON samples (blob);

CREATE TABLE checkpoints (
  run INTEGER NOT NULL REFERENCES runs (key),
  step INTEGER NOT NULL,
  epoch REAL NOT NULL,
  time REAL NOT NULL,
  blob INTEGER NOT NULL REFERENCES blobs (id),
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX checkpoints_by_blob ON checkpoints (blob);

CREATE TABLE log (
  run INTEGER NOT NULL REFERENCES runs (key),
  seq INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  time REAL NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
