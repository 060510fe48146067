-- What was last written to an entity is forgotten when it is as old as events may be.
CREATE INDEX links_written ON links (updated_at) WHERE written IS NOT NULL;
