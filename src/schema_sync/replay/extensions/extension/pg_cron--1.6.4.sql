-- Signatures of pg_cron 1.6, in its schema cron. Jobs are written down and never run.
do $$ begin if to_regnamespace('cron') is null then create schema cron; end if; end $$;
create sequence cron.jobid_seq;
create sequence cron.runid_seq;
create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'), schedule text not null, command text not null,
  nodename text not null default 'localhost', nodeport integer not null default 5432,
  database text not null default current_database(), username text not null default current_user,
  active boolean not null default true, jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);
create table cron.job_run_details (
  jobid bigint, runid bigint primary key default nextval('cron.runid_seq'), job_pid integer, database text,
  username text, command text, status text, return_message text, start_time timestamptz, end_time timestamptz
);
create function cron.schedule(schedule text, command text) returns bigint language sql begin atomic
  insert into cron.job (schedule, command) values ($1, $2) returning jobid;
end;
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql begin atomic
  insert into cron.job (jobname, schedule, command) values ($1, $2, $3)
    on conflict on constraint jobname_username_uniq do update set schedule = excluded.schedule,
      command = excluded.command returning jobid;
end;
create function cron.schedule_in_database(job_name text, schedule text, command text, database text,
  username text default null, active boolean default true) returns bigint language sql
  return cron.schedule(job_name, schedule, command);
create function cron.unschedule(job_id bigint) returns boolean language sql begin atomic
  delete from cron.job where jobid = $1;
  select true;
end;
create function cron.unschedule(job_name text) returns boolean language sql begin atomic
  delete from cron.job where jobname = $1;
  select true;
end;
create function cron.alter_job(job_id bigint, schedule text default null, command text default null,
  database text default null, username text default null, active boolean default null) returns void
  language sql return null;
create function cron.job_cache_invalidate() returns trigger language plpgsql as 'begin return null; end';
