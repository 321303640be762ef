-- Functions and procedures, without their bodies.
select d.name->>'schema' as schema, d.name->>'name' as name, d.arguments, d.returns, d.kind, d.language, d.volatility,
       d.security_definer
from __DETAILS__ d
