-- What `check` asks of the file, and how it is mended. These read whole tables: nothing else asks them.

-- name: gaps
select distinct e.id from (
    select x, seq, lag(seq + count, 1, 1) over (partition by x order by seq) as next, count from history
) h join executions e using (x)
where h.seq <> h.next or h.count < 1
limit ?1;

-- name: outcomes
select e.id, h.settles from history h join executions e using (x)
where h.settles is not null
group by h.x, h.settles having count(*) > 1
limit ?1;

-- name: heads
select x from history where x not in (select x from executions)
union select x from seals where x not in (select x from executions) limit ?1;

-- name: definitions
select id from executions where d not in (select d from definitions) limit ?1;

-- name: fences
select id, fence from executions where fence > coalesce((select term from engine), 0) limit ?1;

-- name: statuses
select id, status from executions where status not in (select value from json_each(?2)) limit ?1;

-- name: orphans
select what, x from (
    select 'a wait' as what, x from waits union select 'a snapshot', x from snapshots union select 'a log', x from logs
) where x not in (select x from executions)
limit ?1;

-- name: marks
select name, correlation from inbox m
where awaited <> (
    id = (select min(id) from inbox o where o.name = m.name and o.correlation = m.correlation)
    and exists (select 1 from waits w where w.name = m.name and w.correlation = m.correlation)
)
limit ?1;

-- name: sweep_waits
delete from waits where x not in (select x from executions);

-- name: sweep_snapshots
delete from snapshots where x not in (select x from executions);

-- name: sweep_logs
delete from logs where x not in (select x from executions);

-- name: sweep_marks
update inbox set awaited = 1 - awaited
where awaited <> (
    id = (select min(id) from inbox o where o.name = inbox.name and o.correlation = inbox.correlation)
    and exists (select 1 from waits w where w.name = inbox.name and w.correlation = inbox.correlation)
);
