-- The statements of the SQLite store, by name. Numbered parameters are in the order of the caller's tuple.

-- name: raise_term
update engine set term = term + 1 returning term;

-- name: advance
-- The ordinary step: it neither changes hands nor moves on the agenda, so no index is written.
update executions set version = ?3, status = ?4, updated_at = ?5
where id = ?1 and version = ?2 and fence = ?6 and due is ?7;

-- name: advance_and_move
update executions set version = ?3, status = ?4, updated_at = ?5, due = ?7, fence = ?8
where id = ?1 and version = ?2 and fence = ?6;

-- name: guard
select version, fence from executions where id = ?1;

-- name: give_up_key
update executions set start_key = null
where id = ?1 and workflow_id = ?2 and start_key = ?3 and status in (select value from json_each(?4));

-- name: begin
insert into executions
    (id, d, workflow_id, status, version, fence, created_at, updated_at, due, start_key, input_hash)
select ?1, d, workflow_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
from definitions where hash = ?10 and workflow_id = ?11 and version = ?12;

-- name: append
insert into history (x, seq, count, settles, body, checksum)
values ((select x from executions where id = ?1), ?2, ?3, ?4, ?5, ?6);

-- name: link
insert into chain (x, seq, key, mark) values ((select x from executions where id = ?1), ?2, ?3, ?4);

-- name: seal
insert into seals (x, version, link, key, mark, snapshot_version, snapshot_link, snapshot_digest, keep_until)
values ((select x from executions where id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
on conflict (x) do update set version = excluded.version, link = excluded.link, key = excluded.key,
    mark = excluded.mark, snapshot_version = excluded.snapshot_version, snapshot_link = excluded.snapshot_link,
    snapshot_digest = excluded.snapshot_digest, keep_until = excluded.keep_until;

-- name: keep_snapshot
insert into snapshots (x, version, body, checksum)
values ((select x from executions where id = ?1), ?2, ?3, ?4)
on conflict (x) do update set version = excluded.version, body = excluded.body, checksum = excluded.checksum;

-- name: head
select e.x, e.version, e.fence, e.due, d.hash, s.version, s.body, s.checksum,
    z.version, z.link, z.key, z.mark, z.snapshot_version, z.snapshot_link, z.snapshot_digest, z.keep_until
from executions e join definitions d using (d) left join snapshots s using (x) left join seals z using (x)
where e.id = ?1;

-- name: rows_after
-- The row that holds the event after ?2 may begin before it.
select seq, count, settles, body, checksum from history
where x = ?1 and seq >= (select max(seq) from history where x = ?1 and seq <= ?2 + 1) and seq + count > ?2 + 1
order by seq limit ?3;

-- name: linked_rows_after
select seq, count, settles, body, checksum, c.key, c.mark from history left join chain c using (x, seq)
where x = ?1 and seq >= (select max(seq) from history where x = ?1 and seq <= ?2 + 1) and seq + count > ?2 + 1
order by seq limit ?3;

-- name: evidence
-- Whatever is there: nothing of it needs to fit.
select seq, count, body, settles, c.key, c.mark from history left join chain c using (x, seq)
where x = ?1 and seq > ?2
order by seq limit ?3;

-- name: key_of
select x from executions where id = ?1;

-- name: extent
select x, version, exists (select 1 from seals z where z.x = e.x) from executions e where id = ?1;

-- name: claim_orphans
select id from executions
where due = 0 and fence < ?1 and workflow_id in (select value from json_each(?2))
limit ?3;

-- name: claim_due
select id from executions
where due > 0 and due <= ?1 and workflow_id in (select value from json_each(?2))
order by due limit ?3;

-- name: next_due
select due from executions
where due > ?1 and workflow_id in (select value from json_each(?2))
order by due limit 1;

-- name: find
-- The caller puts in the conditions it has.
select e.id, e.workflow_id, d.version, d.hash, e.status, e.version, e.fence, e.created_at, e.updated_at, e.due,
    e.start_key, e.input_hash
from executions e join definitions d using (d)
where {conditions}
order by e.id desc limit :limit;

-- name: register
insert into definitions (hash, workflow_id, version, named, body) values (?1, ?2, ?3, 0, ?4)
on conflict (hash) do nothing;

-- name: unname
update definitions set named = 0 where workflow_id = ?1 and version = ?2 and named = 1;

-- name: give_name
update definitions set named = 1 where hash = ?1;

-- name: definition
select hash, workflow_id, version, body from definitions where hash = ?1;

-- name: registered
select hash, workflow_id, version, body from definitions where workflow_id = ?1 and version = ?2 and named = 1;

-- name: listen
insert into waits (x, activation, name, correlation)
values ((select x from executions where id = ?1), ?2, ?3, ?4);

-- name: unlisten
delete from waits
where x = (select x from executions where id = ?1) and activation = ?2 and name = ?3 and correlation = ?4;

-- name: is_awaited
select exists (select 1 from waits where name = ?1 and correlation = ?2);

-- name: put
insert into inbox (name, correlation, payload, sent_at, expires_at, keep) values (?1, ?2, ?3, ?4, ?5, ?6);

-- name: let_go
delete from inbox
where name = ?1 and correlation = ?2 and keep = 0
    and not exists (select 1 from waits where name = ?1 and correlation = ?2);

-- name: remove
delete from inbox where id = ?1 returning name, correlation;

-- name: await_oldest
-- What keeps `awaited` true, for each key whose waits or messages have changed.
update inbox set awaited = 1 - awaited
where id = (select min(id) from inbox where name = ?1 and correlation = ?2)
    and awaited <> exists (select 1 from waits where name = ?1 and correlation = ?2);

-- name: receive
-- A key whose time is up is as good as none.
insert into received (name, dedup, digest, expires_at) values (?1, ?2, ?3, ?4)
on conflict (name, dedup) do update set digest = excluded.digest, expires_at = excluded.expires_at
where expires_at <= ?5;

-- name: received
select digest from received where name = ?1 and dedup = ?2;

-- name: awaited_keys
select name, correlation from inbox m
where awaited = 1 and exists (
    select 1 from waits w join executions e using (x)
    where w.name = m.name and w.correlation = m.correlation
        and (?1 is null or e.workflow_id in (select value from json_each(?1)))
)
order by id limit ?2;

-- name: waiting_for
select e.id, w.activation from waits w join executions e using (x)
where w.name = ?1 and w.correlation = ?2
    and (?3 is null or e.workflow_id in (select value from json_each(?3)))
order by w limit ?4;

-- name: oldest
select id, payload, sent_at, expires_at, keep from inbox where name = ?1 and correlation = ?2 order by id limit ?3;

-- name: expire_messages
delete from inbox where id in (select id from inbox where expires_at <= ?1 limit ?2)
returning name, correlation, awaited;

-- name: expire_keys
delete from received where (name, dedup) in (select name, dedup from received where expires_at <= ?1 limit ?2);

-- name: log
insert into logs (x, activation, attempt, at, level, message)
values ((select x from executions where id = ?1), ?2, ?3, ?4, ?5, ?6);

-- name: logs_after
select id, activation, attempt, at, level, message from logs
where x = (select x from executions where id = ?1) and id > ?2
order by id limit ?3;

-- name: sealed
select keep_until from seals where x = ?1;

-- name: forget_chain
delete from chain where x = ?1;

-- name: forget_seal
delete from seals where x = ?1;

-- name: forget_waits
delete from waits where x = ?1 returning name, correlation;

-- name: forget_logs
delete from logs where x = ?1;

-- name: forget_snapshot
delete from snapshots where x = ?1;

-- name: forget_history
delete from history where x = ?1;

-- name: forget_execution
delete from executions where x = ?1;

-- name: waits_of
select activation, name, correlation from waits
where x = (select x from executions where id = ?1) order by w;
