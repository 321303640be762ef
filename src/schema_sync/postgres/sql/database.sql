-- The server's version and a key of the database that survives renames and restarts, but no restore.
select current_setting('server_version_num')::int4,
       (select system_identifier from pg_catalog.pg_control_system())::text || '/' || d.oid::text
from pg_catalog.pg_database d
where d.datname = current_database()
