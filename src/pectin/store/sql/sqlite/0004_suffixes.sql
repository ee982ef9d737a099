-- People name an execution by the end of its id, six hex digits or more: without this, each time all are looked through.
create index suffix on executions (substr(id, 14));
