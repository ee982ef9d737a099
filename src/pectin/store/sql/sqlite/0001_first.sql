-- The layout of a store, one file. Short integer keys (x, d) mean something in this file only; all times are
-- milliseconds since the epoch, UTC; execution ids are the 16 bytes of their UUID.

-- How often an engine took charge; the newest one's fence.
create table engine (
    only_row integer primary key check (only_row = 1),
    term     integer not null
) strict;
insert into engine values (1, 0);

-- Registered definitions. `named` is 1 for the one that its workflow id and version name now.
create table definitions (
    d           integer primary key,
    hash        text    not null unique,
    workflow_id text    not null,
    version     text    not null,
    named       integer not null,
    body        blob    not null
) strict;
create unique index registered on definitions (workflow_id, version) where named = 1;

-- One row for each execution: what guards a commit, and what a list shows.
-- `due` is the agenda: 0 is owned by the engine in charge, null waits for a message or has ended.
create table executions (
    x           integer primary key,
    id          blob    not null unique check (length(id) = 16),
    d           integer not null references definitions,
    workflow_id text    not null,
    status      integer not null,
    version     integer not null,
    fence       integer not null,
    created_at  integer not null,
    updated_at  integer not null,
    due         integer,
    start_key   text,
    input_hash  text
) strict;
create index agenda on executions (due, fence) where due is not null;
create unique index start on executions (start_key, workflow_id) where start_key is not null;

-- One row for each commit, appended: `count` events from `seq` on, as a JSON array. A table with rowids, because a
-- group of commits then fills the last pages instead of touching one page for each execution.
create table history (
    x       integer not null,
    seq     integer not null,
    count   integer not null,
    settles text,
    body    blob    not null,
    unique (x, seq)
) strict;
create unique index outcome on history (x, settles) where settles is not null;

-- A cache: delete them all and nothing changes.
create table snapshots (
    x       integer primary key,
    version integer not null,
    body    blob    not null
) strict;
