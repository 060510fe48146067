-- Every key starts with the connection, so that the schema can be sharded by it. Times are unix milliseconds.

-- What was accepted; never changed afterwards.
CREATE TABLE IF NOT EXISTS events (
    seq         INTEGER PRIMARY KEY,
    connection  TEXT NOT NULL,
    id          TEXT NOT NULL,
    type        TEXT NOT NULL,
    lane        TEXT NOT NULL,
    time        BIGINT,
    accepted_at BIGINT NOT NULL,
    traceparent TEXT,
    digest      BLOB NOT NULL,
    data_start  BIGINT NOT NULL,
    data_end    BIGINT NOT NULL,
    body        BLOB NOT NULL,
    hint        BIGINT NOT NULL DEFAULT 0,
    version     BIGINT,
    verified_by TEXT,
    UNIQUE (connection, id)
);

-- Where each event stands. due_at is set only for the head of a lane that may be worked on: it is when the
-- next attempt may start, or, while a worker has it, when its lease ends. open is 1 as long as the event holds
-- its lane. attempts counts for ever and numbers the attempts; tried counts since fresh_at, when the event was
-- accepted or last replayed, and is what the retry policy looks at. request_key counts how often an operator has
-- asked for new request ids. mapping is the digest of the mapping that the event was first tried by; pinned is 1 if
-- an operator wants it delivered by that one.
CREATE TABLE IF NOT EXISTS deliveries (
    connection  TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    lane        TEXT NOT NULL,
    status      TEXT NOT NULL,
    open        BIGINT NOT NULL,
    due_at      BIGINT,
    attempts    BIGINT NOT NULL,
    tried       BIGINT NOT NULL,
    fresh_at    BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    code        TEXT,
    message     TEXT,
    target_kind TEXT,
    target_id   TEXT,
    ignored     TEXT,
    request_key BIGINT NOT NULL DEFAULT 0,
    mapping     TEXT,
    pinned      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (connection, seq)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS deliveries_lane ON deliveries (connection, lane, seq) WHERE open = 1;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (connection, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_attention ON deliveries (connection, status, seq)
    WHERE status IN ('parked', 'dead');
CREATE INDEX IF NOT EXISTS deliveries_done ON deliveries (updated_at) WHERE open = 0 AND status <> 'dead';

-- One row an attempt, written before its first call: a row without finished_at whose worker is gone is a call
-- whose answer never came.
CREATE TABLE IF NOT EXISTS attempts (
    connection  TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    attempt     BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    outcome     TEXT,
    code        TEXT,
    message     TEXT,
    retry_at    BIGINT,
    calls       TEXT,
    mapping     TEXT,
    PRIMARY KEY (connection, seq, attempt)
) WITHOUT ROWID;

-- One row for each call that makes something at the target, written before the call: a row without answered_at is
-- a thing that may be there or not. sent is by what it can be recognised there, as JSON text; opaque here.
CREATE TABLE IF NOT EXISTS effects (
    connection  TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    attempt     BIGINT NOT NULL,
    step        TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    sent        TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    answered_at BIGINT,
    target_id   TEXT,
    PRIMARY KEY (connection, seq, attempt, step)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS effects_open ON effects (connection, step) WHERE answered_at IS NULL;

-- Which entity at the target stands for which at the source, the source's version last applied to it, and what
-- was last written to it (a hash for each field, as JSON text; opaque here).
CREATE TABLE IF NOT EXISTS links (
    connection  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    version     BIGINT,
    updated_at  BIGINT NOT NULL,
    written     TEXT,
    PRIMARY KEY (connection, kind, source_id)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS links_target ON links (target_id, kind);
-- What was written long ago is forgotten. A file of before gets it at the next start, and is of the same version with it.
CREATE INDEX IF NOT EXISTS links_written ON links (updated_at) WHERE written IS NOT NULL;

-- What versions of ticket views are made of, by the first half of the SHA-256 of its content. With a rowid: what is put
-- together is read together, and stands on the same pages.
CREATE TABLE IF NOT EXISTS view_pieces (
    connection  TEXT NOT NULL,
    id          BLOB NOT NULL,
    used_at     BIGINT NOT NULL,
    content     BLOB NOT NULL,
    PRIMARY KEY (connection, id)
);

-- What was not used for long is looked for among all of them: without their contents.
CREATE INDEX IF NOT EXISTS view_pieces_used ON view_pieces (connection, id, used_at);

-- The states that ticket views were in, numbered over all views of the connection; at never goes back as number grows.
-- prior is the number of the view's state before. chunks is the ids of pieces, one after the other, 16 bytes each;
-- without about, the view is gone.
CREATE TABLE IF NOT EXISTS view_versions (
    connection  TEXT NOT NULL,
    number      BIGINT NOT NULL,
    prior       BIGINT NOT NULL,
    view        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    count       BIGINT NOT NULL,
    about       TEXT,
    chunks      BLOB NOT NULL,
    PRIMARY KEY (connection, number)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS view_versions_view ON view_versions (connection, view, number, at, count);
CREATE INDEX IF NOT EXISTS view_versions_at ON view_versions (connection, at, number);

-- The mappings that events were tried by, by the digest of their content.
CREATE TABLE IF NOT EXISTS mappings (
    digest      TEXT NOT NULL PRIMARY KEY,
    content     TEXT NOT NULL,
    kept_at     BIGINT NOT NULL
) WITHOUT ROWID;

-- How far the readers of a source's lists have come, in their own words.
CREATE TABLE IF NOT EXISTS cursors (
    connection  TEXT NOT NULL,
    name        TEXT NOT NULL,
    place       TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (connection, name)
) WITHOUT ROWID;

-- Who of several processes does what only one may do at a time, and until when.
CREATE TABLE IF NOT EXISTS leaders (
    name        TEXT NOT NULL PRIMARY KEY,
    holder      TEXT NOT NULL,
    until       BIGINT NOT NULL
) WITHOUT ROWID;

-- What somebody had done, and which configuration was in force: begun before it was done, ended after it.
CREATE TABLE IF NOT EXISTS audit (
    number      INTEGER NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    -- The name of an API key; null where no key asked for it.
    actor       TEXT,
    action      TEXT NOT NULL,
    -- Of a connection, or of a subscriber's journal.
    connection  TEXT,
    -- To what it was done and how, each as JSON.
    object      TEXT,
    options     TEXT,
    trace_id    TEXT,
    -- Null until it has ended: then 'done' or the code of a problem, and to how many things it was done.
    ended_at    BIGINT,
    outcome     TEXT,
    count       BIGINT
);

CREATE INDEX IF NOT EXISTS audit_at ON audit (at);
