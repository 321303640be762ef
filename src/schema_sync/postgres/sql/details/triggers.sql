-- Triggers, without their arguments: those can hold keys. The bits are those of pg_trigger.h.
select pg_catalog.json_build_object('schema', n.nspname, 'name', t.relname) as "table", g.tgname as name,
       case when g.tgtype & 2 <> 0 then 'before' when g.tgtype & 64 <> 0 then 'instead of' else 'after' end as timing,
       pg_catalog.array_remove(array[
         case when g.tgtype & 4 <> 0 then 'insert' end, case when g.tgtype & 16 <> 0 then 'update' end,
         case when g.tgtype & 8 <> 0 then 'delete' end, case when g.tgtype & 32 <> 0 then 'truncate' end
       ], null) as events,
       case when g.tgtype & 1 <> 0 then 'row' else 'statement' end as level,
       pn.nspname || '.' || p.proname as function, g.tgenabled <> 'D' as enabled
from pg_catalog.pg_trigger g
join pg_catalog.pg_class t on t.oid = g.tgrelid
join pg_catalog.pg_namespace n on n.oid = t.relnamespace
join pg_catalog.pg_proc p on p.oid = g.tgfoid
join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
where n.nspname in (__SCHEMAS__)
  and not g.tgisinternal
  and not t.relispartition
order by n.nspname collate "C", t.relname collate "C", g.tgname collate "C"
