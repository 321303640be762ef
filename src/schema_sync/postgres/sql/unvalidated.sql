-- Columns with a NOT NULL constraint that is NOT VALID (PostgreSQL 18): rows from before it may hold nulls.
select k.conrelid::int8, k.conkey[1]::int4
from pg_catalog.pg_constraint k
where k.contype = 'n'
  and not k.convalidated
  and k.conrelid <> 0
