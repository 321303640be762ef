-- Labels of all enum types; few enough to take them all.
select e.enumtypid::int8, e.enumlabel::text, e.enumsortorder::float4, e.oid::int8
from pg_catalog.pg_enum e
