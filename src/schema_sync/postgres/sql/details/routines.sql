-- Functions and procedures, without their bodies: those can hold keys. Extensions' own are left out.
select pg_catalog.json_build_object('schema', n.nspname, 'name', p.proname) as name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) as arguments,
       pg_catalog.pg_get_function_result(p.oid) as returns,
       case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window' else 'function' end as kind,
       l.lanname as language,
       case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility,
       p.prosecdef as security_definer,
       pg_catalog.obj_description(p.oid, 'pg_proc') as comment,
       array(
         select pg_catalog.json_build_object('schema', u.schema, 'name', u.name)
         from (
           select distinct tn.nspname as schema, coalesce(e.typname, t.typname) as name
           from pg_catalog.unnest(p.prorettype || p.proargtypes::oid[] || coalesce(p.proallargtypes, '{}')) a
           join pg_catalog.pg_type t on t.oid = a
           left join pg_catalog.pg_type e on e.typarray = t.oid
           join pg_catalog.pg_namespace tn on tn.oid = coalesce(e.typnamespace, t.typnamespace)
         ) u
         order by u.schema collate "C", u.name collate "C"
       ) as types
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where n.nspname in (__SCHEMAS__)
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
  )
order by n.nspname collate "C", p.proname collate "C",
         pg_catalog.pg_get_function_identity_arguments(p.oid) collate "C"
