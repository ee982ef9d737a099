-- Messages between executions and from outside, who waits for them, and what attempts logged.

-- One row for each activation that waits for a message; `w` is in the order in which they began to wait.
create table waits (
    w           integer primary key,
    x           integer not null,
    activation  text    not null,
    name        text    not null,
    correlation text    not null,
    unique (x, activation, name)
) strict;
create index waiting on waits (name, correlation);

-- Messages that nobody has taken. Numbers are never given again: a commit takes a message by its number.
-- One with `keep` 0 goes with the last wait for it.
-- `awaited` is 1 for the oldest message of each (name, correlation) that somebody waits for, and for no other. So
-- the matches are found without a look at messages that nobody waits for, and a wait that begins or ends touches one
-- message, however many there are.
create table inbox (
    id          integer primary key autoincrement,
    name        text    not null,
    correlation text    not null,
    payload     blob    not null,
    sent_at     integer not null,
    expires_at  integer,
    keep        integer not null,
    awaited     integer not null default 0
) strict;
create index addressed on inbox (name, correlation);
create index awaited on inbox (awaited) where awaited = 1;
create index expiring on inbox (expires_at) where expires_at is not null;

-- The senders' keys by which a repeated message is known, taken or not, until the message's time is up.
create table received (
    name       text    not null,
    dedup      text    not null,
    digest     blob    not null,
    expires_at integer,
    primary key (name, dedup)
) strict, without rowid;
create index forgetting on received (expires_at) where expires_at is not null;

-- The side log: no part of the history.
create table logs (
    id         integer primary key,
    x          integer not null,
    activation text    not null,
    attempt    integer not null,
    at         integer not null,
    level      integer not null,
    message    text    not null
) strict;
create index logged on logs (x);
