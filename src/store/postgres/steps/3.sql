-- What operators do is written down. What the columns mean is said in ../sqlite/schema.sql.

CREATE TABLE audit (
    number      BIGINT NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT COLLATE "C",
    action      TEXT COLLATE "C" NOT NULL,
    connection  TEXT COLLATE "C",
    object      TEXT COLLATE "C",
    options     TEXT COLLATE "C",
    trace_id    TEXT COLLATE "C",
    ended_at    BIGINT,
    outcome     TEXT COLLATE "C",
    count       BIGINT
);

CREATE INDEX audit_at ON audit (at);
