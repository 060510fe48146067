-- From version 2 to 3: the sender's version and proof, mappings that events were tried by, new request ids on demand.
ALTER TABLE events ADD COLUMN version BIGINT;
ALTER TABLE events ADD COLUMN verified_by TEXT;
ALTER TABLE deliveries ADD COLUMN request_key BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN mapping TEXT;
ALTER TABLE deliveries ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN mapping TEXT;
