create table webhook (
  id uuid primary key,
  org text not null,
  owner_id text not null,
  -- Only the jobs of this iTwin; null: all of the tenant.
  itwin_id uuid references itwin,
  callback_url text not null,
  secret text not null,
  -- ["realityAnalysis.jobCompleted.v1"]
  event_types jsonb not null,
  active boolean not null default false,
  created_at timestamptz not null,
  modified_at timestamptz not null
);
create index webhook_by_creation on webhook (org, created_at, id);

-- What is to be sent and what was: one row for each event and webhook. Its id is the messageId.
create table webhook_delivery (
  id uuid primary key,
  webhook_id uuid not null references webhook on delete cascade,
  event_type text not null,
  itwin_id uuid,
  content jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  enqueued_at timestamptz not null,
  -- By the clock of the service, as enqueued_at.
  next_attempt_at timestamptz not null,
  -- Attempts begun; whoever made one says how it went under its number.
  attempt integer not null default 0,
  -- Until when whoever makes the current attempt has promised to end it, by the clock of the database.
  lease_until timestamptz,
  -- [{"at": ISO 8601, "milliseconds": 12, "status": 503, "fault": "StatusRefused"}], those that ended.
  attempts jsonb not null default '[]',
  constraint only_pending_deliveries_are_leased check (lease_until is null or state = 'pending')
);
create index webhook_delivery_due on webhook_delivery (next_attempt_at) where state = 'pending';
create index webhook_delivery_next on webhook_delivery (webhook_id, next_attempt_at, id) where state = 'pending';
create index webhook_delivery_leased on webhook_delivery (webhook_id) where lease_until is not null;
create index webhook_delivery_by_webhook on webhook_delivery (webhook_id, enqueued_at desc, id);

-- Whoever ends a job, and however: the event is there if and only if the end is, since both are one transaction.
create function record_job_completed() returns trigger language plpgsql as $$
begin
  insert into webhook_delivery (id, webhook_id, event_type, itwin_id, content, enqueued_at, next_attempt_at)
  select gen_random_uuid(), webhook.id, 'realityAnalysis.jobCompleted.v1', new.itwin_id,
    jsonb_build_object('jobId', new.id, 'state', new.state), new.ended_at, new.ended_at
  from webhook
  where webhook.active and webhook.org = new.org
    and (webhook.itwin_id is null or webhook.itwin_id = new.itwin_id)
    and webhook.event_types ? 'realityAnalysis.jobCompleted.v1'
  -- One that is being deleted must not keep the job from ending.
  for key share of webhook;
  if found then perform pg_notify('alidade_webhooks', ''); end if;
  return null;
end $$;
create trigger job_completed after update of state on job for each row
  when (old.state is distinct from new.state and new.state in ('success', 'failed', 'cancelled'))
  execute function record_job_completed();
