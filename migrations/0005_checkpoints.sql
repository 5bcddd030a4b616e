-- Checkpoints that have a name are kept for ever; of the others, every so many-th can be.

ALTER TABLE checkpoints ADD COLUMN name TEXT;

-- The how-many-th checkpoint of its run it is, from 1, whatever became of those before.
ALTER TABLE checkpoints ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;

UPDATE checkpoints SET ordinal =
  (SELECT count(*) FROM checkpoints AS earlier WHERE earlier.run = checkpoints.run AND earlier.step <= checkpoints.step);

CREATE UNIQUE INDEX checkpoints_by_name ON checkpoints (run, name) WHERE name IS NOT NULL;
