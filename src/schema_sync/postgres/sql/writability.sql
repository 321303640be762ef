-- What views and foreign tables take, and (attnum > 0) each column of a view: rows to insert, values to update.
-- An INSTEAD OF trigger or an unconditional INSTEAD rule takes all columns; else those that the server can hand on.
-- Where the relation takes nothing, its columns are not told apart.
-- A foreign table whose wrapper has no handler, and a view that reads one, take nothing: to ask is an error there.
select w.oid, a.attnum::int4,
       case when a.attnum = 0 then w.inserts else not w.inserts or w.all_inserts or a.simple end,
       case when a.attnum = 0 then w.updates else not w.updates or w.all_updates or a.simple end
from (
  select c.oid::int8,
         pg_catalog.pg_relation_is_updatable(c.oid, true) & 8 <> 0 as inserts,
         pg_catalog.pg_relation_is_updatable(c.oid, true) & 4 <> 0 as updates,
         exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and t.tgtype & 68 = 68)
           or exists (select from pg_catalog.pg_rewrite r
                      where r.ev_class = c.oid and r.ev_type = '3' and r.is_instead and r.ev_qual = '<>') as all_inserts,
         exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and t.tgtype & 80 = 80)
           or exists (select from pg_catalog.pg_rewrite r
                      where r.ev_class = c.oid and r.ev_type = '2' and r.is_instead and r.ev_qual = '<>') as all_updates
  from pg_catalog.pg_class c
  where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
    and c.relkind in ('v', 'f')
    and not c.relispartition
    and c.oid not in (
      with recursive mute (oid) as (
        select f.ftrelid
        from pg_catalog.pg_foreign_table f
        join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
        join pg_catalog.pg_foreign_data_wrapper x on x.oid = s.srvfdw
        where x.fdwhandler = 0
        union
        select r.ev_class
        from mute m
        join pg_catalog.pg_depend d on d.refobjid = m.oid
          and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        join pg_catalog.pg_rewrite r on r.oid = d.objid
      )
      select m.oid from mute m
    )
) w
cross join lateral (
  select 0 as attnum, true as simple
  union all
  select a.attnum, pg_catalog.pg_column_is_updatable(a.attrelid, a.attnum, false)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class v on v.oid = a.attrelid
  where a.attrelid = w.oid and v.relkind = 'v' and a.attnum > 0 and not a.attisdropped
) a
