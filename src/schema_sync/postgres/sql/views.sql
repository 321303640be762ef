-- What the queries of views are made of, fetched as the few words of their rewrite rules' trees that tell where a
-- column comes from: nodes, the fields that hold nodes, and some numbers. Views of other schemas may stand in
-- between. A name in a tree has its blanks, brackets and backslashes escaped, so none passes for a field.
select r.ev_class::int8,
       array_to_string(array(
         select m[1]
         from pg_catalog.regexp_matches(
           r.ev_action::text,
           '(\\.|\{[A-Z]+|\}|:[a-zA-Z]+ (?=\(*\{)'
             || '|:(?:varno|varattno|varlevelsup|resno|relid|rtekind|jointype|rtindex|ctelevelsup) -?\d+'
             || '|:ctename \S+)',
           'g'
         ) m
       ), ' ')
from pg_catalog.pg_rewrite r
where r.ev_type = '1'
  and (  -- looked up for each: a join reads all of pg_class
    select c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.oid = r.ev_class
  )
