select '__NAME__', (
  select coalesce(pg_catalog.json_agg(x.row__ORDER__), '[]')
  from (
    select pg_catalog.row_to_json(row(r.*)) as row from (
__QUERY__
    ) r
  ) x
)
