-- A sum of hashes for each system catalog that the other queries read: what they return is the same while this is.
-- Left out are columns that no query reads, most of which move by themselves (statistics, files, transactions).
select 'database' as part, 1::int8 as rows,
  pg_catalog.hash_record_extended(row(d.oid, d.datname, current_setting('server_version_num')), 0)::numeric as hash
from pg_catalog.pg_database d
where d.datname = pg_catalog.current_database()
union all
select 'namespaces', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(row(n.oid, n.nspname), 0))
from pg_catalog.pg_namespace n
union all
select 'relations', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(c.oid, c.relnamespace, c.relname, c.relkind, c.reltype, c.relispartition), 0))
from pg_catalog.pg_class c
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
union all
select 'columns', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(a.attrelid, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity,
      a.attgenerated, a.attcollation), 0))
from pg_catalog.pg_attribute a
where a.attnum > 0 and not a.attisdropped
  and a.attrelid in (select c.oid from pg_catalog.pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c'))
union all
select 'types', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(t.oid, t.typnamespace, t.typname, t.typtype, t.typcategory, t.typarray, t.typbasetype, t.typtypmod,
      t.typnotnull, t.typdefault, t.typrelid), 0))
from pg_catalog.pg_type t
union all
select 'casts', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(k.castsource, k.casttarget, k.castfunc, k.castmethod), 0))
from pg_catalog.pg_cast k
union all
select 'labels', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(e.oid, e.enumtypid, e.enumlabel, e.enumsortorder), 0))
from pg_catalog.pg_enum e
union all
select 'constraints', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(k.oid, k.conname, k.connamespace, k.contype, k.convalidated, k.conrelid, k.conparentid, k.confrelid, k.conkey,
      k.confkey, k.confdeltype, k.confupdtype, k.connoinherit, k.conbin::text), 0))
from pg_catalog.pg_constraint k
where k.contype <> 'n' or not k.convalidated
union all
select 'defaults', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(d.adrelid, d.adnum, d.adbin::text), 0))
from pg_catalog.pg_attrdef d
union all
select 'comments', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(d.classoid, d.objoid, d.objsubid, d.description), 0))
from pg_catalog.pg_description d
where d.objoid >= 12000
union all
select 'members and views', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(d.classid, d.objid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype), 0))
from pg_catalog.pg_depend d
where d.deptype = 'e' or d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
union all
select 'rewrite rules', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(r.oid, r.ev_class, r.ev_type, r.is_instead, r.ev_qual::text, r.ev_action::text), 0))
from pg_catalog.pg_rewrite r
where r.oid >= 16384
union all
select 'triggers', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(t.oid, t.tgrelid, t.tgtype, t.tgenabled, t.tgisinternal), 0))
from pg_catalog.pg_trigger t
where not t.tgisinternal
union all
select 'indexes', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(i.indrelid, i.indexrelid, i.indkey::text, i.indnkeyatts, i.indisunique, i.indisvalid, i.indpred::text,
      i.indexprs::text), 0))
from pg_catalog.pg_index i
where i.indisunique
union all
select 'functions', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(p.oid, p.pronamespace, p.proname, p.prokind, p.prorettype, p.proretset, p.provolatile, p.proisstrict,
      p.pronargdefaults, p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames), 0))
from pg_catalog.pg_proc p
union all
select 'operators', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(o.oid, o.oprnamespace, o.oprname), 0))
from pg_catalog.pg_operator o
union all
select 'collations', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(l.oid, l.collnamespace, l.collname, l.collisdeterministic), 0))
from pg_catalog.pg_collation l
union all
select 'foreign tables', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_record_extended(
  row(f.ftrelid, f.ftserver, f.ftoptions::text, s.srvfdw, s.srvoptions::text, x.fdwhandler), 0))
from pg_catalog.pg_foreign_table f
join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
join pg_catalog.pg_foreign_data_wrapper x on x.oid = s.srvfdw
