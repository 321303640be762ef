-- The signature of index_advisor 0.2.
create function index_advisor(query text) returns table (startup_cost_before jsonb, startup_cost_after jsonb,
  total_cost_before jsonb, total_cost_after jsonb, index_statements text[], errors text[])
  language sql volatile begin atomic
  select null::jsonb, null::jsonb, null::jsonb, null::jsonb, '{}'::text[], '{}'::text[] where false;
end;
