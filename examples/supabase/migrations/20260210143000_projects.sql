-- Projects belong to organizations.
create type public.project_status as enum ('draft', 'active', 'archived');

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null,
  description text,
  status public.project_status not null default 'draft',
  score text,
  tags text[] not null default '{}',
  created_at timestamptz not null default now()
);
