-- Ticket views have a history. What the columns mean is said in ../sqlite/schema.sql. The table snapshots stays for
-- replicas of the version before; nobody else looks at it.

CREATE TABLE view_pieces (
    connection  TEXT COLLATE "C" NOT NULL,
    id          BYTEA NOT NULL,
    used_at     BIGINT NOT NULL,
    content     BYTEA NOT NULL,
    -- What was not used for long is looked for among all of them: without their contents.
    PRIMARY KEY (connection, id) INCLUDE (used_at)
);

CREATE TABLE view_versions (
    connection  TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    prior       BIGINT NOT NULL,
    view        TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    count       BIGINT NOT NULL,
    about       TEXT COLLATE "C",
    chunks      BYTEA NOT NULL,
    PRIMARY KEY (connection, number)
);

CREATE INDEX view_versions_view ON view_versions (connection, view, number) INCLUDE (at, count);
CREATE INDEX view_versions_at ON view_versions (connection, at, number);

-- Compressed already, or hashes: the server need not try.
ALTER TABLE view_pieces ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE view_versions ALTER COLUMN chunks SET STORAGE EXTERNAL;
