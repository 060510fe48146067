-- From version 1 to 2: events that are only hints, and what was last written to a linked entity.
ALTER TABLE events ADD COLUMN hint BIGINT NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN written TEXT;
