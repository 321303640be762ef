-- Row level security policies, with their conditions: who documents a schema asks for them.
select pg_catalog.json_build_object('schema', n.nspname, 'name', t.relname) as "table", p.polname as name,
       t.relrowsecurity as enabled,
       p.polpermissive as permissive,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
       else 'all' end as command,
       array(
         select coalesce(r.rolname, 'public')
         from pg_catalog.unnest(p.polroles) u
         left join pg_catalog.pg_roles r on r.oid = u
         order by coalesce(r.rolname, 'public') collate "C"
       ) as roles,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) as "using",
       pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as "check"
from pg_catalog.pg_policy p
join pg_catalog.pg_class t on t.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = t.relnamespace
where n.nspname in (__SCHEMAS__)
order by n.nspname collate "C", t.relname collate "C", p.polname collate "C"
