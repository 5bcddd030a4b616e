-- What runs find out and leave behind, what they build on, and studies.

-- Runs whose models this one builds on or waits for, by role.
ALTER TABLE runs ADD COLUMN inputs TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(inputs));

CREATE TABLE results (
  run INTEGER NOT NULL REFERENCES runs (key),
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  time REAL NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifacts (
  run INTEGER NOT NULL REFERENCES runs (key),
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  time REAL NOT NULL,
  media_type TEXT NOT NULL,
  description TEXT NOT NULL,
  blob INTEGER NOT NULL REFERENCES blobs (id),
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_blob ON artifacts (blob);

-- Contents that a run was given when it was launched (a model to load), by role: they stay what they were then, whatever
-- becomes of the file or the run that they came from.
CREATE TABLE given (
  run INTEGER NOT NULL REFERENCES runs (key),
  role TEXT NOT NULL,
  blob INTEGER NOT NULL REFERENCES blobs (id),
  PRIMARY KEY (run, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX given_by_blob ON given (blob);

-- Named sets of runs; which runs of the library belong to one follows from their parameters.
CREATE TABLE studies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at REAL NOT NULL,
  definition TEXT NOT NULL CHECK (json_valid(definition))
) STRICT, WITHOUT ROWID;
