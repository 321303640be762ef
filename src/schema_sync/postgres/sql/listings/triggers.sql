-- Triggers, without their arguments.
select d."table"->>'schema' as schema, d."table"->>'name' as "table", d.name, d.timing, d.events, d.level, d.function,
       d.enabled
from __DETAILS__ d
