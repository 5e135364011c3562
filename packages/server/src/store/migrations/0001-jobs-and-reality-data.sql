-- An iTwin id belongs to the tenant that first uses it.
create table itwin (
  id uuid primary key,
  org text not null,
  claimed_at timestamptz not null
);

create table job (
  id uuid primary key,
  org text not null,
  user_id text not null,
  email text not null,
  client_id text not null,
  itwin_id uuid not null references itwin,
  type text not null,
  name text not null,
  -- [{"name": internal name, "realityDataId": guid}]
  inputs jsonb not null,
  outputs jsonb not null,
  options jsonb not null,
  options_sent jsonb,
  cost_parameters jsonb,
  state text not null check (state in ('unsubmitted', 'active', 'success', 'failed', 'cancelled')),
  percentage double precision not null default 0 check (percentage >= 0 and percentage <= 100),
  step text not null default '',
  -- How often work was begun. Every write of a worker carries the number it was given.
  attempt integer not null default 0,
  -- How many workers were lost in the middle of this job, restarts of a whole host aside.
  losses integer not null default 0,
  -- The lease in the queue, and who holds it.
  queue_id uuid,
  agent text,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  submitted_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  exit_code integer,
  processing_units double precision,
  errors jsonb not null default '[]',
  warnings jsonb not null default '[]',
  -- 100 % means success and success means 100 %.
  constraint percentage_100_is_success check ((state = 'success') = (percentage = 100)),
  constraint final_states_have_an_end check ((state in ('success', 'failed', 'cancelled')) = (ended_at is not null))
);
create index job_by_creation on job (org, created_at desc, id);
create index job_by_itwin on job (itwin_id, created_at desc, id);
create index job_by_agent on job (agent) where state = 'active';

create table reality_data (
  id uuid primary key,
  org text not null,
  owner_id text not null,
  itwin_id uuid references itwin,
  -- What clients set: displayName, type, tags, ...
  properties jsonb not null,
  -- The job that writes it, and under which internal output name.
  job_id uuid references job on delete cascade,
  output text,
  -- 0: uploaded by clients; otherwise the attempt whose files it shows, null until one has succeeded.
  attempt integer,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  last_accessed_at timestamptz not null
);
create index reality_data_by_creation on reality_data (org, created_at desc, id);
create index reality_data_by_job on reality_data (job_id);
