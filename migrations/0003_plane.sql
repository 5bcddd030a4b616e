-- Pictures of runs step by step, parameters changed while they trained, and distributions of the user's own.

-- Live parameters as the user wants them now.
ALTER TABLE runs ADD COLUMN live TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(live));

CREATE TABLE frames (
  run INTEGER NOT NULL REFERENCES runs (key),
  step INTEGER NOT NULL,
  time REAL NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  run INTEGER NOT NULL REFERENCES runs (key),
  step INTEGER NOT NULL,
  time REAL NOT NULL,
  params TEXT NOT NULL CHECK (json_valid(params)),
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- Under the hash of the content, so that one that a run names never changes.
CREATE TABLE plane_sets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  -- Strokes or points.
  count INTEGER NOT NULL,
  created_at REAL NOT NULL,
  content TEXT NOT NULL CHECK (json_valid(content))
) STRICT, WITHOUT ROWID;
