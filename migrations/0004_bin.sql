-- Removed runs lie in a bin until they are restored, or deleted for good.

-- From when on what is a run's is being deleted, in slices; removed_at alone is the bin.
ALTER TABLE runs ADD COLUMN deleted_at REAL;

-- Before there was a bin, what was removed was being deleted; that goes on.
UPDATE runs SET deleted_at = removed_at WHERE removed_at IS NOT NULL;

CREATE INDEX runs_deleted ON runs (deleted_at) WHERE deleted_at IS NOT NULL;
