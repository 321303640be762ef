-- A page of the rows of all catalog queries, as JSON in base64, in one snapshot. Rows have the keys f1, f2 …,
-- whatever their columns.
with parts(name, rows) as (
__PARTS__
),
whole as materialized (
  select pg_catalog.convert_to(pg_catalog.json_object_agg(name, rows)::text, 'UTF8') as body from parts
)
select pg_catalog.octet_length(body) as size, pg_catalog.md5(body) as digest,
       pg_catalog.encode(pg_catalog.substr(body, __START__, __COUNT__), 'base64') as page
from whole
