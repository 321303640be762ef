-- Comments on relations, columns and types.
select d.classoid::int8 = 'pg_catalog.pg_type'::pg_catalog.regclass::int8, d.objoid::int8, d.objsubid::int4,
       d.description
from pg_catalog.pg_description d
where d.classoid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
  and d.objoid >= 12000
