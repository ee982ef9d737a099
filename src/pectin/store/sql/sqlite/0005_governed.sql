-- What only who has the audit key can make: a link for each row of a governed history, and a seal for each head. Nothing
-- here is of an execution that is not governed.

create table chain (
    x    integer not null,
    seq  integer not null,
    key  text    not null,
    mark blob    not null,
    primary key (x, seq)
) strict, without rowid;

-- `keep_until` is when it may be deleted, null for never.
create table seals (
    x                integer primary key,
    version          integer not null,
    link             blob    not null,
    key              text    not null,
    mark             blob    not null,
    snapshot_version integer not null,
    snapshot_link    blob    not null,
    snapshot_digest  blob    not null,
    keep_until       integer
) strict;
