-- Row level security policies, without their conditions: those can hold keys.
select d."table"->>'schema' as schema, d."table"->>'name' as "table", d.name, d.enabled, d.permissive, d.command, d.roles
from __DETAILS__ d
