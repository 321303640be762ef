-- Indexes, with what they are on.
select d."table"->>'schema' as schema, d."table"->>'name' as "table", d.name, d.method, d."unique", d."primary", d.valid,
       d.columns, d.predicate
from __DETAILS__ d
