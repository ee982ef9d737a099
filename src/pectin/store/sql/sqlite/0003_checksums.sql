-- SQLite has no checksums: a bit that flips on the disk is read as data. So histories have their own, and the snapshots
-- that stand for them. A definition needs none: its hash is known to whoever asks for it.
-- `history_checksum` is a function that the store has while it migrates.

alter table history add column checksum integer;
update history set checksum = history_checksum((select id from executions e where e.x = history.x), seq, count, settles,
    body);

delete from snapshots;
alter table snapshots add column checksum integer;
