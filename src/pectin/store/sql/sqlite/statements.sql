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
insert into history (x, seq, count, settles, body)
values ((select x from executions where id = ?1), ?2, ?3, ?4, ?5);

-- name: keep_snapshot
insert into snapshots (x, version, body)
values ((select x from executions where id = ?1), ?2, ?3)
on conflict (x) do update set version = excluded.version, body = excluded.body;

-- name: head
select e.x, e.version, e.fence, e.due, d.hash, s.body, coalesce(s.version, 0)
from executions e join definitions d using (d) left join snapshots s using (x)
where e.id = ?1;

-- name: rows_after
-- The row that holds the event after ?2 may begin before it.
select seq, count, body, settles from history
where x = ?1 and seq >= (select max(seq) from history where x = ?1 and seq <= ?2 + 1) and seq + count > ?2 + 1
order by seq limit ?3;

-- name: key_of
select x from executions where id = ?1;

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
